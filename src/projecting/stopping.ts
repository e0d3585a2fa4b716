import { DatabaseUnavailable, sqlStateOf } from '../database/database-unavailable.js';
import { StoreUnavailable } from '../event-store/event-store.js';
import { StoreExchanged } from '../event-store/eventstoredb/identity.js';
import { ForeignEvent } from '../event-store/eventstoredb/stored-form.js';
import { EventsMissing } from '../event-store/recorded-events.js';
import { UnknownEvent } from '../event-store/stream-kind.js';
import { KeyMissing } from '../personal-data/data-keys.js';
import { DataKeyDamaged, MasterKeyMismatch } from '../personal-data/master-key.js';
import { SealBroken } from '../personal-data/sealing.js';
import { describeSafely } from './back-off.js';

/** How long one that was stopped rests before it looks whether the cause is gone, in milliseconds. */
export const REST_MS = 15_000;

/** What is followed is not the store that is there; nothing can be right after that. */
export class StrangeStore extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StrangeStore';
  }
}

const NO_BETTER = [
  UnknownEvent,
  EventsMissing,
  StrangeStore,
  StoreExchanged,
  ForeignEvent,
  KeyMissing,
  SealBroken,
  MasterKeyMismatch,
  DataKeyDamaged,
] as const;

/** All that may stop a follower: what somebody has to mend. Whatever else happens is tried again for ever. */
export const cannotGetBetter = (error: unknown): boolean => NO_BETTER.some(kind => error instanceof kind);

/**
 * The message of those errors, and of those of a store or a database that is away: they repeat nothing that was stored. Of any other, only
 * what it is and where.
 */
export const reasonOf = (error: unknown): string =>
  cannotGetBetter(error) || error instanceof StoreUnavailable || error instanceof DatabaseUnavailable
    ? (error as Error).message
    : describeSafely(error);

/** Whether the failure lies in a store or the database, and not in what was asked of them. */
export const isPassing = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable || error instanceof StoreUnavailable || sqlStateOf(error) !== undefined;

// Cardinality (21), data (22), integrity (23), limits such as an index row's (54), and what a function raises (P0).
const OF_THE_DATA = /^(?:21|22|23|54|P0)/;

/** Whether it is the event that a read model cannot take, and not the database that does not take anything now. */
export const isPoison = (error: unknown): boolean => !isPassing(error) || OF_THE_DATA.test(sqlStateOf(error) ?? '');
