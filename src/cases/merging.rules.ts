import { misfit, notThere, type Moment } from '../event-store/rule.js';
import { newInformation, type CaseRule } from './case.rules.js';
import type { CaseEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import type {
  CarriedFact,
  CarryOver,
  DismissDuplicate,
  FlagPossibleDuplicate,
  NoteMerged,
  NoteReopened,
  ReopenDuplicate,
} from './merging.commands.js';
import { sharedSince } from './numbers.rules.js';
import { afterFear } from './screening.rules.js';
import type { WithOriginal } from './intake.rules.js';
import { afterHold } from './transfer.rules.js';

/* Files of one person: what protects the person in one that is closed as a duplicate must protect in the one that goes on. */

/** Each fact arrives once, also where it comes by two ways, and never where it was told. */
export const carryOver: CaseRule<CarryOver> = {
  events: ({ from, fact, streamId }, asylumCase, moment) => {
    if (from.caseId === streamId || asylumCase.carried.includes(from.eventId)) return [];
    const [told, ...consequences] = asIfToldHere(fact, asylumCase, moment);
    return [{ ...told, data: { ...told.data, from } } as CaseEvent, ...consequences];
  },
};

function asIfToldHere(fact: CarriedFact, asylumCase: AsylumCase, moment: Moment): readonly [CaseEvent, ...CaseEvent[]] {
  switch (fact.type) {
    case 'FearExpressed':
      return [fact, ...afterFear(asylumCase, moment, fact.data.country)];
    case 'VulnerabilityRecorded':
      return [fact, ...newInformation(asylumCase, moment, 'vulnerability')];
    case 'ExceptionEstablished': {
      const screeningId = asylumCase.screening?.screeningId ?? null;
      return [{ type: fact.type, data: { screeningId, ...fact.data } }, ...newInformation(asylumCase, moment, 'exception')];
    }
    case 'EvidenceReceived': {
      // One id is one piece: else the return of one would count for both.
      const isInUse = asylumCase.evidence.some(({ evidenceId }) => evidenceId === fact.data.evidenceId);
      return [isInUse ? { type: fact.type, data: { evidenceId: moment.newId('evidence') } } : fact];
    }
    case 'AgeDisputed':
      return [fact, ...(asylumCase.ageDisputed ? [] : newInformation(asylumCase, moment, 'age-dispute'))];
    case 'TransferHoldPlaced':
      return [{ type: fact.type, data: { holdId: moment.newId('hold'), ...fact.data } }, ...afterHold(asylumCase, moment)];
  }
}

export const noteMerged: CaseRule<NoteMerged> = {
  events: ({ caseId }, { merged }) => (merged.includes(caseId) ? [] : [{ type: 'DuplicateMerged', data: { caseId } }]),
};

export const noteReopened: CaseRule<NoteReopened> = {
  events: ({ caseId }, { merged }) => (merged.includes(caseId) ? [{ type: 'DuplicateReopened', data: { caseId } }] : []),
};

export const reopenDuplicate: CaseRule<ReopenDuplicate> = {
  events: ({ of }, { duplicateOf }) =>
    duplicateOf === of ? [{ type: 'CaseReopened', data: { reasonCode: 'duplicates-of-each-other' } }] : [],
};

/** Once for each time that a number becomes shared; a dismissal that was before it has ended. */
export const flagPossibleDuplicate: CaseRule<FlagPossibleDuplicate> = {
  events: ({ caseId, sharedBy }, { duplicates }) =>
    duplicates[caseId]?.sharedBy.includes(sharedBy) ? [] : [{ type: 'PossibleDuplicateFlagged', data: { caseId, sharedBy } }],
};

export const dismissDuplicate: CaseRule<DismissDuplicate, WithOriginal> = {
  unfit: ({ of, streamId }, asylumCase, { original }) => {
    if (of === streamId) return misfit('/of', 'invalid', 'A case is no duplicate of itself.');
    if (!original) return notThere('/of');
    const isMerged = asylumCase.duplicateOf === of || asylumCase.merged.includes(of);
    return isMerged && misfit('/of', 'invalid', 'One of the two is closed as a duplicate of the other: reopen it first.');
  },
  events: ({ of, reasonCode, known }, asylumCase, { original }) => {
    const { standing, sharedBy = [] } = asylumCase.duplicates[of] ?? {};
    const isOlder = known !== undefined && sharedBy.some(eventId => !known.includes(eventId));
    if (standing === 'dismissed' || isOlder || !original) return [];
    return [{ type: 'DuplicateDismissed', data: { caseId: of, reasonCode, sharedBy: known ?? sharedSince(asylumCase, original) } }];
  },
};
