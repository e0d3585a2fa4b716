import type { Queryable } from '../database/database.js';
import type { Trigger } from './process-inbox.js';

/** Which items of a list are asked for: the first ones after one. */
export interface Page {
  readonly process: string;
  readonly list: string;
  readonly after: string;
  readonly limit: number;
}

/** Codes of the refused steps of each trigger, by step and target. */
export type Refusals = ReadonlyMap<string, readonly string[]>;

export const stepKey = (step: string, target: string): string => `${step} ${target}`;

/** One statement for all who ask at a time. @throws DatabaseUnavailable */
export async function refusalsOf(database: Queryable, triggers: readonly Trigger[]): Promise<(one: Trigger) => Refusals> {
  const { rows } = await database.query<{ process: string; triggerId: string; step: string; target: string; codes: string[] }>({
    name: 'refusals-of-triggers',
    text: `SELECT process, trigger_id AS "triggerId", step, target_stream AS target, codes FROM ledger.process_refusals
      WHERE (process, trigger_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))`,
    values: [triggers.map(({ process }) => process), triggers.map(({ triggerId }) => triggerId)],
  });
  const refusals = new Map<string, Map<string, readonly string[]>>();
  for (const { process, triggerId, step, target, codes } of rows) {
    const key = stepKey(process, triggerId);
    refusals.set(key, (refusals.get(key) ?? new Map<string, readonly string[]>()).set(stepKey(step, target), codes));
  }
  return ({ process, triggerId }) => refusals.get(stepKey(process, triggerId)) ?? new Map<string, readonly string[]>();
}

/** @throws DatabaseUnavailable */
export async function pagesOf(database: Queryable, pages: readonly Page[]): Promise<(one: Page) => readonly string[]> {
  const { rows } = await database.query<{ asked: number; item: string }>({
    name: 'noted-items',
    text: `SELECT a.asked, l.item
      FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) WITH ORDINALITY AS a(process, list, after, most, asked)
      CROSS JOIN LATERAL (SELECT item FROM ledger.process_lists
        WHERE process = a.process AND list = a.list AND item > a.after ORDER BY item LIMIT a.most) AS l
      ORDER BY a.asked, l.item`,
    values: [
      pages.map(({ process }) => process),
      pages.map(({ list }) => list),
      pages.map(({ after }) => after),
      pages.map(({ limit }) => limit),
    ],
  });
  const items = new Map(pages.map((page): [Page, string[]] => [page, []]));
  const lists = [...items.values()];
  for (const { asked, item } of rows) lists[asked - 1]?.push(item);
  return page => items.get(page) ?? [];
}
