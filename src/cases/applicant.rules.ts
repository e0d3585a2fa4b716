import { misfit, together } from '../event-store/rule.js';
import { dayOf, millis } from '../fields/time.js';
import type { ApplicantIdentity, CorrectedFacts, CorrectedIdentity, Encounter } from './case.events.js';
import { isMaterial, isMinorOn, newInformation, type CaseRule } from './case.rules.js';
import { withCorrection, type Applicant } from './applicant.state.js';
import type { AsylumCase } from './case.state.js';
import type { CorrectApplicant } from './applicant.commands.js';

/* What is told of the applicant, and told otherwise. */

const DAY_MS = 86_400_000;

/** What in the applicant is sealed; the rest stands in the open. */
const IDENTITY: ReadonlySet<string> = new Set([
  'givenNames',
  'familyName',
  'otherNames',
  'birthDate',
  'sex',
  'alienNumber',
  'otherAlienNumbers',
  'contact',
] satisfies readonly (keyof ApplicantIdentity)[]);

const pick = (fields: object, wanted: (name: string) => boolean): object =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => value !== undefined && wanted(name))
      .map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? value.map(plain) : value]),
  );
/** Without what was not sent. */
const plain = (value: unknown): unknown => (typeof value === 'object' && value ? pick(value, () => true) : value);
const sentIn = <T extends object>(part: T | undefined): T => pick(part ?? {}, () => true) as T;
export const identityOf = (applicant: object): object => pick(applicant, name => IDENTITY.has(name));
export const factsOf = (applicant: object): object => pick(applicant, name => !IDENTITY.has(name));

/** The local calendar day of an instant, wherever that is, is at most a day off the UTC day. */
export const dayMisfit = ({ at, day }: Pick<Encounter, 'at' | 'day'>) =>
  Math.abs(millis(day) - millis(dayOf(at))) > DAY_MS &&
  misfit('/encounter/day', 'invalid', 'must be the local day of `at`: within one day of its UTC day');

/** One number is told once. @param sent what of it the body names, @param known the rest */
export const numberMisfit = (sent: CorrectedIdentity, known: Partial<ApplicantIdentity> = {}) => {
  const { alienNumber, otherAlienNumbers = [] } = withCorrection(known, sentIn(sent));
  const at = alienNumber === undefined ? -1 : otherAlienNumbers.indexOf(alienNumber);
  const pointer = sent.otherAlienNumbers ? `/applicant/otherAlienNumbers/${at}` : '/applicant/alienNumber';
  return at >= 0 && misfit(pointer, 'invalid', 'is the alien number already, or one of the others');
};

/** Nobody is without a name. */
const nameMisfit = (sent: CorrectedIdentity, known: Partial<ApplicantIdentity>) => {
  const taken = (['familyName', 'givenNames'] as const).find(name => sent[name] === null);
  const { givenNames, familyName } = withCorrection(known, sentIn(sent));
  return (
    taken !== undefined &&
    (givenNames ?? familyName) === undefined &&
    misfit(`/applicant/${taken}`, 'invalid', 'may be taken away only where the other name stays')
  );
};

export const correctApplicant: CaseRule<CorrectApplicant> = {
  unfit: ({ encounter = {}, applicant = {} }, { applicant: known, encounter: met }) =>
    together(
      (encounter.at ?? encounter.day) !== undefined && dayMisfit({ ...met, ...sentIn(encounter) }),
      nameMisfit(applicant, known ?? {}),
      numberMisfit(applicant, known ?? {}),
    ),
  events: (command, asylumCase, moment) => {
    const applicant = changed(command.applicant, asylumCase.applicant);
    const encounter = changed<Partial<Encounter>>(command.encounter, asylumCase.encounter);
    const { documents } = changed({ documents: command.documents }, asylumCase);
    const fields = [
      ...Object.keys(applicant).map(field => `applicant.${field}`),
      ...Object.keys(encounter).map(field => `encounter.${field}`),
      ...(documents ? ['documents'] : []),
    ].sort();
    if (fields.length === 0) return [];
    const identity = identityOf(applicant) as CorrectedIdentity;
    const data = {
      applicant: factsOf(applicant) as CorrectedFacts,
      ...(Object.keys(encounter).length > 0 && { encounter }),
      ...(documents && { documents }),
      fields,
      reasonCode: command.reasonCode,
      minorAtEncounter: minorAfter(asylumCase, applicant, encounter.day),
    };
    return [
      { type: 'ApplicantCorrected', data, ...(Object.keys(identity).length > 0 && { personal: { applicant: identity } }) },
      ...(isMaterial(asylumCase, data) ? newInformation(asylumCase, moment, 'correction') : []),
    ];
  },
};

/** A decided age stands until birth date or encounter day is corrected. */
function minorAfter(
  { applicant: known, encounter, minorAtEncounter, decidedMinor }: AsylumCase,
  correction: CorrectedFacts & CorrectedIdentity,
  day: string | undefined,
): boolean {
  const isDated = correction.birthDate !== undefined || day !== undefined;
  const isGuessed = correction.birthDateEstimated !== undefined && decidedMinor === null;
  const { birthDate, birthDateEstimated } = withCorrection<Partial<Applicant>>(known ?? {}, correction);
  if (birthDate === undefined || !(isDated || isGuessed)) return minorAtEncounter;
  return isMinorOn(birthDate, day ?? encounter.day, birthDateEstimated);
}

/** Of what was sent, the fields whose value is another one. */
function changed<T extends object>(sent: T | undefined, known: object | null): T {
  const before = new Map<string, unknown>(Object.entries(known ?? {}));
  return Object.fromEntries(Object.entries(sentIn(sent)).filter(([name, value]) => !same(value, before.get(name)))) as T;
}

/** What says nothing, where nothing was said, changes nothing. */
const same = (a: unknown, b: unknown): boolean => isSame(a, b) || (isNothing(a) && isNothing(b));
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
  const [one, other] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => isSame(value, other.get(name)));
}
