import { Controller, Get, Inject, Injectable, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One series of a gauge; absent labels are empty. */
export interface Sample<Label extends string = never> {
  readonly labels?: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** Where every part of the service registers its metrics. Labels never hold ids, names or paths as sent. */
export class Metrics extends Registry {
  constructor() {
    super();
    collectDefaultMetrics({ register: this });
  }

  /**
   * A gauge that is looked up whenever it is read. While the look fails there is no series: yesterday's figures, or a zero, would say
   * that all is well.
   */
  watch<Label extends string = never>(
    { name, help, labels = [] }: { readonly name: string; readonly help: string; readonly labels?: readonly Label[] },
    look: () => Promise<readonly Sample<Label>[]>,
  ): void {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this],
      async collect() {
        const seen = await look().catch(() => []);
        gauge.reset();
        // A reset leaves a zero where there are no labels.
        if (labels.length === 0) gauge.remove();
        for (const { labels: of, value } of seen) gauge.set(of ?? {}, value);
      },
    });
  }
}

/** Counts the problems answered, by code. */
@Injectable()
export class Refusals {
  private readonly counter: Counter<'code'>;

  constructor(@Inject(Metrics) metrics: Metrics) {
    this.counter = new Counter({
      name: 'http_refusals_total',
      help: 'Requests that were refused, by code',
      labelNames: ['code'],
      registers: [metrics],
    });
  }

  count(code: string): void {
    this.counter.inc({ code });
  }

  /** What has not been refused yet is told as 0: from nothing to 1 no monitor sees a rise. */
  foresee(codes: readonly string[]): void {
    for (const code of codes) this.counter.inc({ code }, 0);
  }
}

/** Methods are named that routes have; a sender may come with any other. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT']);

/** Counts and times every request by the route's pattern. How many series there can be depends on routes and statuses alone. */
export function timeRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [metrics],
  });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its answer',
    // Not by status: that would multiply every bucket.
    labelNames: ['method', 'route'],
    buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [metrics],
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const known = !request.is404 && METHODS.has(request.method) && request.routeOptions.url !== undefined;
    const labels = known ? { method: request.method, route: request.routeOptions.url ?? '' } : { method: 'other', route: 'unknown' };
    requests.inc({ ...labels, status: reply.statusCode });
    seconds.observe(labels, reply.elapsedTime / 1000);
    done();
  });
}

@ApiExcludeController()
@Controller()
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get('metrics')
  async show(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', this.metrics.contentType);
    return this.metrics.metrics();
  }
}
