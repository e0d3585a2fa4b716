import type { Fact } from '../event-store/stream-kind.js';

/** A place is one person's share of a partner country's weekly capacity, on one flight. */
export type ReceptionEvent =
  | Fact<'CapacityDeclared', { week: string; places: number }>
  | Fact<'PlaceReserved', { caseId: string; week: string; manifestId: string }>
  | Fact<'PlaceReleased', { caseId: string; week: string; manifestId: string }>;

export const receptionEvents: Readonly<Record<ReceptionEvent['type'], number>> = { CapacityDeclared: 1, PlaceReserved: 1, PlaceReleased: 1 };
