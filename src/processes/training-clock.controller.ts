import { Body, Controller, Inject, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Clock } from '../database/clock.js';
import { SimulatedClock } from '../database/clocks.js';
import { DomainError } from '../event-store/domain-error.js';
import { EventStore } from '../event-store/event-store.js';
import { misfit } from '../event-store/rule.js';
import { isBefore, isTrainingTime, LAST_TRAINING_YEAR } from '../fields/time.js';
import { Instant } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { ProcessRunner } from '../reacting/process-runner.js';

class MoveClock {
  @Instant({ example: '2020-01-13T15:00:00Z' })
  readonly now!: string;
}

class MovedClock {
  @Instant() readonly now!: string;
}

/** The time of a training copy. Elsewhere there is no such route. */
@Controller('v1/clock')
export class TrainingClockController {
  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(ProcessRunner) private readonly processes: ProcessRunner,
  ) {}

  @Put()
  @Operation({
    summary: 'Move the time of a training copy forwards',
    roles: ['admin'],
    codes: ['not-found'],
    tag: 'training',
    operationId: 'moveClock',
    answer: MovedClock,
    example: { now: '2020-01-13T15:00:00Z' },
    headers: ['Consistency-Token'],
  })
  async move(@Body() { now }: MoveClock, @Res({ passthrough: true }) reply: FastifyReply): Promise<MovedClock> {
    const { clock } = this;
    if (!(clock instanceof SimulatedClock)) throw new DomainError('not-found', 'Only a training copy has a clock that can be moved.');
    return clock.move(async moveTo => {
      if (!isTrainingTime(now)) throw misfit('/now', 'invalid', `A training copy goes to the end of the year ${LAST_TRAINING_YEAR}.`);
      if (isBefore(now, clock.now())) throw misfit('/now', 'invalid', 'The time moves forwards only.');
      await this.processes.pass(now, moveTo);
      reply.header('consistency-token', await this.store.newest());
      return { now: clock.now() };
    });
  }
}
