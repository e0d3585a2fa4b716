import { Inject, Injectable } from '@nestjs/common';
import type { Receipt } from '../event-store/act.js';
import { EventStore, type Position, START, StoreUnavailable } from '../event-store/event-store.js';
import type { Fault } from '../fields/validation.js';

/** What a query must at least reflect, as commands tell it and queries are told. */
@Injectable()
export class ConsistencyTokens {
  private newest: Position = START;

  constructor(@Inject(EventStore) private readonly store: EventStore) {}

  /** What a query must wait for to reflect the command; where it stored nothing, all that was stored before. */
  async of({ position }: Receipt): Promise<Position> {
    const token = position ?? (await this.store.newest());
    if (token > this.newest) this.newest = token;
    return token;
  }

  /** What is wrong with a token. Another process may have stored what it names: only the store knows that nobody did. */
  async faultOf(token: Position): Promise<Fault | undefined> {
    const madeUp = { code: 'invalid', message: 'Consistency-Token must be as a command returned it' };
    if (token === START) return undefined;
    if (!this.store.isPosition(token)) return madeUp;
    return token <= this.newest || (await this.mayBeStored(token)) ? undefined : madeUp;
  }

  /** While the store is away a read model may well have seen it. */
  private async mayBeStored(token: Position): Promise<boolean> {
    try {
      this.newest = await this.store.newest();
      return token <= this.newest;
    } catch (error) {
      if (error instanceof StoreUnavailable) return true;
      throw error;
    }
  }
}
