import type { Receipt } from '../event-store/act.js';
import type { EventStore, Position } from '../event-store/event-store.js';
import type { Fault } from './validation.js';

const TOKEN = /^[\w.~:+/=-]{1,100}$/;

/** The position that a Consistency-Token names; one that cannot be of ours is a fault. */
export function readConsistencyToken(header: string | undefined, faults: Fault[]): Position | undefined {
  if (header === undefined || TOKEN.test(header)) return header;
  faults.push({ code: 'invalid', message: 'Consistency-Token must be as a command returned it' });
  return undefined;
}

/** What a query must wait for to reflect the command; where it stored nothing, all that was stored before. */
export async function consistencyToken(receipt: Receipt, store: EventStore): Promise<Position> {
  return receipt.position ?? (await store.newest());
}
