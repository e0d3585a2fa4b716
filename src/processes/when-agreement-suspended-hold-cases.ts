import { PARTNER_COUNTRIES, type PartnerCountry } from '../agreements/agreement.events.js';
import { suspensionFacts } from '../agreements/agreement.facts.js';
import { caseAsItStands, caseFacts, underAgreementWith, type AsylumCase } from '../cases/case.facts.js';
import { PlaceHold, ReleaseHold } from '../cases/transfer.commands.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { idOf } from '../event-store/event-store.js';
import { isAfter, millis, toInstant } from '../fields/time.js';
import { URGENCY, type ProcessStep } from '../reacting/process.js';
import { sideBySide } from '../reacting/side-by-side.js';
import { command } from './command.js';
import { pagesNoted } from './noted.js';
import { isOneOf, process, type Trigger } from './trigger.js';

type Suspensions = Awaited<ReturnType<typeof suspensionFacts>>;

/** What brings a case under an agreement, or back under it; and what takes it away, for good or for a while. */
const ARRIVALS = ['ScreeningStarted', 'ReturnRecorded', 'WithdrawalRevoked', 'CaseReopened'] as const;
const LEAVINGS = [
  'ApplicantDeparted',
  'ClaimWithdrawn',
  'ReferredToUsProcedure',
  'DeterminationConfirmed',
  'CaseClosed',
  'MarkedAsDuplicate',
  'DeathRecorded',
] as const;
const TURNS = ['AgreementSuspended', 'AgreementReinstated'] as const;

/**
 * One process places and releases, so that the turns of one agreement are followed in their order. Each compares the
 * holds with the agreement as it stands: stale timers and repeats are harmless, and an interrupted one goes on.
 */
export const whenAgreementSuspendedHoldCases = process({
  name: 'when-agreement-suspended-hold-cases',
  on: [...TURNS, ...ARRIVALS, ...LEAVINGS],
  startsFrom: 'beginning',
  urgency: category => (category === 'agreement' ? URGENCY.protectsMany : URGENCY.protects),
  react: async (trigger, step) => {
    if (isOneOf(LEAVINGS, trigger)) return forgetLeft(idOf(trigger.stream), step);
    if (isOneOf(ARRIVALS, trigger)) return holdArrival(idOf(trigger.stream), step);
    const takesEffect = takesEffectAt(trigger);
    const isToCome = isAfter(takesEffect, await step.now());
    return isToCome ? step.at('takes-effect', takesEffect) : holdAll(idOf(trigger.stream) as PartnerCountry, step);
  },
  timers: {
    elapsed: (trigger, _timer, step) => holdAll(idOf(trigger.stream) as PartnerCountry, step),
    dueAt: async (trigger, timer) => (timer === 'takes-effect' && isOneOf(TURNS, trigger) ? takesEffectAt(trigger) : undefined),
    awaited: async trigger => (isOneOf(TURNS, trigger) ? [{ timer: 'takes-effect', dueAt: takesEffectAt(trigger) }] : []),
  },
  async keeps(trigger, look) {
    const caseId = idOf(trigger.stream);
    const found = isOneOf(ARRIVALS, trigger) ? await caseFacts(look, caseId) : null;
    const country = found && underAgreementWith(found);
    return country ? [{ list: country, item: caseId }] : [];
  },
});

const takesEffectAt = ({ data: { from } }: Trigger<(typeof TURNS)[number]>): string => toInstant(millis(from));

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
  if (isHeldFor(await caseFacts(step, caseId)))
    for (const each of PARTNER_COUNTRIES) await releaseHolds(caseId, await suspensionsOf(each, step), step);
}

function holdAll(country: PartnerCountry, step: ProcessStep): Promise<void> {
  return sideBySide(underAgreement(country, step), ({ caseId, suspensions }) => holdOrRelease(caseId, country, suspensions, step));
}

// The agreement is asked once a page: what a turn in between makes wrong, that turn puts right, which is answered after this one.
async function* underAgreement(
  country: PartnerCountry,
  step: ProcessStep,
): AsyncGenerator<{ readonly caseId: string; readonly suspensions: Suspensions }> {
  for await (const page of pagesNoted(country, step)) {
    const suspensions = await suspensionsOf(country, step);
    for (const caseId of page) yield { caseId, suspensions };
  }
}

async function holdOrRelease(caseId: string, country: PartnerCountry, suspensions: Suspensions, step: ProcessStep): Promise<void> {
  await placeHold(caseId, country, suspensions, step);
  await releaseHolds(caseId, suspensions, step);
}

const isHeldFor = (found: AsylumCase | null): boolean => found?.holds.some(({ kind }) => kind === 'agreement-suspended') === true;

/**
 * Who is neither under an agreement nor held for one is noted again on coming back. A turn of the agreement may hold somebody who is
 * just leaving: it looks after it has held, and here is looked after it was forgotten; whichever comes last keeps the case in mind.
 */
async function forgetLeft(caseId: string, step: ProcessStep): Promise<void> {
  const found = await caseFacts(step, caseId);
  if (!found || underAgreementWith(found) !== null || isHeldFor(found)) return;
  await Promise.all(PARTNER_COUNTRIES.map(country => step.forget(country, caseId)));
  if (isHeldFor(await caseFacts(step, caseId))) await Promise.all(PARTNER_COUNTRIES.map(country => step.note(country, caseId)));
}

const keepOrForget = (found: AsylumCase, caseId: string, country: PartnerCountry, step: ProcessStep): Promise<void> =>
  isHeldFor(found) ? step.note(country, caseId) : forgetLeft(caseId, step);

const suspensionsOf = async (country: PartnerCountry, step: ProcessStep): Promise<Suspensions> =>
  suspensionFacts(step, country, await step.now());

/** One hold for each suspension and case: released by hand, it does not come back. */
const holdIdOf = (suspensionId: string, caseId: string): string => uuidV5(caseId, suspensionId);

async function placeHold(caseId: string, country: PartnerCountry, { standing }: Suspensions, step: ProcessStep): Promise<void> {
  const stands = standing === null ? null : await caseAsItStands(step, caseId);
  if (standing === null || !stands) return;
  const { found, revision } = stands;
  if (underAgreementWith(found) !== country) return keepOrForget(found, caseId, country, step);
  const holdId = holdIdOf(standing, caseId);
  if (found.holdIds.includes(holdId)) return;
  const sent = await step.send(`hold ${standing}`, command(PlaceHold, { holdId, kind: 'agreement-suspended' }), caseId);
  // Stored right behind what was looked at: nobody had left before it.
  if (sent.outcome === 'done' && sent.receipt.revision === revision + 1) return;
  const held = await caseFacts(step, caseId);
  if (held && underAgreementWith(held) !== country) await keepOrForget(held, caseId, country, step);
}

async function releaseHolds(caseId: string, { reinstated }: Suspensions, step: ProcessStep): Promise<void> {
  if (reinstated.length === 0) return;
  const ended = new Set(reinstated.map(suspensionId => holdIdOf(suspensionId, caseId)));
  const standing = (await caseFacts(step, caseId))?.holds.filter(({ holdId }) => ended.has(holdId)) ?? [];
  for (const { holdId } of standing) await step.send(`release ${holdId}`, command(ReleaseHold, { holdId }), caseId);
  // Whoever left while the hold stood was still kept in mind.
  if (standing.length > 0) await forgetLeft(caseId, step);
}
