import type { AgreementFacts } from '../agreements/agreement.facts.js';
import type { Broken, Moment, Rule } from '../event-store/rule.js';
import { ageOn, isBefore } from '../fields/time.js';
import type { CaseCode } from './case.rule-book.js';
import type { CaseEvent, Reopening } from './case.events.js';
import { speaks } from './applicant.state.js';
import type { AsylumCase } from './case.state.js';
import { countsAsMinor, hasLeft, standingOf, unheard } from './standing.state.js';
import { UNDER_DETERMINATION } from './case.status.js';

/* What the rules of every stage share. */

export type CaseRule<Command, Facts = object> = Rule<Command, AsylumCase, CaseEvent, Facts>;
export type CaseBroken = Broken<CaseCode>;
export interface WithAgreement {
  readonly agreement: AgreementFacts | null;
}

/** What was reported cannot have happened before the encounter, nor before what it follows. */
export const outOfOrder = (
  asylumCase: AsylumCase,
  { occurredAt }: Moment,
  ...follows: readonly (string | null | undefined)[]
): CaseBroken => [asylumCase.encounter.at, ...follows].some(earlier => earlier && isBefore(occurredAt, earlier)) && 'date-out-of-order';

/** Whether the person understands: in a language of their own, or through an interpreter. */
export const notUnderstood = (
  asylumCase: AsylumCase,
  { language, interpreterId }: { language: string; interpreterId?: string },
): CaseBroken => interpreterId === undefined && !speaks(asylumCase.applicant?.languages ?? [], language) && 'language-not-understood';

/** The language and who interpreted, as the event keeps them. */
export const understoodBy = ({ language, interpreterId }: { language: string; interpreterId?: string }) => ({
  language,
  ...(interpreterId !== undefined && { interpreterId }),
});

/** The sealed part of an event, left out where nothing was given. */
export const sealed = <P extends object>(personal: { [K in keyof P]: P[K] | undefined }): { personal?: P } => {
  const given = Object.entries(personal).filter(([, value]) => value !== undefined);
  return given.length > 0 ? { personal: Object.fromEntries(given) as P } : {};
};

/** A guess of a year or two errs on the safe side: who may be under 18 counts as such. */
export const isMinorOn = (birthDate: string, encounterDay: string, isEstimated = false): boolean =>
  ageOn(birthDate, encounterDay) < (isEstimated ? 20 : 18);

const MATERIAL: ReadonlySet<string> = new Set([
  'applicant.nationalities',
  'applicant.nationalityUnknown',
  'applicant.habitualResidence',
  'applicant.birthDate',
  'applicant.accompaniedBy',
  'encounter.at',
  'encounter.day',
  'encounter.place',
  'encounter.manner',
  'documents',
]);

/** Whether a correction, after the determination was drawn up, puts it in question. */
export const isMaterial = (
  asylumCase: AsylumCase,
  { fields, minorAtEncounter, applicant: { languages } }: Extract<CaseEvent, { type: 'ApplicantCorrected' }>['data'],
): boolean =>
  fields.some(field => MATERIAL.has(field)) ||
  (minorAtEncounter && !countsAsMinor(asylumCase)) ||
  (languages !== undefined && unheard(asylumCase, languages).length > 0);

/** The flight that the transfer is scheduled on: whoever frees seat and place must know it. */
export const seatOf = ({ transfer }: AsylumCase): { manifestId?: string } =>
  transfer?.manifestId && transfer.departedAt === null ? { manifestId: transfer.manifestId } : {};

/**
 * What follows, in the same append, from learning something that the determination did not know:
 * from submission to departure the case goes back to screening; after departure an alert is raised.
 */
export function newInformation(asylumCase: AsylumCase, moment: Moment, cause: Reopening): CaseEvent[] {
  const { screening } = asylumCase;
  // What is told to a closed file counts as soon as it is reopened.
  const status = standingOf(asylumCase);
  const occurredAt = moment.now;
  if (hasLeft(asylumCase)) return [{ type: 'ProtectionAlertRaised', data: { alertId: moment.newId('alert'), cause }, occurredAt }];
  if (!UNDER_DETERMINATION.includes(status) || !screening?.determination) return [];
  return [
    { type: 'DeterminationReopened', data: { determinationId: screening.determination.determinationId, cause }, occurredAt },
    ...(status.startsWith('transfer-')
      ? [{ type: 'TransferAborted' as const, data: { reasonCode: 'new-information', ...seatOf(asylumCase) }, occurredAt }]
      : []),
    { type: 'TransferHoldPlaced', data: { holdId: moment.newId('hold'), kind: 'new-information', reopening: true }, occurredAt },
  ];
}
