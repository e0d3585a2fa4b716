import { Injectable } from '@nestjs/common';
import { START, type Position } from '../../event-store/event-store.js';
import { HealthRegistry } from '../../http/health.js';
import { Metrics } from '../../http/metrics.js';
import { Followers } from '../../operating/followers.js';
import { ProgressWatch, type Pace } from '../../operating/progress-watch.js';
import { MerkleLog } from './merkle-log.js';
import { Sequencer } from './sequencer.js';
import { Witnesses, type WitnessStatus } from './witnesses.js';

interface LogStatus extends Pace {
  readonly position: Position;
  readonly size: number;
  readonly caughtUp: boolean;
  /** Since when no signed head covers what was newest in it then. */
  readonly unsignedSeconds: number;
  /** Why it takes in nothing, or why no head can be signed. */
  readonly stopped?: string;
  readonly witnesses?: readonly WitnessStatus[];
}

/** What the service tells operators of the log. Nobody is sent away while it is behind: those whom a case protects do not depend on it. */
@Injectable()
export class LogHealth {
  constructor(
    private readonly log: MerkleLog,
    private readonly sequencer: Sequencer,
    private readonly witnesses: Witnesses,
    private readonly watch: ProgressWatch,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly followers: Followers,
  ) {}

  /** Once, while the application is put together. */
  register(): void {
    this.health.add('log', async () => ({ up: true, ...(await this.status()) }));
    this.metrics.watch({ name: 'log_lag_seconds', help: 'Since when the log has not taken in what was newest then' }, async () => [
      { value: (await this.status()).lagSeconds },
    ]);
    this.metrics.watch({ name: 'log_stopped', help: '1 while the log takes in no events, or no head of it can be signed' }, async () => {
      const { stopped, isStuck } = await this.status();
      return [{ value: stopped !== undefined || isStuck ? 1 : 0 }];
    });
    this.metrics.watch(
      { name: 'log_unsigned_seconds', help: 'Since when no signed head covers what was the newest entry of the log then' },
      async () => [{ value: (await this.status()).unsignedSeconds }],
    );
    this.metrics.watch(
      { name: 'log_witness_failing', help: '1 while heads of the log do not reach the witness', labels: ['witness'] },
      async () =>
        (await this.witnesses.status()).map(({ witness, failure, late }) => ({
          labels: { witness },
          value: failure !== null || late ? 1 : 0,
        })),
    );
    this.followers.watch(() => this.status());
  }

  /** @throws DatabaseUnavailable, StoreUnavailable */
  private async status(): Promise<LogStatus> {
    const state = await this.log.state();
    const position = state?.position ?? START;
    const pace = await this.watch.other('log', position);
    const unsignedSeconds = state ? this.watch.since('heads of the log', (await this.log.heads.last(state)).size, state.size) : 0;
    const stopped = this.sequencer.stopped ?? (await this.log.fault());
    const witnesses = await this.witnesses.status();
    return {
      position,
      size: state?.size ?? 0,
      ...pace,
      unsignedSeconds,
      ...(stopped && { stopped }),
      ...(witnesses.length > 0 && { witnesses }),
    };
  }
}
