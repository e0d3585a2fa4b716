import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import { misfit, notThere, together } from '../event-store/rule.js';
import { dayOf, isAfter, isBefore, millis } from '../fields/time.js';
import type { ApplicantFacts, ApplicantIdentity, Encounter } from './case.events.js';
import { isMaterial, isMinorOn, newInformation, outOfOrder, seatOf, sealed, type CaseRule } from './case.rules.js';
import { countsAsMinor, type AsylumCase } from './case.state.js';
import type {
  AddNote,
  ApplicantBody,
  AssignCase,
  AttachDocument,
  CloseCase,
  CorrectApplicant,
  DecideAge,
  DisputeAge,
  HandOverCase,
  MarkAsDuplicate,
  OpenCase,
  RecordConsent,
  RecordDeath,
  RecordDisclosure,
  RecordEvidence,
  RecordProtectionClaim,
  RecordRepresentative,
  RecordVulnerability,
  ReleaseCase,
  ReopenCase,
  ReturnEvidence,
} from './intake.commands.js';

const DAY_MS = 86_400_000;

/** What in the applicant is sealed; the rest stands in the open. */
const IDENTITY = [
  'givenNames',
  'familyName',
  'otherNames',
  'birthDate',
  'sex',
  'alienNumber',
  'otherAlienNumbers',
] as const satisfies readonly (keyof ApplicantIdentity)[];

const pick = (fields: object, wanted: (name: string) => boolean): object =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => value !== undefined && wanted(name))
      .map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? value.map(plain) : value]),
  );
/** Without what was not sent. */
const plain = (value: unknown): unknown => (typeof value === 'object' && value ? pick(value, () => true) : value);
const isIdentity = (name: string): boolean => (IDENTITY as readonly string[]).includes(name);
const identityOf = (applicant: Partial<ApplicantBody>) => pick(applicant, isIdentity);
const factsOf = (applicant: Partial<ApplicantBody>) => pick(applicant, name => !isIdentity(name));

/** A file of no office could never be worked on. @throws DomainError `other-office` */
function officeOf({ office }: Actor): string {
  if (office === null) throw new DomainError('other-office', 'A case is opened in an office.');
  return office;
}

/** The local calendar day of an instant, wherever that is, is at most a day off the UTC day. */
const dayMisfit = ({ at, day }: Pick<Encounter, 'at' | 'day'>) =>
  Math.abs(millis(day) - millis(dayOf(at))) > DAY_MS &&
  misfit('/encounter/day', 'invalid', 'must be the local day of `at`: within one day of its UTC day');

/** One number is told once. @param sent what of it the body names, @param known the rest */
const numberMisfit = (sent: Partial<ApplicantIdentity>, known: Partial<ApplicantIdentity> = {}) => {
  const { alienNumber, otherAlienNumbers = [] } = { ...known, ...pick(sent, () => true) };
  const at = alienNumber === undefined ? -1 : otherAlienNumbers.indexOf(alienNumber);
  const pointer = sent.otherAlienNumbers ? `/applicant/otherAlienNumbers/${at}` : '/applicant/alienNumber';
  return at >= 0 && misfit(pointer, 'invalid', 'is the alien number already, or one of the others');
};

export interface AtOpening {
  readonly possibleDuplicates: readonly string[];
  /** Which of the previous cases that are named there are. */
  readonly previous: ReadonlySet<string>;
}

export const openCase: CaseRule<OpenCase, AtOpening> = {
  unfit: ({ encounter, applicant, previousCaseIds = [] }, _, { previous }) => {
    const misfits = together(dayMisfit(encounter), numberMisfit(applicant));
    const unknown = previousCaseIds.flatMap((caseId, index) => (previous.has(caseId) ? [] : [`/previousCaseIds/${index}`]));
    return misfits ?? (unknown.length > 0 && notThere(...unknown));
  },
  asked: ({ encounter }, _, { occurredAt }) => [isBefore(occurredAt, encounter.at) && 'date-out-of-order'],
  events: ({ applicant, encounter, documents, previousCaseIds = [] }, _, { actor, possibleDuplicates }) => [
    {
      type: 'CaseOpened',
      data: {
        office: officeOf(actor),
        previousCaseIds,
        applicant: factsOf(applicant) as ApplicantFacts,
        encounter: { ...encounter },
        documents,
        minorAtEncounter: isMinorOn(applicant.birthDate, encounter.day),
        possibleDuplicates,
      },
      personal: { applicant: identityOf(applicant) as ApplicantIdentity },
    },
  ],
};

export const recordProtectionClaim: CaseRule<RecordProtectionClaim> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ protection, statement }) => [{ type: 'ProtectionClaimRecorded', data: { protection }, ...sealed({ statement }) }],
};

export const assignCase: CaseRule<AssignCase> = {
  events: ({ caseworkerId }, { assignedTo }) => (assignedTo === caseworkerId ? [] : [{ type: 'CaseAssigned', data: { caseworkerId } }]),
};

export const releaseCase: CaseRule<ReleaseCase> = {
  events: ({ caseworkerId }, { assignedTo }) => (assignedTo === caseworkerId ? [{ type: 'CaseReleased', data: { caseworkerId } }] : []),
};

export const handOverCase: CaseRule<HandOverCase> = {
  events: ({ toOffice, reasonCode, note }, { office }) =>
    toOffice === office ? [] : [{ type: 'CaseHandedOver', data: { fromOffice: office, toOffice, reasonCode }, ...sealed({ note }) }],
};

export const recordRepresentative: CaseRule<RecordRepresentative> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ name, contact }) => [{ type: 'RepresentativeRecorded', data: {}, personal: { name, contact } }],
};

export const recordConsent: CaseRule<RecordConsent> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ recipient, categories, withdrawn = false }) => [{ type: 'ConsentRecorded', data: { recipient, categories, withdrawn } }],
};

export const recordVulnerability: CaseRule<RecordVulnerability> = {
  events: ({ kind, detail }, asylumCase, moment) => [
    { type: 'VulnerabilityRecorded', data: { kind }, ...sealed({ detail }) },
    ...newInformation(asylumCase, moment, 'vulnerability'),
  ],
};

export const recordEvidence: CaseRule<RecordEvidence> = {
  asked: ({ evidenceId }, { evidence }) => [evidence.some(piece => piece.evidenceId === evidenceId) && 'already-exists'],
  events: ({ evidenceId, description }) => [{ type: 'EvidenceReceived', data: { evidenceId }, personal: { description } }],
};

export const returnEvidence: CaseRule<ReturnEvidence> = {
  unfit: ({ evidenceId }, { evidence }) => !evidence.some(piece => piece.evidenceId === evidenceId) && notThere('/evidenceId'),
  asked: ({ evidenceId }, asylumCase, moment) => [
    outOfOrder(asylumCase, moment, ...asylumCase.evidence.filter(piece => piece.evidenceId === evidenceId).map(piece => piece.receivedAt)),
  ],
  events: ({ evidenceId }, { evidence }) =>
    evidence.some(piece => piece.evidenceId === evidenceId && piece.returnedAt === null)
      ? [{ type: 'EvidenceReturned', data: { evidenceId } }]
      : [],
};

export const attachDocument: CaseRule<AttachDocument> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ documentId, name, mediaType, byteLength, sha256, location }) => [
    { type: 'DocumentAttached', data: { documentId, mediaType, byteLength, sha256: sha256.toLowerCase() }, personal: { name, location } },
  ],
};

export const addNote: CaseRule<AddNote> = {
  events: ({ text }) => [{ type: 'NoteAdded', data: {}, personal: { text } }],
};

export const recordDisclosure: CaseRule<RecordDisclosure> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: (command, asylumCase, { occurredAt }) => {
    const { recipient, categories, basis } = command;
    const unconsented = basis === 'written-consent' && !isConsentedTo(command, asylumCase, occurredAt);
    return [{ type: 'DisclosureMade', data: { recipient, categories, basis, ...(unconsented && { unconsented }) } }];
  },
};

/** Whether for every category the newest word of the person by then, on that recipient, was yes. */
const isConsentedTo = ({ recipient, categories }: RecordDisclosure, { consents }: AsylumCase, instant: string): boolean =>
  categories.every(category => {
    const said = consents.filter(
      consent => consent.recipient === recipient && consent.categories.includes(category) && !isAfter(consent.at, instant),
    );
    const newest = said.reduce<(typeof said)[number] | undefined>(
      (last, one) => (last && isBefore(one.at, last.at) ? last : one),
      undefined,
    );
    return newest?.withdrawn === false;
  });

export const correctApplicant: CaseRule<CorrectApplicant> = {
  unfit: ({ encounter = {}, applicant = {} }, asylumCase) =>
    ((encounter.at ?? encounter.day) !== undefined && dayMisfit({ ...asylumCase.encounter, ...pick(encounter, () => true) })) ||
    numberMisfit(applicant, asylumCase.applicant ?? {}),
  events: (command, asylumCase, moment) => {
    const applicant = changed(command.applicant, asylumCase.applicant);
    const encounter = changed(command.encounter, asylumCase.encounter) as Partial<Encounter>;
    const documents = command.documents === asylumCase.documents ? undefined : command.documents;
    const encounterCorrected = Object.keys(encounter).length > 0;
    if (Object.keys(applicant).length === 0 && !encounterCorrected && !documents) return [];
    const identity = identityOf(applicant);
    return [
      {
        type: 'ApplicantCorrected',
        data: {
          applicant: factsOf(applicant),
          ...(encounterCorrected && { encounter }),
          ...(documents && { documents }),
          reasonCode: command.reasonCode,
          minorAtEncounter: minorAfter(asylumCase, applicant.birthDate, encounter.day),
        },
        ...(Object.keys(identity).length > 0 && { personal: { applicant: identity as Partial<ApplicantIdentity> } }),
      },
      ...(isMaterial(asylumCase, { applicant, ...(encounterCorrected && { encounter }), documents })
        ? newInformation(asylumCase, moment, 'correction')
        : []),
    ];
  },
};

/** A decided age stands until birth date or encounter day is corrected. */
function minorAfter(asylumCase: AsylumCase, birthDate: string | undefined, day: string | undefined): boolean {
  if (birthDate === undefined && day === undefined) return asylumCase.minorAtEncounter;
  const born = birthDate ?? asylumCase.applicant?.birthDate;
  return born === undefined ? asylumCase.minorAtEncounter : isMinorOn(born, day ?? asylumCase.encounter.day);
}

/** Of what was sent, the fields whose value is another one. */
function changed<T extends object>(sent: T | undefined, known: object | null): Partial<ApplicantBody> & Partial<T> {
  const before = (known ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(pick(sent ?? {}, () => true)).filter(([name, value]) => !same(value, before[name])),
  ) as Partial<ApplicantBody> & Partial<T>;
}

/** A `false` or an empty list where nothing was said changes nothing. */
const same = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a)) return isSame(a, b ?? []);
  return isSame(a, b) || (a === false && b === undefined);
};

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b;
  const [one, other] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => isSame(value, other.get(name)));
}

export const disputeAge: CaseRule<DisputeAge> = {
  events: ({ basis }, asylumCase, moment) =>
    asylumCase.ageDisputed
      ? []
      : [{ type: 'AgeDisputed', data: {}, personal: { basis } }, ...newInformation(asylumCase, moment, 'age-dispute')],
};

export const decideAge: CaseRule<DecideAge> = {
  events: ({ minor, basis }, asylumCase, moment) => {
    if (!asylumCase.ageDisputed && asylumCase.decidedMinor === minor) return [];
    return [
      { type: 'AgeDecided', data: { minor }, personal: { basis } },
      ...(minor && !countsAsMinor(asylumCase) ? newInformation(asylumCase, moment, 'age-decision') : []),
    ];
  },
};

/** The case that is said to go on; null where there is none of that id. */
export interface WithOriginal {
  readonly original: AsylumCase | null;
}

export const markAsDuplicate: CaseRule<MarkAsDuplicate, WithOriginal> = {
  unfit: ({ of, streamId }, _, { original }) => {
    if (of === streamId) return misfit('/of', 'invalid', 'A case is no duplicate of itself.');
    if (!original) return notThere('/of');
    // Of one person at least one file must go on.
    return original.duplicateOf !== null && misfit('/of', 'invalid', 'That case is itself closed as a duplicate.');
  },
  events: ({ of }) => [{ type: 'MarkedAsDuplicate', data: { of } }],
};

export const recordDeath: CaseRule<RecordDeath> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: (_, asylumCase) => [{ type: 'DeathRecorded', data: seatOf(asylumCase) }],
};

export const closeCase: CaseRule<CloseCase> = {
  events: ({ reasonCode }) => [{ type: 'CaseClosed', data: { reasonCode } }],
};

export const reopenCase: CaseRule<ReopenCase> = {
  events: ({ reasonCode }) => [{ type: 'CaseReopened', data: { reasonCode } }],
};
