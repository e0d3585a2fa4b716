import { Controller, Get, Inject, Injectable, Res, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Live, Ready } from './health.answers.js';
import { OpenOperation } from './operation.js';

export type HealthIndicator = () => Promise<{ readonly up: boolean } & Readonly<Record<string, unknown>>>;

/** What the service depends on; each part adds its own. */
@Injectable()
export class HealthRegistry {
  private readonly indicators = new Map<string, HealthIndicator>();

  add(name: string, indicator: HealthIndicator): void {
    this.indicators.set(name, indicator);
  }

  get(name: string): HealthIndicator | undefined {
    return this.indicators.get(name);
  }

  /** Whether each is up now. Never rejects. */
  async up(): Promise<ReadonlyMap<string, boolean>> {
    const results = await Promise.all(this.checks().map(check => check()));
    return new Map(results.flatMap(result => Object.entries(result).map(([name, { status }]) => [name, status === 'up'] as const)));
  }

  checks(): (() => Promise<HealthIndicatorResult>)[] {
    return [...this.indicators].map(
      ([name, indicator]) =>
        () =>
          within(TIME_LIMIT_MS, name, indicator),
    );
  }
}

const TIME_LIMIT_MS = 3000;

/** An indicator that throws or hangs counts as down; its words stay inside. */
async function within(limitMs: number, name: string, indicator: HealthIndicator): Promise<HealthIndicatorResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), limitMs);
  });
  try {
    const { up, ...details } = await Promise.race([indicator(), late]);
    return { [name]: { status: up ? 'up' : 'down', ...details } };
  } catch {
    return { [name]: { status: 'down' } };
  } finally {
    clearTimeout(timer);
  }
}

@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthRegistry) private readonly registry: HealthRegistry,
  ) {}

  @Get('live')
  @OpenOperation({
    summary: 'Whether the process answers',
    tag: 'service',
    operationId: 'live',
    codes: [],
    answers: [Live],
    example: { status: 'ok' },
  })
  live(): Live {
    return { status: 'ok' };
  }

  @Get('ready')
  @OpenOperation({
    summary: 'Each dependency, and how far each read model, each process and the log are',
    tag: 'service',
    operationId: 'ready',
    codes: [],
    answers: [Ready],
    example: { status: 'ok', details: { database: { status: 'up' } } },
    otherwise: { status: 503, description: 'The same, while something that it needs is down.', headers: ['Retry-After'] },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthCheckResult | object | string> {
    try {
      return await this.health.check(this.registry.checks());
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      reply.status(503).header('retry-after', '2');
      return error.getResponse();
    }
  }
}
