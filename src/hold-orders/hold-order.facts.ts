import type { Position } from '../event-store/event-store.js';
import type { HistoryReader } from '../event-store/fact-reader.js';
import { holdOrderStream } from './hold-order.state.js';

/** Whom what is sealed in the order is about, and its place among all events. */
export async function sealedInOrder(
  read: HistoryReader,
  holdOrderId: string,
): Promise<{ readonly caseIds: readonly string[]; readonly newest: Position | undefined }> {
  const [issued] = await read.history(holdOrderStream, holdOrderId);
  return { caseIds: issued?.data.caseIds ?? [], newest: issued?.position };
}
