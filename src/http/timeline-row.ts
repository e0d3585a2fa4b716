import type { DomainEvent, Recorded } from '../event-store/stream-kind.js';
import { AnyText, Instant } from '../fields/fields.js';

/** One event of a stream in words. */
export class TimelineRow {
  @Instant({ description: 'When it happened; the rows are in the order in which it was recorded.' }) readonly at!: string;
  @Instant() readonly recordedAt!: string;
  @AnyText({ example: 'CaseOpened' }) readonly event!: string;
  @AnyText() readonly summary!: string;
  @AnyText() readonly actor!: string;
}

export const timelineRow = ({ type, metadata }: Pick<Recorded<DomainEvent>, 'type' | 'metadata'>, summary: string): TimelineRow => ({
  at: metadata.occurredAt,
  recordedAt: metadata.recordedAt,
  event: type,
  summary,
  actor: metadata.actor.id,
});
