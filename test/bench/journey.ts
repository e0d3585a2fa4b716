import { randomUUID } from 'node:crypto';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { weekOf } from '../../src/fields/time.js';

const COUNTRIES = ['GT', 'GT', 'GT', 'SV', 'HN'] as const;
const ARRIVED = { SV: 'TransferredToElSalvador', GT: 'TransferredToGuatemala', HN: 'TransferredToHonduras' } as const;
const OFFICES = ['ELP', 'RGV', 'YUM'];
const GIVEN = ['Ana Lucía', 'Brayan', 'Carla', 'Denis', 'Elsa Marina', 'Franklin', 'Gloria', 'Héctor', 'Iris Yamileth', 'Josefina'];
const FAMILY = ['Alvarado', 'Bonilla', 'Cárcamo', 'Discua', 'Euceda', 'Flores', 'Guardado', 'Henríquez', 'Interiano', 'Juárez'];
export const NATION = 'HN';

export interface Seat {
  readonly manifestId: string;
  readonly country: (typeof COUNTRIES)[number];
  readonly departsAt: string;
  readonly week: string;
}

/** One invented person's way from the encounter onwards. */
export interface Journey {
  readonly caseId: string;
  /** Whose flight it takes; null for who is not transferred. */
  readonly seat: Seat | null;
  readonly events: readonly CaseEvent[];
}

export const someCountry = (number: number): Seat['country'] => COUNTRIES[number % COUNTRIES.length] ?? 'GT';

/** About twenty facts, as officers record them; two of three people fly. `now` is when the case is opened. */
export function journeyOf(number: number, seat: Seat | null, now: string): Journey {
  const country = seat?.country ?? 'GT';
  const [screeningId, determinationId, requestId, evidenceId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const spoken = { language: 'es' };
  const caseworkerId = `cw-${number % 40}`;
  const beginning: CaseEvent[] = [
    {
      type: 'CaseOpened',
      data: {
        office: OFFICES[number % OFFICES.length] ?? 'ELP',
        previousCaseIds: [],
        applicant: { nationalities: [NATION], languages: ['es'], accompaniedBy: 'none' },
        encounter: { at: '2020-01-12T06:30:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'between-ports' },
        documents: 'none',
        minorAtEncounter: false,
        possibleDuplicates: [],
      },
      personal: {
        applicant: {
          givenNames: GIVEN[number % GIVEN.length] ?? '',
          familyName: `${FAMILY[number % 7]} ${FAMILY[number % FAMILY.length]}-${number}`,
          sex: 'female',
          birthDate: `19${60 + (number % 39)}-0${1 + (number % 9)}-1${number % 10}`,
          alienNumber: `A2${String(number).padStart(8, '0')}`,
        },
      },
    },
    {
      type: 'ProtectionClaimRecorded',
      data: { protection: 'asylum' },
      personal: { statement: 'Threatened by a gang after a report to the police.' },
    },
    { type: 'CaseAssigned', data: { caseworkerId } },
    { type: 'EvidenceReceived', data: { evidenceId }, personal: { description: 'A folder of police reports.' } },
    { type: 'NoteAdded', data: {}, personal: { text: 'Asked for a Garifuna interpreter; none was free before noon.' } },
    { type: 'ScreeningStarted', data: { screeningId, country, ...spoken } },
    { type: 'NoticeServed', data: { screeningId, notice: `transfer-to-${country.toLowerCase()}`, readBack: true, ...spoken } },
    {
      type: 'FearInquiryMade',
      data: { screeningId, fearsPartnerCountry: seat === null, ...spoken },
      personal: { account: 'Was asked twice, in Spanish, and understood.' },
    },
  ];
  const determined = (outcome: 'amenable' | 'not-amenable'): CaseEvent[] => [
    {
      type: 'DeterminationSubmitted',
      data: { determinationId, screeningId, country, outcome },
      personal: { reasons: 'As recorded in this screening.' },
    },
    { type: 'DeterminationConfirmed', data: { determinationId, outcome } },
    { type: 'EvidenceReturned', data: { evidenceId } },
  ];
  if (!seat) {
    return {
      caseId: randomUUID(),
      seat,
      events: [
        ...beginning,
        { type: 'FearExpressed', data: { country }, personal: { account: 'Was followed from home to the capital.' } },
        { type: 'VulnerabilityRecorded', data: { kind: 'medical-condition' }, personal: { detail: 'Fever since this morning.' } },
        { type: 'TransferHoldPlaced', data: { holdId: randomUUID(), kind: 'medical' }, personal: { note: 'Until a doctor has looked.' } },
        {
          type: 'FearAssessed',
          data: { screeningId, country, persecution: true, torture: false, established: true },
          personal: { reasons: 'Detailed and consistent.' },
        },
        ...determined('not-amenable'),
        { type: 'ReferredToUsProcedure', data: { ground: 'fear-established' } },
        { type: 'NoteAdded', data: {}, personal: { text: 'Handed over to the asylum office.' } },
        { type: 'CaseClosed', data: { reasonCode: 'procedure-ended' } },
      ],
    };
  }
  const { manifestId, week, departsAt } = seat;
  return {
    caseId: randomUUID(),
    seat,
    events: [
      ...beginning,
      ...determined('amenable'),
      { type: 'TransferRequested', data: { requestId, country, replyDueAt: laterThan(now, 14) } },
      {
        type: 'TransferAccepted',
        data: { requestId, acceptanceId: randomUUID(), validUntil: laterThan(now, 60) },
        personal: { reference: `REPLY-${number}` },
      },
      { type: 'TransferScheduled', data: { manifestId, placeWeek: week, departsAt } },
      { type: 'DestinationTold', data: { country, ...spoken } },
      { type: 'BoardingCleared', data: { manifestId, expiresAt: departsAt } },
      { type: 'ApplicantDeparted', data: { flight: `${country}101` } },
      { type: ARRIVED[country], data: { transferId: randomUUID(), country }, personal: { receivedBy: 'Arrivals desk' } },
      number % 4 === 0
        ? { type: 'AsylumApplied', data: { country, authority: 'national asylum office' }, personal: { reference: `ASYLUM-${number}` } }
        : { type: 'NoteAdded', data: {}, personal: { text: 'Has a telephone number for the follow-up.' } },
      ...(number % 8 === 0
        ? [{ type: 'AsylumGranted', data: { final: true }, personal: { reference: `DECISION-${number}` } } satisfies CaseEvent]
        : []),
    ],
  };
}

export function seatOn(manifestId: string, country: Seat['country'], now: string): Seat {
  const departsAt = laterThan(now, 3);
  return { manifestId, country, departsAt, week: weekOf(departsAt) };
}

const laterThan = (now: string, days: number): string => new Date(Date.parse(now) + days * 86_400_000).toISOString();
