import type { Placed } from '../event-store/ledger.js';
import type { CaseEvent } from './case.events.js';
import { alienNumbersOf } from './case.state.js';
import { caseStream } from './case.stream.js';

/**
 * Since which event each number that the person bears has been on record without a break.
 * @param history with what is personal opened
 */
export function numbersSince(history: readonly Placed<CaseEvent>[]): ReadonlyMap<string, Placed<CaseEvent>> {
  const since = new Map<string, Placed<CaseEvent>>();
  let asylumCase = caseStream.initial;
  for (const event of history) {
    if (event.type !== 'CaseOpened' && event.type !== 'ApplicantCorrected') continue;
    asylumCase = caseStream.evolve(asylumCase, event);
    const numbers = alienNumbersOf(asylumCase.applicant ?? {});
    for (const number of since.keys()) if (!numbers.includes(number)) since.delete(number);
    for (const number of numbers) if (!since.has(number)) since.set(number, event);
  }
  return since;
}
