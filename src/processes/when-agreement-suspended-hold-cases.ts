import { PARTNER_COUNTRIES, type AgreementEvent, type PartnerCountry } from '../agreements/agreement.events.js';
import { suspensionFacts } from '../agreements/agreement.facts.js';
import { caseFacts, underAgreementWith } from '../cases/case.facts.js';
import { PlaceHold, ReleaseHold } from '../cases/transfer.commands.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { categoryOf, idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import { isAfter, millis, toInstant } from '../event-store/time.js';
import type { Process, ProcessStep } from '../projecting/process.js';
import { command } from './command.js';

type Turn = Recorded<Extract<AgreementEvent, { type: 'AgreementSuspended' | 'AgreementReinstated' }>>;
type Suspensions = Awaited<ReturnType<typeof suspensionFacts>>;

/** What brings a case under an agreement, or back under it. */
const ARRIVALS = ['ScreeningStarted', 'ReturnRecorded', 'WithdrawalRevoked', 'CaseReopened'];
/** Cases looked up at a time, and seen to side by side: few, so that other commands find their turn. */
const PAGE = 200;
const SIDE_BY_SIDE = 8;

/**
 * One process places and releases, so that the turns of one agreement are followed in their order. Each compares the
 * holds with the agreement as it stands: stale timers and repeats are harmless, and an interrupted one goes on.
 */
export const whenAgreementSuspendedHoldCases: Process = {
  name: 'when-agreement-suspended-hold-cases',
  on: ['AgreementSuspended', 'AgreementReinstated', ...ARRIVALS],
  startsFrom: 'beginning',
  react: async (trigger: Recorded<Fact>, step: ProcessStep) => {
    if (categoryOf(trigger.stream) === 'case') return holdArrival(idOf(trigger.stream), step);
    const { from } = (trigger as Turn).data;
    const isToCome = isAfter(from, await step.now());
    return isToCome ? step.at('takes-effect', toInstant(millis(from))) : holdAll(idOf(trigger.stream) as PartnerCountry, step);
  },
  elapsed: (trigger: Recorded<Fact>, _timer: string, step: ProcessStep) => holdAll(idOf(trigger.stream) as PartnerCountry, step),
};

// A case is noted before it asks the agreement, and the pages are read after the agreement has turned: one of the two
// sees the other. So with releases: what the pages passed over before it was held is released by the last look here.
async function holdArrival(caseId: string, step: ProcessStep): Promise<void> {
  const arrived = await caseFacts(step, caseId);
  const country = arrived && underAgreementWith(arrived);
  if (country) {
    await step.note(country, caseId);
    await placeHold(caseId, country, await suspensionsOf(country, step), step);
  }
  // Of any agreement: before an interruption the case may have been under another one.
  const isHeld = (await caseFacts(step, caseId))?.holds.some(({ kind }) => kind === 'agreement-suspended');
  if (isHeld) for (const each of PARTNER_COUNTRIES) await releaseHolds(caseId, await suspensionsOf(each, step), step);
}

async function holdAll(country: PartnerCountry, step: ProcessStep): Promise<void> {
  for (let page = await step.noted(country, '', PAGE); page.length > 0; page = await step.noted(country, page.at(-1) ?? '', PAGE)) {
    const waiting = [...page];
    const workers = Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let caseId = waiting.pop(); caseId !== undefined; caseId = waiting.pop()) {
        const suspensions = await suspensionsOf(country, step);
        await placeHold(caseId, country, suspensions, step);
        await releaseHolds(caseId, suspensions, step);
      }
    });
    await allDone(workers);
  }
}

/** Nothing goes on unseen where one fails. */
async function allDone(workers: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

const suspensionsOf = async (country: PartnerCountry, step: ProcessStep): Promise<Suspensions> =>
  suspensionFacts(step, country, await step.now());

/** One hold for each suspension and case: released by hand, it does not come back. */
const holdIdOf = (suspensionId: string, caseId: string): string => uuidV5(caseId, suspensionId);

async function placeHold(caseId: string, country: PartnerCountry, { standing }: Suspensions, step: ProcessStep): Promise<void> {
  const found = standing === null ? null : await caseFacts(step, caseId);
  if (standing === null || !found || underAgreementWith(found) !== country) return;
  const holdId = holdIdOf(standing, caseId);
  if (!found.holdIds.includes(holdId)) await step.send(`hold ${standing}`, command(PlaceHold, { holdId, kind: 'agreement-suspended' }), caseId);
}

async function releaseHolds(caseId: string, { reinstated }: Suspensions, step: ProcessStep): Promise<void> {
  if (reinstated.length === 0) return;
  const ended = new Set(reinstated.map(suspensionId => holdIdOf(suspensionId, caseId)));
  for (const { holdId } of (await caseFacts(step, caseId))?.holds ?? []) {
    if (ended.has(holdId)) await step.send(`release ${holdId}`, command(ReleaseHold, { holdId }), caseId);
  }
}
