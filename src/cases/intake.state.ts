import { SYSTEM } from '../event-store/actor.js';
import { Series } from '../event-store/series.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { ApplicantIdentity, IntakeEvent, PersonName } from './case.events.js';
import { alienNumbersOf, namesOf, withCorrection } from './applicant.state.js';
import type { AsylumCase, Screening } from './case.state.js';
import { carriedFrom, underWay, unheard } from './standing.state.js';
import { withoutClearance } from './screening.state.js';

/** Opening, the person and what was handed in or noted. */
export function evolveIntake(asylumCase: AsylumCase, event: Recorded<IntakeEvent>): AsylumCase {
  const { occurredAt, recordedAt, actor } = event.metadata;
  switch (event.type) {
    case 'CaseOpened': {
      const { office, previousCaseIds, applicant, encounter, documents, minorAtEncounter } = event.data;
      return {
        ...asylumCase,
        status: 'opened',
        office,
        openedAt: occurredAt,
        previousCaseIds,
        encounter,
        documents,
        minorAtEncounter,
        facts: applicant,
        numbersSince: numbersSince(event.personal?.applicant, {}, event.id),
        // Its key destroyed, nothing of the person is shown, and what would be left could mislead.
        applicant: event.personal && { ...applicant, ...event.personal.applicant },
      };
    }
    case 'ProtectionClaimRecorded':
      return {
        ...asylumCase,
        claim: { protection: event.data.protection, statement: event.personal?.statement ?? null, recordedAt: occurredAt },
      };
    case 'CaseAssigned':
      return { ...asylumCase, assignedTo: event.data.caseworkerId };
    case 'CaseReleased':
      return { ...asylumCase, assignedTo: null };
    case 'CaseHandedOver':
      return { ...asylumCase, office: event.data.toOffice, givenBy: actor.office, assignedTo: null };
    case 'RepresentativeRecorded':
      return { ...asylumCase, representative: { name: event.personal?.name ?? null, contact: event.personal?.contact ?? null } };
    case 'ConsentRecorded':
      return { ...asylumCase, consents: asylumCase.consents.with({ ...event.data, at: occurredAt }) };
    case 'VulnerabilityRecorded':
      return {
        ...asylumCase,
        vulnerabilities: asylumCase.vulnerabilities.with({
          kind: event.data.kind,
          detail: event.personal?.detail ?? null,
          at: occurredAt,
          ...carriedFrom(event.data),
        }),
      };
    case 'EvidenceReceived': {
      const received = {
        evidenceId: event.data.evidenceId,
        description: event.personal?.description ?? null,
        receivedAt: occurredAt,
        returnedAt: null,
        ...carriedFrom(event.data),
      };
      return { ...asylumCase, evidence: asylumCase.evidence.with(received) };
    }
    case 'EvidenceReturned': {
      const returned = asylumCase.evidence.map(piece =>
        piece.evidenceId === event.data.evidenceId && piece.returnedAt === null ? { ...piece, returnedAt: occurredAt } : piece,
      );
      return { ...asylumCase, evidence: Series.of(returned) };
    }
    case 'DocumentAttached': {
      const attached = { ...event.data, name: event.personal?.name ?? null, location: event.personal?.location ?? null };
      return { ...asylumCase, attachments: asylumCase.attachments.with(attached) };
    }
    case 'NoteAdded':
      return { ...asylumCase, notes: asylumCase.notes.with({ text: event.personal?.text ?? null, at: recordedAt, by: actor.id }) };
    case 'ApplicantCorrected':
      return corrected(asylumCase, event);
    case 'AgeDisputed':
      return { ...asylumCase, ageDisputed: true };
    case 'AgeDecided':
      return { ...asylumCase, ageDisputed: false, decidedMinor: event.data.minor, minorAtEncounter: event.data.minor };
    case 'DisclosureMade':
      return { ...asylumCase, disclosures: asylumCase.disclosures.with({ ...event.data, at: occurredAt }) };
    case 'EntryRetracted':
      return asylumCase;
    case 'MarkedAsDuplicate':
      return { ...asylumCase, status: 'closed', statusBeforeClosing: asylumCase.status, duplicateOf: event.data.of };
    case 'DeathRecorded':
      return {
        ...asylumCase,
        status: 'closed',
        // A transfer under way is ended as by an abort, should the death turn out to be an error.
        statusBeforeClosing: asylumCase.statusBeforeClosing ?? (underWay(asylumCase) ? 'amenable' : asylumCase.status),
        diedAt: occurredAt,
        transfer: withoutClearance(asylumCase),
      };
    case 'CaseClosed':
      return { ...asylumCase, status: 'closed', statusBeforeClosing: asylumCase.status };
    case 'CaseReopened':
      // A process takes back that the file is a duplicate; that the person died, only a person can.
      if (actor.id === SYSTEM.id && asylumCase.diedAt !== null) return { ...asylumCase, duplicateOf: null };
      return {
        ...asylumCase,
        status: asylumCase.statusBeforeClosing ?? asylumCase.status,
        statusBeforeClosing: null,
        duplicateOf: null,
        diedAt: null,
      };
  }
}

function corrected(asylumCase: AsylumCase, event: Recorded<IntakeEvent> & { type: 'ApplicantCorrected' }): AsylumCase {
  const { applicant, encounter, documents, fields, reasonCode, minorAtEncounter } = event.data;
  const decisionStands = !fields.includes('applicant.birthDate') && !fields.includes('encounter.day');
  return {
    ...asylumCase,
    ...known(asylumCase, { ...applicant, ...event.personal?.applicant }, event.id),
    ...(asylumCase.facts && { facts: withCorrection(asylumCase.facts, applicant) }),
    encounter: { ...asylumCase.encounter, ...encounter },
    documents: documents ?? asylumCase.documents,
    screening: applicant.languages ? toBeSaidAgain(asylumCase, applicant.languages) : asylumCase.screening,
    minorAtEncounter,
    decidedMinor: decisionStands ? asylumCase.decidedMinor : null,
    corrections: asylumCase.corrections.with({
      fields,
      reasonCode,
      at: event.metadata.recordedAt,
      by: event.metadata.actor.id,
    }),
  };
}

/** Who the person is now, and by what else somebody may look for them. */
function known(
  { applicant: before, formerly, numbersSince: since }: AsylumCase,
  correction: Parameters<typeof withCorrection>[1],
  eventId: string,
): Pick<AsylumCase, 'applicant' | 'formerly' | 'numbersSince'> {
  if (!before) return { applicant: null, formerly, numbersSince: {} };
  const applicant = withCorrection(before, correction);
  const numbers = alienNumbersOf(applicant);
  const names = new Set(namesOf(applicant).map(written));
  const former = new Map([...formerly.names, ...namesOf(before)].map(name => [written(name), name]));
  return {
    applicant,
    numbersSince: numbersSince(applicant, since, eventId),
    formerly: {
      names: [...former].flatMap(([key, name]) => (names.has(key) ? [] : [name])),
      alienNumbers: [...new Set([...formerly.alienNumbers, ...alienNumbersOf(before)])].filter(number => !numbers.includes(number)),
    },
  };
}

const written = ({ givenNames = '', familyName = '' }: PersonName): string => `${givenNames}\n${familyName}`;

/** A number that stays is the person's since when it was. */
const numbersSince = (person: Partial<ApplicantIdentity> | undefined, before: AsylumCase['numbersSince'], eventId: string) =>
  Object.fromEntries(alienNumbersOf(person ?? {}).map(number => [number, before[number] ?? eventId]));

function toBeSaidAgain(asylumCase: AsylumCase, languages: readonly string[]): AsylumCase['screening'] {
  const again = unheard(asylumCase, languages).map(name => [name, null]);
  return asylumCase.screening && { ...asylumCase.screening, ...(Object.fromEntries(again) as Partial<Screening>) };
}
