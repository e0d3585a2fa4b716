import type { FactReader, HistoryReader } from '../event-store/fact-reader.js';
import { alienNumbersOf } from './applicant.state.js';
import type { AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';
import { takenUpBy } from './numbers.rules.js';
import { asBefore, protectionsIn, staysInFile, type Protection } from './protections.rules.js';

export { staysInFile };

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

/** The numbers that the person bears now. */
export const numbersOf = ({ applicant }: AsylumCase): readonly string[] => alienNumbersOf(applicant ?? {});

const sharesNumber = (one: AsylumCase, other: AsylumCase): boolean => numbersOf(one).some(number => numbersOf(other).includes(number));

/** Whether another open file bears a number of the person, and it is not said in both that it is another's. */
export async function isUnresolved(read: FactReader, caseId: string, asylumCase: AsylumCase): Promise<boolean> {
  for (const [other, { standing }] of Object.entries(asylumCase.duplicates)) {
    const { state: found } = await read.read(caseStream, other);
    if (found.status === 'closed' || !sharesNumber(asylumCase, found)) continue;
    if (standing !== 'dismissed' || found.duplicates[caseId]?.standing !== 'dismissed') return true;
  }
  return false;
}

/**
 * Of the numbers that the person bears since that event and that stand in the other file too: the event, of either file, since
 * which they do in both; undefined where there are none.
 */
export async function sharedBy(read: HistoryReader, caseId: string, eventId: string, other: string): Promise<string | undefined> {
  const [own, others] = [takenUpBy(await read.history(caseStream, caseId)), takenUpBy(await read.history(caseStream, other))];
  const since = [...own].flatMap(([number, event]) => {
    const also = others.get(number);
    return also && event.id === eventId ? [event.position > also.position ? event : also] : [];
  });
  return since.toSorted((a, b) => (a.position < b.position ? 1 : -1))[0]?.id;
}
