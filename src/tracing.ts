import { context, isSpanContextValid, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';

/* Spans of OpenTelemetry. Nothing is done, and nothing costs, until `trace-exporting.ts` was told where they go. */

const tracer = trace.getTracer('caseledger');
let isOn = false;

/** Called once, before anything is traced. */
export function switchTracingOn(): void {
  isOn = true;
}

/** Whether anybody wants spans. */
export const isTracing = (): boolean => isOn;

/** The work as a span of the trace that runs; alone it begins none. @param name of what is done, never of whom or on what */
export function traced<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!isOn || !trace.getActiveSpan()) return work();
  return tracer.startActiveSpan(name, async span => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', typeOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** What goes on after an event, in the trace that stored it, where that is known: the event's `traceparent`. */
export function tracedAfter<T>(traceparent: string | undefined, name: string, work: () => Promise<T>): Promise<T> {
  if (!isOn || traceparent === undefined) return work();
  return context.with(continued(traceparent), () => traced(name, work));
}

/** Work that belongs to many traces at once: a span in each, by `traceparent`. */
export async function tracedInEach<T>(
  after: () => Iterable<{ readonly name: string; readonly traceparent: string }>,
  work: () => Promise<T>,
): Promise<T> {
  if (!isOn) return work();
  const spans = [...after()].map(({ name, traceparent }) => tracer.startSpan(name, { kind: SpanKind.CONSUMER }, continued(traceparent)));
  try {
    return await work();
  } catch (error) {
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', typeOf(error));
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** Of the span that runs (W3C Trace Context), to be kept with what it stores; undefined where nobody wants to know. */
export function currentTraceparent(): string | undefined {
  const running = isOn ? trace.getActiveSpan()?.spanContext() : undefined;
  if (!running || !isSpanContextValid(running) || !(running.traceFlags & TraceFlags.SAMPLED)) return undefined;
  return `00-${running.traceId}-${running.spanId}-01`;
}

const continued = (traceparent: string): ReturnType<typeof propagation.extract> => propagation.extract(ROOT_CONTEXT, { traceparent });

/** A code or a class: messages may repeat what was sent. */
const typeOf = (error: unknown): string => (error as { code?: unknown }).code?.toString() ?? (error as Error).name;
