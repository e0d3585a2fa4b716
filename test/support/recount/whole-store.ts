import type { Database } from '../../../src/database/database.js';
import { FIGURES, GROUPS, recountOutcomes } from './outcomes.js';
import type { Asked, RawCases, RawEvent } from './raw-event.js';
import { recountSafeguards } from './safeguards.js';
import { recountScreening } from './screening.js';
import { recountWorkload } from './workload.js';

/** All that is stored of cases, as the tables have it. */
export async function rawCasesIn(owner: Database): Promise<{ readonly cases: RawCases; readonly now: string }> {
  const cases = new Map<string, RawEvent[]>();
  let [position, now] = ['-1', ''];
  for (;;) {
    const { rows } = await owner.query<RawEvent & { stream: string; position: string }>(
      `SELECT stream, position::text, id, type, data, 
         json_build_object('occurredAt', metadata->'occurredAt', 'recordedAt', metadata->'recordedAt') AS metadata
       FROM ledger.events e WHERE position > $1 ORDER BY e.position LIMIT 20000`,
      [position],
    );
    for (const { stream, id, type, data, metadata } of rows.filter(row => row.stream.startsWith('case-'))) {
      const events = cases.get(stream) ?? [];
      cases.set(stream, events);
      events.push({ id, type, data, metadata });
      now = metadata.recordedAt;
    }
    const last = rows.at(-1);
    if (!last) return { cases, now };
    position = last.position;
  }
}

/** All days, a month of them, one, and some before everything. */
function rangesOf(cases: RawCases): Asked[] {
  const days = [...cases.values()].flatMap(events => events.map(({ metadata }) => metadata.occurredAt.slice(0, 10))).toSorted();
  const middle = days[days.length >> 1] ?? '';
  const month = middle.slice(0, 8);
  return [{}, { from: `${month}01`, to: `${month}28` }, { from: middle, to: middle }, { from: days.at(-1) ?? '' }, { to: '2019-01-01' }];
}

export interface Compared {
  readonly asked: string;
  readonly answered: unknown;
  readonly counted: unknown;
}

/**
 * Each report, by every group, of every agreement and of several days: what a service answers, and what is counted.
 * @param ask gives the body of what the path is answered with, once it shows all that is stored
 */
export async function* compareReports(
  { cases, now }: Awaited<ReturnType<typeof rawCasesIn>>,
  ask: (path: string) => Promise<Readonly<Record<string, unknown>>>,
): AsyncGenerator<Compared> {
  const outcomes = recountOutcomes(cases);
  const ofOne = {
    screening: recountScreening,
    safeguards: recountSafeguards,
    workload: (...of: Parameters<typeof recountWorkload>) => ({ rows: recountWorkload(...of) }),
  };
  for (const range of rangesOf(cases))
    for (const country of [undefined, 'GT', 'HN', 'SV']) {
      const asked: Asked = { ...range, ...(country && { country }) };
      const query = new URLSearchParams({ ...asked }).toString();
      for (const by of GROUPS) {
        const path = `outcomes?by=${by}&${query}`;
        const { rows, total } = (await ask(path)) as { rows: readonly { group: string }[]; total: object };
        const answered = Object.fromEntries(
          [{ ...total, group: 'total' }, ...rows].map(row => [
            row.group,
            Object.fromEntries(FIGURES.map(name => [name, (row as Record<string, unknown>)[name]])),
          ]),
        );
        yield { asked: path, answered, counted: outcomes.report({ ...asked, by }) };
      }
      for (const [report, recount] of Object.entries(ofOne)) {
        const path = `${report}?${query}`;
        const { asOfPosition: _, codeVersion: __, ...answered } = await ask(path);
        yield { asked: path, answered, counted: recount(cases, asked, now) };
      }
    }
}
