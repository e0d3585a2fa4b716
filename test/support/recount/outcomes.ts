import { type Asked, DAY_MS, isIn, type RawCases, type RawEvent, retractedIn } from './raw-event.js';

/** Somebody or something that counts, and under what. */
interface Counted {
  readonly figure: string;
  readonly day: string;
  readonly country: string;
  readonly nationality: string;
  /** Whose case it was then. */
  readonly office: string;
  readonly minor: boolean;
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

interface Arrival {
  readonly country: string;
  readonly day: string;
  readonly at: number;
  readonly heard: number[];
  readonly milestones: { readonly at: number; readonly office: string }[];
}

/** What the whole of one case counts for. */
function ofCase(caseId: string, all: readonly RawEvent[]): Counted[] {
  const gone = retractedIn(all);
  const events = all.filter(({ id }) => !gone.has(id));
  const { nationality, minor, diedAt } = person(events);
  const counted: Counted[] = [];
  let [country, office] = ['', ''];
  let arrival: Arrival | undefined;
  const arrivals: Arrival[] = [];
  for (const { id, type, data, metadata } of events) {
    const { occurredAt } = metadata;
    const at = Date.parse(occurredAt);
    const count = (figure: string, day: string, who: string): void =>
      void counted.push({ figure, day, country, nationality, office, minor, who });
    if (type === 'CaseOpened') office = String(data['office']);
    if (type === 'CaseHandedOver') office = String(data['toOffice']);
    if (type === 'TransferRequested') country = String(data['country']);
    if (REQUESTS[type]) count(REQUESTS[type], occurredAt.slice(0, 10), id);
    if (type.startsWith('TransferredTo')) {
      country = String(data['country']);
      arrival = { country, day: occurredAt.slice(0, 10), at, heard: [], milestones: [] };
      arrivals.push(arrival);
      count('transferred', arrival.day, caseId);
    }
    if (AFTER[type] && arrival) count(AFTER[type], arrival.day, caseId);
    if (AFTER[type] || type === 'ContactReestablished' || type === 'ReturnRecorded') arrival?.heard.push(at);
    if (type === 'FollowUpOverdue' && arrival)
      arrival.milestones.push({ at: arrival.at + (DAYS[String(data['milestone'])] ?? 0) * DAY_MS, office });
    if (type === 'ReturnRecorded') arrival = undefined;
  }
  for (const { day, country: where, heard, milestones } of arrivals)
    for (const milestone of milestones)
      if (!(diedAt < milestone.at) && !heard.some(at => at < milestone.at))
        counted.push({ figure: 'silent', day, country: where, nationality, office: milestone.office, minor, who: caseId });
  return counted;
}

/** As all that is known now has it. */
function person(events: readonly RawEvent[]): { readonly nationality: string; readonly minor: boolean; readonly diedAt: number } {
  let [nationalities, unknown, isMinor, isDisputed, diedAt]: [string[], boolean, boolean, boolean, number] = [
    [],
    false,
    false,
    false,
    Infinity,
  ];
  for (const { type, data, metadata } of events) {
    const { nationalities: told, nationalityUnknown } = (data['applicant'] ?? {}) as {
      nationalities?: string[];
      nationalityUnknown?: boolean;
    };
    if (told) nationalities = told;
    if (nationalityUnknown !== undefined) unknown = nationalityUnknown;
    if (typeof data['minorAtEncounter'] === 'boolean') isMinor = data['minorAtEncounter'];
    if (type === 'AgeDisputed') isDisputed = true;
    if (type === 'AgeDecided') [isDisputed, isMinor] = [false, data['minor'] === true];
    if (type === 'DeathRecorded') diedAt = Date.parse(metadata.occurredAt);
    if (type === 'CaseReopened') diedAt = Infinity;
  }
  const nationality = unknown ? 'unknown' : [...new Set(nationalities)].toSorted().join('+') || 'stateless';
  return { nationality, minor: isDisputed || isMinor, diedAt };
}

export const GROUPS = ['month', 'nationality', 'country', 'office', 'minor'] as const;
export interface OutcomesAsked extends Asked {
  readonly by: (typeof GROUPS)[number];
}

export interface OutcomesRecount {
  /** By group, and under `total`. */
  report(asked: OutcomesAsked): Record<string, Record<string, number>>;
}

const groupOf = (one: Counted, by: OutcomesAsked['by']): string =>
  ({ ...one, month: one.day.slice(0, 7), minor: one.minor ? 'minor' : 'adult' })[by];

export function recountOutcomes(cases: RawCases): OutcomesRecount {
  const counted = [...cases].flatMap(([caseId, events]) => ofCase(caseId, events));
  return {
    report(asked) {
      const groups = new Map<string, Map<string, Set<string>>>();
      const add = (group: string, figure: string, who: string): void => {
        const figures = groups.get(group) ?? new Map<string, Set<string>>();
        groups.set(group, figures);
        figures.set(figure, (figures.get(figure) ?? new Set<string>()).add(who));
      };
      for (const one of counted) {
        if ((asked.country && one.country !== asked.country) || !isIn(asked, one.day)) continue;
        add(groupOf(one, asked.by), one.figure, one.who);
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
