/* The figures of the reports, counted from raw events by whoever has read their definitions and nothing of the service's own code. */

/** As it is stored: what of it a figure needs. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: { readonly occurredAt: string; readonly recordedAt: string };
}

/** The events of each case, in their order. */
export type RawCases = ReadonlyMap<string, readonly RawEvent[]>;

export interface Asked {
  readonly country?: string;
  readonly from?: string;
  readonly to?: string;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const isIn = ({ from = '', to = '9' }: Asked, instant: string): boolean =>
  instant.slice(0, 10) >= from && instant.slice(0, 10) <= to;

/** Of milliseconds, to one decimal. */
export const inHours = (ms: number): number => Math.round(ms / (HOUR_MS / 10)) / 10;

/** What was recorded in error. */
export const retractedIn = (events: readonly RawEvent[]): ReadonlySet<unknown> =>
  new Set(events.filter(({ type }) => type === 'EntryRetracted').map(({ data }) => data['eventId']));
