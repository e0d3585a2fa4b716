import { type ArgumentMetadata, type DynamicModule, Inject, Injectable, Module, type PipeTransform } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { Config } from '../config.js';
import { Clock } from '../database/clock.js';
import { Starting } from '../starting.js';
import { Authentication } from './authentication.js';
import { ConsoleController } from './console.controller.js';
import { ConsistencyTokens } from './consistency.js';
import { isDescribed } from '../fields/field-registry.js';
import { HealthController, HealthRegistry } from './health.js';
import { Metrics, MetricsController, Refusals } from './metrics.js';
import { ProblemDetailsFilter } from './problem-details.js';
import { HeadersGuard } from './request-context.js';
import { RolesGuard } from './roles.js';
import { SignInController } from './sign-in.controller.js';
import { validated, validatedParameters } from '../fields/validation.js';

/** Checks every body, query and path that a class of fields describes. */
@Injectable()
class FieldsPipe implements PipeTransform {
  constructor(@Inject(Clock) private readonly clock: Clock) {}

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || !isDescribed(metatype)) return value;
    return type === 'body' ? validated(metatype, value, this.clock.now()) : validatedParameters(metatype, value, this.clock.now());
  }
}

/** What holds for every route. Needs a `Clock` and an `EventStore` from elsewhere. */
@Module({})
export class HttpModule {
  static forRoot(config: Config, starting: Starting): DynamicModule {
    return {
      module: HttpModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [
        ConsoleController,
        HealthController,
        MetricsController,
        ...(config.issuer.kind === 'local' && !config.production ? [SignInController] : []),
      ],
      providers: [
        { provide: Config, useValue: config },
        { provide: Starting, useValue: starting },
        { provide: Metrics, useFactory: () => new Metrics() },
        Refusals,
        HealthRegistry,
        ConsistencyTokens,
        {
          provide: Authentication,
          inject: [HealthRegistry, Metrics],
          useFactory: (health: HealthRegistry, metrics: Metrics) => {
            const authentication = new Authentication(config);
            authentication.watch(health, metrics);
            return authentication;
          },
        },
        { provide: ProblemDetailsFilter, inject: [Refusals], useFactory: (refusals: Refusals) => new ProblemDetailsFilter(refusals) },
        { provide: APP_FILTER, useExisting: ProblemDetailsFilter },
        // In this order: the role, then what the request holds.
        { provide: APP_GUARD, inject: [Reflector], useFactory: (reflector: Reflector) => new RolesGuard(reflector) },
        {
          provide: APP_GUARD,
          inject: [Reflector, ConsistencyTokens],
          useFactory: (reflector: Reflector, tokens: ConsistencyTokens) => new HeadersGuard(reflector, tokens),
        },
        { provide: APP_PIPE, useClass: FieldsPipe },
      ],
      exports: [Config, Starting, ConsistencyTokens, Metrics, HealthRegistry, Authentication],
    };
  }
}
