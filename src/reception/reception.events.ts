import { uuid, week, wholeNumber, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

/** A place is one person's share of a partner country's weekly capacity, on one flight. */
export type ReceptionEvent =
  | DomainEvent<'CapacityDeclared', { week: string; places: number }>
  | DomainEvent<'PlaceReserved', { caseId: string; week: string; manifestId: string }>
  | DomainEvent<'PlaceReleased', { caseId: string; week: string; manifestId: string }>;

const place = { caseId: uuid, week, manifestId: uuid };
export const receptionEvents: Described<ReceptionEvent> = {
  CapacityDeclared: [{ week, places: wholeNumber }],
  PlaceReserved: [place],
  PlaceReleased: [place],
};
