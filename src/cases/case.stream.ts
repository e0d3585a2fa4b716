import { DomainError } from '../event-store/domain-error.js';
import type { EventStore } from '../event-store/event-store.js';
import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { evolveAftercare } from './aftercare.state.js';
import { aftercareEvents, erasureEvents, intakeEvents, mergingEvents, screeningEvents, transferEvents } from './case.shapes.js';
import type { AftercareEvent, CaseEvent, ErasureEvent, IntakeEvent, MergingEvent, ScreeningEvent } from './case.events.js';
import { copied } from './copied.state.js';
import { caseRuleBook } from './case.rule-book.js';
import { noCase, type AsylumCase } from './case.state.js';
import { evolveErasure } from './erasure.state.js';
import { evolveIntake } from './intake.state.js';
import { evolveMerging, rememberCarried } from './merging.state.js';
import { rememberRemark } from './remarks.state.js';
import { evolveScreening } from './screening.state.js';
import { evolveTransfer } from './transfer.state.js';

const evolve = (asylumCase: AsylumCase, event: Recorded<CaseEvent>): AsylumCase => {
  const next = rememberRemark(rememberCarried(evolveByStage(received(asylumCase, event), event), event), event);
  return next === asylumCase ? next : copied(next);
};

/** Once a person of the office that has the case writes, the one that gave it has no say any more. */
const received = (asylumCase: AsylumCase, { metadata: { actor } }: Recorded<CaseEvent>): AsylumCase =>
  asylumCase.givenBy !== null && actor.office === asylumCase.office ? { ...asylumCase, givenBy: null } : asylumCase;

function evolveByStage(asylumCase: AsylumCase, event: Recorded<CaseEvent>): AsylumCase {
  if (event.type in intakeEvents) return evolveIntake(asylumCase, event as Recorded<IntakeEvent>);
  if (event.type in screeningEvents) return evolveScreening(asylumCase, event as Recorded<ScreeningEvent>);
  if (event.type in mergingEvents) return evolveMerging(asylumCase, event as Recorded<MergingEvent>);
  if (event.type in aftercareEvents) return evolveAftercare(asylumCase, event as Recorded<AftercareEvent>);
  if (event.type in erasureEvents) return evolveErasure(asylumCase, event as Recorded<ErasureEvent>);
  return evolveTransfer(asylumCase, event as Parameters<typeof evolveTransfer>[1]);
}

/** Whoever made an entry took part in the screening, also where the entry was retracted. */
function evolveRetracted(asylumCase: AsylumCase, event: Recorded<CaseEvent>): AsylumCase {
  const { screening } = asylumCase;
  const officers = evolve(asylumCase, event).screening?.officers;
  const left = received(asylumCase, event);
  return rememberCarried(screening && officers ? { ...left, screening: { ...screening, officers } } : left, event);
}

const broken = (codes: readonly string[]) =>
  codes.map(code => ({ code, message: (caseRuleBook as Readonly<Record<string, string>>)[code] ?? code }));

export const caseStream: StreamKind<AsylumCase, CaseEvent> = {
  category: 'case',
  events: { ...intakeEvents, ...mergingEvents, ...screeningEvents, ...transferEvents, ...aftercareEvents, ...erasureEvents },
  initial: noCase,
  evolve,
  retracts: event => (event.type === 'EntryRetracted' ? event.data.eventId : undefined),
  evolveRetracted,
  erases: ({ type }) => type === 'PersonalDataErased',
  refusal: event => {
    if (event.type === 'DepartureBlocked') return broken(event.data.failedChecks);
    if (event.type === 'WithdrawalRefused') return broken(event.data.codes);
    return undefined;
  },
  shown: event => (event.type === 'CaseOpened' ? { possibleDuplicates: event.data.possibleDuplicates } : undefined),
};

/** Of the case's newest event, as the store has it now. @throws DomainError `not-found` where there is no such case; StoreUnavailable */
export async function newestRevision(store: Pick<EventStore, 'readStream'>, caseId: string): Promise<number> {
  for await (const [newest] of store.readStream(`case-${caseId}`, { direction: 'backwards' })) if (newest) return newest.revision;
  throw new DomainError('not-found', 'There is no such case.');
}
