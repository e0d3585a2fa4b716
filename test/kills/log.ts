import type { Database } from '../../src/database/database.js';
import { categoryOf, idOf, type StoredEvent } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { recorded } from '../../src/event-store/stream-kind.js';
import { Breach, Safeguards } from '../model/safeguards.js';
import { KINDS } from '../support/in-memory-caseledger.js';
import { Wrong, type Command, type Records, type Safeguard } from './record.js';

/** Every stored event in the order of the store. */
export async function readLog(database: Database, eventStoreUrl: string | undefined): Promise<StoredEvent[]> {
  const store = await openEventStore(database, eventStoreUrl, () => undefined);
  try {
    const events: StoredEvent[] = [];
    for await (const batch of store.readAll()) events.push(...batch);
    return events;
  } finally {
    await store.close();
  }
}

/** Each stream dense, each event once; but who looked may be noted twice where the answer to an append was lost. @throws Wrong */
export function mustBeWhole(log: readonly StoredEvent[]): void {
  const ids = new Set<string>();
  const revisions = new Map<string, number>();
  for (const { id, stream, revision } of log) {
    const expected = (revisions.get(stream) ?? -1) + 1;
    if (revision !== expected) throw new Wrong(`${stream} holds revision ${revision} where ${expected} should stand`);
    if (ids.has(id) && !stream.startsWith('access-')) throw new Wrong(`${stream} at revision ${revision}: the event ${id} is stored twice`);
    revisions.set(stream, revision);
    ids.add(id);
  }
}

/**
 * What was acknowledged is stored as it was answered, and nothing else of that command anywhere; what was refused left nothing but the
 * attempt.
 * @throws Wrong
 */
export function mustHoldOnce(log: readonly StoredEvent[], { commands }: Records): void {
  const stored = new Map<string, StoredEvent[]>();
  for (const event of log) stored.set(event.metadata.commandId, [...(stored.get(event.metadata.commandId) ?? []), event]);
  for (const { key, path, answered } of commands) {
    const found = (stored.get(key) ?? []).map(({ stream, id, type, revision }) => `${stream} ${revision} ${type} ${id}`);
    if (!answered) {
      if (new Set((stored.get(key) ?? []).map(({ id }) => id)).size !== found.length)
        throw new Wrong(`${path} (${key}), which was never answered, is stored twice`);
      continue;
    }
    const { status, code, stream, events } = answered;
    const told = events.map(({ id, type, revision }) => `${stream} ${revision} ${type} ${id}`);
    const attempt = status >= 300 && found.every(line => / (DepartureBlocked|WithdrawalRefused) /.test(line));
    if (!attempt && told.join() !== found.join())
      throw new Wrong(`${path} (${key}) was answered ${code ?? status} with [${told.join(', ')}]; stored is [${found.join(', ')}]`);
  }
}

/** Judged by a model of its own, event by event, and at rest. @throws Wrong */
export function mustKeepSafeguards(log: readonly StoredEvent[], now: string): Safeguards {
  const kinds = new Map(KINDS.map(kind => [kind.category, kind]));
  const safeguards = new Safeguards('maybe older');
  for (const event of log) {
    const kind = kinds.get(categoryOf(event.stream));
    if (!kind) continue;
    try {
      safeguards.judge(recorded(kind, event, null) as Parameters<Safeguards['judge']>[0]);
    } catch (error) {
      if (error instanceof Breach)
        throw new Wrong(`${event.type} of ${event.stream} at revision ${event.revision}, ${event.position}: ${error.message}`);
      throw error;
    }
  }
  try {
    safeguards.atRest(now);
  } catch (error) {
    if (error instanceof Breach) throw new Wrong(error.message);
    throw error;
  }
  return safeguards;
}

/** Nobody left after what protects the person had been acknowledged, by the clock of those who asked. @throws Wrong */
export function mustNotBeOutrun(log: readonly StoredEvent[], { commands, safeguards }: Records): number {
  const asked = new Map(commands.map(command => [command.key, command]));
  let judged = 0;
  for (const { type, stream, data, metadata } of log) {
    const command = asked.get(metadata.commandId);
    if (type !== 'FlightDeparted' || !command) continue;
    const boarded = data['boarded'] as readonly string[];
    if (boarded.length === 0) continue;
    const country = log.find(event => event.stream === stream)?.data['country'] as string;
    for (const safeguard of safeguards) {
      judged++;
      if (
        stoodInTheWay(safeguard, command) &&
        (safeguard.country === country || safeguard.caseIds.some(caseId => boarded.includes(caseId)))
      ) {
        throw new Wrong(
          `flight ${idOf(stream)} left with ${boarded.join(', ')} although ${safeguard.what} had been acknowledged ` +
            `${Math.round(command.firstSentAt - safeguard.acknowledgedAt)} ms before that was asked`,
        );
      }
    }
  }
  return judged;
}

const stoodInTheWay = ({ acknowledgedAt, endAskedAt = Infinity }: Safeguard, { firstSentAt, answered }: Command): boolean =>
  firstSentAt > acknowledgedAt && (answered?.at ?? Infinity) < endAskedAt;
