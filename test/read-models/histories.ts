import { randomUUID } from 'node:crypto';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { ApplicantFacts, ApplicantIdentity, CaseEvent } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { stored, type Circumstances } from './following.js';

/** Facts of invented people, as the read models of these specs are given them. */
export const anEvent = (event: CaseEvent, circumstances?: Circumstances): NewEvent => stored(event, circumstances);
export const at = (occurredAt: string): Circumstances => ({ occurredAt, recordedAt: occurredAt });

interface Opening extends Partial<ApplicantFacts>, Partial<ApplicantIdentity> {
  readonly office?: string;
  readonly openedAt?: string;
}

export function opened({
  office = 'ELP',
  openedAt = '2020-01-13T15:00:00Z',
  givenNames = 'Synthetic',
  familyName = 'Person',
  birthDate = '1990-05-17',
  otherNames,
  alienNumber,
  ...known
}: Opening = {}): NewEvent {
  return anEvent(
    {
      type: 'CaseOpened',
      data: {
        office,
        previousCaseIds: [],
        applicant: { nationalities: ['HN'], languages: ['es'], accompaniedBy: 'none', ...known },
        encounter: { at: '2020-01-12T06:30:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'between-ports' },
        documents: 'none',
        minorAtEncounter: false,
        possibleDuplicates: [],
      },
      personal: {
        applicant: { givenNames, familyName, birthDate, ...(otherNames && { otherNames }), ...(alienNumber && { alienNumber }) },
      },
    },
    at(openedAt),
  );
}

export const requested = (
  when: string,
  replyDueAt = '2020-01-27T15:00:00Z',
  country: PartnerCountry = 'GT',
  requestId = randomUUID(),
): NewEvent => anEvent({ type: 'TransferRequested', data: { requestId, country, replyDueAt } }, at(when));
export const accepted = (when: string, validUntil = '2020-03-16T15:00:00Z', acceptanceId = randomUUID()): NewEvent =>
  anEvent({ type: 'TransferAccepted', data: { requestId: randomUUID(), acceptanceId, validUntil } }, at(when));
export const departed = (when: string): NewEvent => anEvent({ type: 'ApplicantDeparted', data: { flight: 'GT101' } }, at(when));
export const arrived = (when: string, transferId = randomUUID()): NewEvent =>
  anEvent({ type: 'TransferredToGuatemala', data: { transferId, country: 'GT' }, personal: { receivedBy: 'a desk' } }, at(when));
export const returned = (when: string): NewEvent => anEvent({ type: 'ReturnRecorded', data: { reasonCode: 'sent-back' } }, at(when));
export const applied = (when: string): NewEvent =>
  anEvent({ type: 'AsylumApplied', data: { country: 'GT', authority: 'asylum office' }, personal: { reference: 'R-1' } }, at(when));

export const retracted = ({ id }: NewEvent, when: string): NewEvent =>
  anEvent({ type: 'EntryRetracted', data: { eventId: id, reasonCode: 'other-person' } }, at(when));

/** From the request to the arrival. */
export const flown = (arrivedAt: string, transferId?: Parameters<typeof arrived>[1]): NewEvent[] => [
  requested(arrivedAt),
  accepted(arrivedAt),
  departed(arrivedAt),
  arrived(arrivedAt, transferId),
];
