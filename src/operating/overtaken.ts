import type { Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import { IS_IN_STREAMS } from '../projecting/place-in-streams.js';

export interface Overtaken {
  readonly name: string;
  /** Where it was already. */
  readonly position: Position;
  readonly what: string;
}

/**
 * Followers whose checkpoint stands before what they hold themselves: it was put back, and they would do again what they did.
 * @throws DatabaseUnavailable
 */
export async function overtaken(database: Queryable): Promise<readonly Overtaken[]> {
  const { rows } = await database.query<Overtaken>(`
    SELECT m.name, max(p.position) AS position, 'an event is parked there' AS what
    FROM ledger.read_models m JOIN ledger.parked_events p ON p.read_model = m.name AND p.generation = m.generation
    AND p.position > m.position AND NOT m.${IS_IN_STREAMS} GROUP BY m.name
    UNION ALL SELECT name, triggered, 'it took an event in there' FROM ledger.processes WHERE triggered > position
    UNION ALL SELECT p.name, max(i.position), 'an event waits there to be answered' FROM ledger.processes p
    JOIN ledger.process_inbox i ON i.process = p.name AND i.position > p.position GROUP BY p.name
    UNION ALL SELECT p.name, max(t.position), 'a timer was set there' FROM ledger.processes p
    JOIN ledger.process_timers t ON t.process = p.name AND t.position > p.position GROUP BY p.name`);
  return rows;
}
