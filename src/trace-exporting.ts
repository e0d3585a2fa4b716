import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from './config-error.js';
import { switchTracingOn } from './tracing.js';
import { version } from './version.js';

/** So long the last spans are waited for, in milliseconds. */
const LAST_WITHIN_MS = 1_000;
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

/**
 * Sends spans to where the usual variables of OpenTelemetry say, as OTLP over HTTP in JSON. Packages are only loaded where one names an
 * endpoint. Whoever is away there is not waited for: what cannot be sent is dropped.
 * @returns what sends the last ones @throws ConfigError for an endpoint that is none
 */
export async function startTracing(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const named = ENDPOINTS.filter(name => env[name]);
  if (named.length === 0 || env['OTEL_SDK_DISABLED'] === 'true') return async () => undefined;
  const wrong = named.filter(name => !/^https?:\/\//.test(env[name] ?? '') || !URL.canParse(env[name] ?? ''));
  if (wrong.length > 0) throw new ConfigError(wrong.map(name => `${name} must be an address that begins with http:// or https://`));
  const [{ OTLPTraceExporter }, { defaultResource, detectResources, envDetector, resourceFromAttributes }, sdk] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-node'),
  ]);
  const own = resourceFromAttributes({ 'service.name': 'caseledger', 'service.version': version });
  const provider = new sdk.NodeTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  switchTracingOn();
  return () => Promise.race([provider.shutdown().catch(() => undefined), sleep(LAST_WITHIN_MS, undefined, { ref: false })]);
}
