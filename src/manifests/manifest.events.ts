import { PARTNER_COUNTRIES, type PartnerCountry } from '../agreements/agreement.events.js';
import { instant, list, oneOf, text, uuid, week, wholeNumber, type Described } from '../event-store/shape.js';
import type { Fact } from '../event-store/stream-kind.js';

export type ManifestEvent =
  | Fact<'ManifestDrafted', { country: PartnerCountry; flight: string; departsAt: string; week: string }>
  | Fact<'PassengerAdded', { caseId: string }>
  | Fact<'PassengerRemoved', { caseId: string; reasonCode: string }>
  /** `passengers`: who was approved; `revision`: of the manifest that the supervisor saw. */
  | Fact<'ManifestApproved', { revision: number; passengers: readonly string[] }>
  | Fact<'BoardingOpened', { passengers: readonly string[] }>
  | Fact<'FlightDeparted', { boarded: readonly string[]; leftBehind: readonly string[] }>
  | Fact<'ArrivalConfirmed', { arrived: readonly string[] }, { receivedBy: string }>
  | Fact<'FlightCancelled', { reasonCode: string; passengers: readonly string[] }>;

export const manifestEvents: Described<ManifestEvent> = {
  ManifestDrafted: [{ country: oneOf(PARTNER_COUNTRIES), flight: text, departsAt: instant, week }],
  PassengerAdded: [{ caseId: uuid }],
  PassengerRemoved: [{ caseId: uuid, reasonCode: text }],
  ManifestApproved: [{ revision: wholeNumber, passengers: list(uuid) }],
  BoardingOpened: [{ passengers: list(uuid) }],
  FlightDeparted: [{ boarded: list(uuid), leftBehind: list(uuid) }],
  ArrivalConfirmed: [{ arrived: list(uuid) }],
  FlightCancelled: [{ reasonCode: text, passengers: list(uuid) }],
};
