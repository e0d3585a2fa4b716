import type { HistoryReader, Placed } from '../event-store/fact-reader.js';
import type { ReassignmentEvent } from './reassignment.events.js';
import { reassignmentStream } from './reassignment.state.js';

/** The order as it is stored, with its place among all events; undefined where there is none of that id. */
export async function reassignmentOrder(read: HistoryReader, reassignmentId: string): Promise<Placed<ReassignmentEvent> | undefined> {
  return (await read.history(reassignmentStream, reassignmentId))[0];
}
