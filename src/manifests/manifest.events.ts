import type { PartnerCountry } from '../agreements/agreement.events.js';
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

export const manifestEvents: Readonly<Record<ManifestEvent['type'], number>> = {
  ManifestDrafted: 1, PassengerAdded: 1, PassengerRemoved: 1, ManifestApproved: 1, BoardingOpened: 1, FlightDeparted: 1,
  ArrivalConfirmed: 1, FlightCancelled: 1,
};
