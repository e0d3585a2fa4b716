import type { HistoryReader } from '../event-store/ledger.js';
import { caseStream } from './case.stream.js';
import { asBefore, protectionsIn, type Protection } from './protections.rules.js';

/** What protects the person in that file and stands. */
export const protectionsOf = async (read: HistoryReader, caseId: string): Promise<readonly Protection[]> =>
  protectionsIn(await read.history(caseStream, caseId), caseId);

/** The files that were closed as duplicates of each other, this one among them; none where one of them goes on. */
export async function ringOf(read: HistoryReader, caseId: string): Promise<readonly string[]> {
  const path: string[] = [];
  let next: string | null = caseId;
  while (next !== null && !path.includes(next)) {
    path.push(next);
    next = (await duplicateOf(read, next)) ?? null;
  }
  return next === caseId ? path : [];
}

const duplicateOf = async (read: HistoryReader, caseId: string): Promise<string | null> =>
  (await read.read(caseStream, caseId)).state.duplicateOf;

/** What the file was closed as a duplicate of before the event at that revision. */
export const duplicateOfBefore = async (read: HistoryReader, caseId: string, revision: number): Promise<string | null> =>
  asBefore(await read.history(caseStream, caseId), revision).duplicateOf;
