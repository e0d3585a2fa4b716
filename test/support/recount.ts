/* The figures of the outcomes, counted from raw events by whoever has read the definitions and nothing of the service's own code. */

export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly occurredAt: string;
}

/** Somebody or something that counts, and under what. */
interface Counted {
  readonly figure: string;
  readonly day: string;
  readonly country: string;
  readonly nationality: string;
  /** People count once, requests and what became of them as often as it happened. */
  readonly who: string;
}

const REQUESTS: Readonly<Record<string, string>> = {
  TransferRequested: 'requested',
  TransferAccepted: 'accepted',
  TransferRefused: 'refused',
  TransferRequestLapsed: 'lapsed',
};
const AFTER: Readonly<Record<string, string>> = {
  AsylumIntentionExpressed: 'intended',
  AsylumApplied: 'applied',
  AsylumGranted: 'granted',
  AsylumDenied: 'denied',
  AsylumApplicationAbandoned: 'abandoned',
  OnwardDepartureReported: 'onward',
};
export const FIGURES = [
  'requested',
  'accepted',
  'refused',
  'lapsed',
  'transferred',
  'intended',
  'applied',
  'granted',
  'denied',
  'abandoned',
  'onward',
  'silent',
] as const;
const DAYS: Readonly<Record<string, number>> = { PT72H: 3, P30D: 30, P90D: 90 };
const DAY_MS = 86_400_000;

/** What the whole of one case counts for. */
function ofCase(caseId: string, all: readonly RawEvent[]): Counted[] {
  const gone = new Set(all.filter(({ type }) => type === 'EntryRetracted').map(({ data }) => data['eventId']));
  const events = all.filter(({ id }) => !gone.has(id));
  const { nationality, diedAt } = person(events);
  const counted: Counted[] = [];
  let country = '';
  let arrival: { readonly day: string; readonly at: number; readonly heard: number[]; readonly milestones: number[] } | undefined;
  const arrivals: (NonNullable<typeof arrival> & { readonly country: string })[] = [];
  for (const { id, type, data, occurredAt } of events) {
    const at = Date.parse(occurredAt);
    const count = (figure: string, day: string, who: string): void => void counted.push({ figure, day, country, nationality, who });
    if (type === 'TransferRequested') country = String(data['country']);
    if (REQUESTS[type]) count(REQUESTS[type], occurredAt.slice(0, 10), id);
    if (type.startsWith('TransferredTo')) {
      arrival = { day: occurredAt.slice(0, 10), at, heard: [], milestones: [] };
      arrivals.push({ ...arrival, country });
      count('transferred', arrival.day, caseId);
    }
    if (AFTER[type] && arrival) count(AFTER[type], arrival.day, caseId);
    if (AFTER[type] || type === 'ContactReestablished' || type === 'ReturnRecorded') arrival?.heard.push(at);
    if (type === 'FollowUpOverdue') arrival?.milestones.push((arrival?.at ?? 0) + (DAYS[String(data['milestone'])] ?? 0) * DAY_MS);
    if (type === 'ReturnRecorded') arrival = undefined;
  }
  for (const { day, country: where, heard, milestones } of arrivals)
    if (milestones.some(milestone => !(diedAt < milestone) && !heard.some(at => at < milestone)))
      counted.push({ figure: 'silent', day, country: where, nationality, who: caseId });
  return counted;
}

function person(events: readonly RawEvent[]): { readonly nationality: string; readonly diedAt: number } {
  let [nationalities, unknown, diedAt]: [string[], boolean, number] = [[], false, Infinity];
  for (const { type, data, occurredAt } of events) {
    const { nationalities: told, nationalityUnknown } = (data['applicant'] ?? {}) as {
      nationalities?: string[];
      nationalityUnknown?: boolean;
    };
    if (told) nationalities = told;
    if (nationalityUnknown !== undefined) unknown = nationalityUnknown;
    if (type === 'DeathRecorded') diedAt = Date.parse(occurredAt);
  }
  return { nationality: unknown ? 'unknown' : [...new Set(nationalities)].sort().join('+') || 'stateless', diedAt };
}

export interface Recount {
  /** By group, and under `total`. */
  report(asked: {
    by: 'month' | 'nationality' | 'country';
    country?: string;
    from?: string;
    to?: string;
  }): Record<string, Record<string, number>>;
}

export function recount(cases: ReadonlyMap<string, readonly RawEvent[]>): Recount {
  const counted = [...cases].flatMap(([caseId, events]) => ofCase(caseId, events));
  return {
    report({ by, country, from = '', to = '9' }) {
      const groups = new Map<string, Map<string, Set<string>>>();
      const add = (group: string, figure: string, who: string): void => {
        const figures = groups.get(group) ?? new Map<string, Set<string>>();
        groups.set(group, figures);
        figures.set(figure, (figures.get(figure) ?? new Set<string>()).add(who));
      };
      for (const one of counted) {
        if ((country && one.country !== country) || one.day < from || one.day > to) continue;
        add({ month: one.day.slice(0, 7), nationality: one.nationality, country: one.country }[by], one.figure, one.who);
        add('total', one.figure, one.who);
      }
      return Object.fromEntries(
        ['total', ...groups.keys()].map(group => [
          group,
          Object.fromEntries(FIGURES.map(figure => [figure, groups.get(group)?.get(figure)?.size ?? 0])),
        ]),
      );
    },
  };
}
