import { context, type Context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isTracing } from '../tracing.js';

/** Each request is a span, of the trace that `traceparent` names; what it leads to is within it. By the route's pattern, so without ids. */
export function traceRequests(fastify: FastifyInstance): void {
  if (!isTracing()) return;
  const tracer = trace.getTracer('caseledger');
  const running = new WeakMap<FastifyRequest, { readonly span: Span; readonly within: Context }>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.is404 ? undefined : request.routeOptions.url;
    if (route === undefined || /^\/(?:health\/|metrics$)/.test(route)) return done();
    const { method, headers } = request;
    const span = tracer.startSpan(
      `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': route } },
      // Not `tracestate`, nor `baggage`: their texts are the sender's own, and would leave with every span.
      propagation.extract(context.active(), { traceparent: headers['traceparent'] }),
    );
    const within = trace.setSpan(context.active(), span);
    running.set(request, { span, within });
    context.with(within, done);
  });
  // What reads a body goes on in a context of its own.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const known = running.get(request);
    if (known) context.with(known.within, done);
    else done();
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    const span = running.get(request)?.span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
