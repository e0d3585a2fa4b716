import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { type AppendRequest, type AppendResult, type EventStore, StoreUnavailable } from './event-store.js';
import { traced } from '../tracing.js';
import { ForwardingEventStore } from './forwarding-event-store.js';

/** Appends of this process that failed since it started. */
export class AppendFailures {
  total = 0;
}

/** Counts the appends that the store did not take, or whose outcome nobody knows. */
export class CountedAppends extends ForwardingEventStore {
  constructor(
    store: EventStore,
    private readonly failures: AppendFailures,
  ) {
    super(store);
  }

  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    try {
      return await traced('append', () => this.store.append(requests));
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof DatabaseUnavailable) this.failures.total++;
      throw error;
    }
  }
}
