import type { Actor } from '../event-store/event-store.js';
import { PARTNER_COUNTRIES } from '../agreements/agreement.events.js';
import type { CaseFile } from './shown-case.file.js';
import { noCase, type AsylumCase, type Screening, type Transfer } from './case.state.js';
import { carriedFrom, fearOf } from './standing.state.js';

/** What other streams and the path give: it is no part of the folded state. */
export interface FileContext {
  readonly caseId: string;
  readonly revision: number;
}

/**
 * The case file, shown from the folded state. The audit's replay shows a state of the past by the same function.
 * `possibleDuplicates` and `familyUnitId` are of other streams, and added by whoever knows them.
 */
export function caseFile({ caseId, revision }: FileContext, asylumCase: AsylumCase): CaseFile {
  const { withdrawal, whereabouts } = asylumCase;
  return {
    caseId,
    revision,
    status: asylumCase.status,
    office: asylumCase.office,
    assignedTo: asylumCase.assignedTo,
    openedAt: asylumCase.openedAt,
    previousCaseIds: asylumCase.previousCaseIds,
    applicant: asylumCase.applicant,
    minorAtEncounter: asylumCase.minorAtEncounter,
    ageDisputed: asylumCase.ageDisputed,
    encounter: asylumCase.encounter,
    documents: asylumCase.documents,
    representative: asylumCase.representative,
    consents: asylumCase.consents.toArray(),
    claim: asylumCase.claim,
    screening: asylumCase.screening && shownScreening(asylumCase, asylumCase.screening),
    fears: fearsElsewhere(asylumCase),
    exceptions: asylumCase.screening ? [] : asylumCase.earlierExceptions,
    transfer: asylumCase.transfer && shownTransfer(asylumCase.transfer),
    asylum: asylumCase.asylum && shownAsylum(asylumCase.asylum),
    holds: asylumCase.holds.map(({ holdId, kind, placedAt, placedBy, note, ...hold }) => ({
      holdId,
      kind,
      placedAt,
      placedBy,
      note,
      ...carriedFrom(hold),
    })),
    vulnerabilities: asylumCase.vulnerabilities.toArray(),
    evidence: asylumCase.evidence.toArray(),
    attachments: asylumCase.attachments.toArray(),
    notes: asylumCase.notes.toArray(),
    noteCount: asylumCase.notes.length,
    remarks: asylumCase.remarks.toArray(),
    corrections: asylumCase.corrections.toArray(),
    disclosures: asylumCase.disclosures.toArray(),
    programmes: asylumCase.programmes.toArray(),
    followUp: asylumCase.followUp,
    onwardDepartures: asylumCase.onwardDepartures.toArray(),
    whereabouts,
    withdrawal,
    protectionAlerts: asylumCase.protectionAlerts.toArray(),
    duplicateOf: asylumCase.duplicateOf,
    diedAt: asylumCase.diedAt,
    merged: asylumCase.merged,
    legalHold: asylumCase.legalHold,
    erasureRequest: asylumCase.erasureRequest,
    erasedAt: asylumCase.erasedAt,
  };
}

function shownScreening(
  asylumCase: AsylumCase,
  { screeningId, country, startedAt, notice, fearInquiry, exceptions, determination }: Screening,
) {
  const { expressed, established, accounts } = fearOf(asylumCase, country);
  return {
    screeningId,
    country,
    startedAt,
    notice: notice && shownNotice(notice),
    fearInquiry: fearInquiry && shownInquiry(fearInquiry),
    fear: { expressed, established, accounts: accounts.toArray() },
    exceptions,
    determination,
  };
}

/** What was told of countries that the screening is not of, or before there is one: it must not be lost sight of. */
const fearsElsewhere = ({ fears, screening }: AsylumCase): CaseFile['fears'] =>
  PARTNER_COUNTRIES.flatMap(country => {
    const fear = country === screening?.country ? undefined : fears[country];
    return fear?.expressed ? [{ country, established: fear.established, accounts: fear.accounts.toArray() }] : [];
  });

const shownNotice = ({ notice, language, readBack, servedAt }: NonNullable<Screening['notice']>) => ({
  notice,
  language,
  readBack,
  servedAt,
});

const shownInquiry = ({ fearsPartnerCountry, language, account, askedAt }: NonNullable<Screening['fearInquiry']>) => ({
  fearsPartnerCountry,
  language,
  account,
  askedAt,
});

function shownTransfer({
  country,
  requestedAt,
  replyDueAt,
  reply,
  validUntil,
  manifestId,
  placeWeek,
  departsAt,
  clearedUntil,
  departedAt,
  arrivedAt,
  irregular,
  lastBlocked,
}: Transfer) {
  return {
    country,
    requestedAt,
    replyDueAt,
    reply,
    validUntil,
    manifestId,
    placeWeek,
    departsAt,
    clearedUntil,
    departedAt,
    arrivedAt,
    irregular,
    lastBlocked,
  };
}

const shownAsylum = ({ country, intentionAt, appliedAt, outcome, final }: NonNullable<AsylumCase['asylum']>) => ({
  country,
  intentionAt,
  appliedAt,
  outcome,
  final,
});

/**
 * As a liaison sees it: without statements, accounts, reasons and other people's notes; of another office's case without what
 * a vulnerability or a piece of evidence is.
 */
export function forLiaison(file: CaseFile, { id: actorId, office }: Pick<Actor, 'id' | 'office'>): CaseFile {
  const { claim, screening, withdrawal } = file;
  const own = office === file.office;
  return {
    ...file,
    claim: claim && { ...claim, statement: null },
    screening: screening && {
      ...screening,
      fearInquiry: screening.fearInquiry && { ...screening.fearInquiry, account: null },
      fear: { ...screening.fear, accounts: [] },
      exceptions: screening.exceptions.map(exception => ({ ...exception, evidence: null })),
      determination: screening.determination && { ...screening.determination, reasons: null },
    },
    fears: file.fears.map(fear => ({ ...fear, accounts: [] })),
    exceptions: file.exceptions.map(exception => ({ ...exception, evidence: null })),
    withdrawal: withdrawal && { ...withdrawal, statement: null },
    holds: file.holds.map(hold => ({ ...hold, note: hold.placedBy === actorId ? hold.note : null })),
    vulnerabilities: own ? file.vulnerabilities : file.vulnerabilities.map(one => ({ ...one, detail: null })),
    evidence: own ? file.evidence : file.evidence.map(piece => ({ ...piece, description: null })),
    remarks: [],
    notes: file.notes.filter(note => note.by === actorId),
    protectionAlerts: file.protectionAlerts.map(alert => ({ ...alert, answer: null })),
  };
}

/** Of a case that was just opened, for the documentation. */
export const exampleFile: CaseFile = caseFile(
  { caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e', revision: 0 },
  {
    ...noCase,
    office: 'ELP',
    openedAt: '2020-01-13T15:00:00Z',
    encounter: { at: '2020-01-13T09:30:00Z', day: '2020-01-13', place: 'El Paso', manner: 'between-ports' },
    applicant: {
      givenNames: 'Synthetic',
      familyName: 'Person',
      birthDate: '1990-05-01',
      nationalities: ['HN'],
      languages: ['es'],
      accompaniedBy: 'none',
    },
  },
);
