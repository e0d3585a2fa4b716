import { PARTNER_COUNTRIES, type PartnerCountry } from '../agreements/agreement.events.js';
import { instant, list, oneOf, text, uuid, week, wholeNumber, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

export type ManifestEvent =
  | DomainEvent<'ManifestDrafted', { country: PartnerCountry; flight: string; departsAt: string; week: string }>
  | DomainEvent<'PassengerAdded', { caseId: string }>
  | DomainEvent<'PassengerRemoved', { caseId: string; reasonCode: string }>
  /** `passengers`: who was approved; `revision`: of the manifest that the supervisor saw. */
  | DomainEvent<'ManifestApproved', { revision: number; passengers: readonly string[] }>
  /** It relied on what was corrected of that passenger's family. `passengers`: who was on the manifest. */
  | DomainEvent<'ApprovalVoided', { caseId: string; cause: string; passengers: readonly string[] }>
  | DomainEvent<'BoardingOpened', { passengers: readonly string[] }>
  | DomainEvent<'FlightDeparted', { boarded: readonly string[]; leftBehind: readonly string[] }>
  | DomainEvent<'ArrivalConfirmed', { arrived: readonly string[] }, { receivedBy: string }>
  | DomainEvent<'FlightCancelled', { reasonCode: string; passengers: readonly string[] }>;

export const manifestEvents: Described<ManifestEvent> = {
  ManifestDrafted: [{ country: oneOf(PARTNER_COUNTRIES), flight: text, departsAt: instant, week }],
  PassengerAdded: [{ caseId: uuid }],
  PassengerRemoved: [{ caseId: uuid, reasonCode: text }],
  ManifestApproved: [{ revision: wholeNumber, passengers: list(uuid) }],
  ApprovalVoided: [{ caseId: uuid, cause: text, passengers: list(uuid) }],
  BoardingOpened: [{ passengers: list(uuid) }],
  FlightDeparted: [{ boarded: list(uuid), leftBehind: list(uuid) }],
  ArrivalConfirmed: [{ arrived: list(uuid) }],
  FlightCancelled: [{ reasonCode: text, passengers: list(uuid) }],
};
