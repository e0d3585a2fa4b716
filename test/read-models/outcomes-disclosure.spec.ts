import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import { outcomesProjection } from '../../src/read-models/outcomes/outcomes.projection.js';
import { ReportOutcomes, ReportOutcomesHandler, type OutcomesAsked } from '../../src/read-models/outcomes/outcomes.query.js';
import { Attacker, type Known } from '../support/attacker.js';
import { follow, type Following } from './following.js';
import { anEvent, applied, arrived, at, departed, accepted, opened, requested, returned } from './histories.js';

/* All reports of one position that the public may ask for, and what can be worked out of them together. */

const MONTHS = ['2020-01', '2020-02', '2020-03'] as const;
interface Months {
  readonly from?: string;
  readonly to?: string;
}
const RANGES: readonly Months[] = [
  {},
  ...MONTHS.flatMap((from, index) => MONTHS.slice(index).map(to => ({ from: `${from}-01`, to: lastDay(to) }))),
];
const EVENTS = ['requested', 'accepted', 'refused'] as const;
const PEOPLE = ['transferred', 'applied', 'silent'] as const;
type Column = (typeof EVENTS | typeof PEOPLE)[number];
const COLUMNS: readonly Column[] = [...EVENTS, ...PEOPLE];

function lastDay(month: string): string {
  const [year, of] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, of ?? 0, 0)).toISOString().slice(0, 10);
}

let following: Following;
let handler: ReportOutcomesHandler;
beforeAll(async () => {
  following = await follow(outcomesProjection, kinds => kinds.register(caseStream));
  handler = new ReportOutcomesHandler(following.readModels);
  for (const story of stories()) await following.given(`case-${randomUUID()}`, ...story);
});
afterAll(() => following.stop());

const report = (asked: OutcomesAsked) => handler.execute(new ReportOutcomes(asked));

/** A rare nationality, a quiet month, somebody who was sent back and flown again, and many others. */
function* stories() {
  const groups: [month: string, nationality: string, people: number, apply: number, refuse: number][] = [
    ['2020-01', 'HN', 14, 2, 3],
    ['2020-01', 'SV', 9, 0, 1],
    ['2020-01', 'NI', 1, 1, 0],
    ['2020-02', 'HN', 8, 5, 0],
    ['2020-02', 'NI', 2, 0, 2],
    ['2020-03', 'SV', 3, 1, 0],
  ];
  const noon = (month: string, day: number): string => `${month}-${String(day).padStart(2, '0')}T12:00:00Z`;
  for (const [month, nationality, people, apply, refuse] of groups) {
    for (let person = 0; person < people; person++)
      yield [
        opened({ nationalities: [nationality] }),
        requested(noon(month, 2)),
        accepted(noon(month, 3)),
        departed(noon(month, 4)),
        arrived(noon(month, 5)),
        ...(person < apply ? [applied(noon(month, 8))] : []),
      ];
    for (let person = 0; person < refuse; person++)
      yield [
        opened({ nationalities: [nationality] }),
        requested(noon(month, 2)),
        anEvent({ type: 'TransferRefused', data: { requestId: randomUUID(), reasonCode: null } }, at(noon(month, 3))),
      ];
  }
  const twice = ['2020-01', '2020-03'].flatMap(month => [
    requested(noon(month, 2)),
    accepted(noon(month, 3)),
    departed(noon(month, 4)),
    arrived(noon(month, 5)),
    returned(noon(month, 6)),
  ]);
  yield [opened({ nationalities: ['HN'] }), ...twice];
}

test('no figure of 1 to 4 is shown, all others are exact or hidden, and nothing that is hidden can be worked out', async () => {
  const cells = MONTHS.flatMap(month => ['HN', 'NI', 'SV'].map(nationality => ({ month, nationality })));
  const known: Known[] = [];
  const hidden: { readonly of: number[]; readonly what: string }[] = [];
  let shownCounts = 0;
  for (const range of RANGES)
    for (const country of [undefined, 'GT'] as const)
      for (const by of ['month', 'nationality', 'country'] as const) {
        const asked = { ...range, by, ...(country && { country }) };
        const [exact, open] = [await report(asked), await report({ ...asked, disclosure: 'public' })];
        const pairs = [
          ...exact.rows.map((row, index) => [row.group, row, open.rows[index]] as const),
          [undefined, exact.total, open.total] as const,
        ];
        for (const [group, row, shown] of pairs)
          for (const column of COLUMNS) {
            const [value, published] = [row[column], shown?.[column]];
            const inside = cells.flatMap(({ month, nationality }, index) =>
              month >= (range.from ?? month).slice(0, 7) &&
              month <= (range.to ?? month).slice(0, 7) &&
              (by !== 'month' || group === undefined || group === month) &&
              (by !== 'nationality' || group === undefined || group === nationality)
                ? [COLUMNS.indexOf(column) * cells.length + index]
                : [],
            );
            if (published === null) hidden.push({ of: inside, what: `${column} ${group ?? 'total'} ${JSON.stringify(asked)}` });
            else {
              expect(published).toBe(value);
              expect(published === 0 || Number(published) > 4).toBe(true);
              shownCounts += Number(published) > 0 ? 1 : 0;
              // Who arrived twice is one person in a total.
              if (EVENTS.some(name => name === column)) known.push({ of: inside, is: 'equal', value: Number(published) });
              else
                known.push(
                  { of: [], less: inside, is: 'at-most', value: -Number(published) },
                  ...inside.map(one => ({ of: [one], is: 'at-most' as const, value: Number(published) })),
                );
            }
            if (value === 0) expect(published).toBe(0);
            if (shown?.applied === null || shown?.transferred === null) expect(shown.appliedRate).toBeNull();
          }
      }
  const attacker = new Attacker(
    COLUMNS.flatMap(() => cells.map(() => 0)),
    known,
  );
  expect(hidden.filter(({ of }) => attacker.knows(of)).map(({ what }) => what)).toEqual([]);
  expect(hidden.length).toBeGreaterThan(20);
  expect(shownCounts).toBeGreaterThan(20);
});

test.each([
  ['/from', { from: '2020-01-02' }],
  ['/to', { to: '2020-02-28' }],
  ['/by', { by: 'office' }],
  ['/by', { by: 'minor' }],
] as const)('the public is refused what is no whole month or no group that is published: %s', async (pointer, asked) => {
  await expect(report({ ...asked, disclosure: 'public' })).rejects.toMatchObject({ violations: [{ code: 'invalid', pointer }] });
  await report({ from: '2020-02-01', to: '2020-02-29', disclosure: 'public' });
});
