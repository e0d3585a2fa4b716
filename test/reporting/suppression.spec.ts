import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SMALL, Suppression, type Cell, type Region, type Relations } from '../../src/reporting/suppression.js';
import { Attacker, type Known } from '../support/attacker.js';

/* Whoever has every table that is shown to the public works out no figure that is hidden. */

const MONTHS = ['2020-01', '2020-02', '2020-03', '2020-04'];
const REQUESTS: Relations = {
  columns: ['requested', 'accepted', 'refused'],
  partOf: {},
  ends: { accepted: 'requested', refused: 'requested' },
};
const PEOPLE: Relations = {
  columns: ['transferred', 'applied', 'granted', 'silent'],
  partOf: { applied: 'transferred', granted: 'applied', silent: 'transferred' },
  ends: {},
};

interface Sizes {
  readonly months: number;
  readonly nationalities: number;
  readonly countries: number;
}
const places = ({ months, nationalities, countries }: Sizes): Pick<Cell, 'month' | 'nationality' | 'country'>[] =>
  MONTHS.slice(0, months).flatMap(month =>
    ['HN', 'NI', 'SV']
      .slice(0, nationalities)
      .flatMap(nationality => ['GT', 'HN'].slice(0, countries).map(country => ({ month, nationality, country }))),
  );

const cellOf = (place: Pick<Cell, 'month' | 'nationality' | 'country'>, counts: Readonly<Record<string, number>>): Cell => {
  const found = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { ...place, counts: found, alone: found };
};

/** Mostly small, as where it matters. */
const count = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 60 }));
const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
const part = (whole: number, of: number): number => Math.round(whole * of);

const people = (sizes: Sizes): fc.Arbitrary<Cell[]> =>
  fc.tuple(
    ...places(sizes).map(place =>
      fc.tuple(count, share, share, share).map(([transferred, a, b, c]) => {
        const applied = part(transferred, a);
        return cellOf(place, { transferred, applied, granted: part(applied, b), silent: part(transferred, c) });
      }),
    ),
  );
/** All that is asked for in a month is answered in it, or in the last. */
const requests = (sizes: Sizes): fc.Arbitrary<Cell[]> =>
  fc
    .tuple(...places(sizes).map(place => fc.tuple(count, share, share).map(([requested, a, b]) => ({ place, requested, a, b }))))
    .map(drawn =>
      drawn.map(({ place, requested, a, b }) => {
        const accepted = part(requested, a);
        return cellOf(place, { requested, accepted, refused: part(requested - accepted, b) });
      }),
    );

function allRegions({ months, nationalities, countries }: Sizes): Region[] {
  const shown = MONTHS.slice(0, months);
  const ranges = [{}, ...shown.flatMap((from, index) => shown.slice(index).map(to => ({ from, to })))];
  return ranges.flatMap(range =>
    [undefined, ...['HN', 'NI', 'SV'].slice(0, nationalities)].flatMap(nationality =>
      [undefined, ...['GT', 'HN'].slice(0, countries)].map(country => ({ ...range, nationality, country })),
    ),
  );
}
const holds = ({ from, to, nationality, country }: Region, cell: Cell): boolean =>
  (!from || cell.month >= from) &&
  (!to || cell.month <= to) &&
  (!nationality || cell.nationality === nationality) &&
  (!country || cell.country === country);

/** What the public sees of a table, and what it makes of it. */
async function attacked(cells: readonly Cell[], relations: Relations, sizes: Sizes) {
  const suppression = await Suppression.of(cells, relations);
  const { columns } = relations;
  const unknown = (column: string, cell: number): number => columns.indexOf(column) * cells.length + cell;
  const known: Known[] = [];
  const hidden: { readonly of: number[]; readonly value: number }[] = [];
  // What is 0 is shown, so that what is hidden is not.
  const least = columns.flatMap(column => cells.map(({ counts }) => (counts[column] ? 1 : 0)));
  for (const column of columns)
    for (const region of allRegions(sizes)) {
      const inside = cells.flatMap((cell, index) => (holds(region, cell) ? [index] : []));
      const value = inside.reduce((sum, index) => sum + (cells[index]?.counts[column] ?? 0), 0);
      const of = inside.map(index => unknown(column, index));
      if (suppression.hides(column, region)) hidden.push({ of, value });
      else known.push({ of, is: 'equal', value });
    }
  for (const [name, whole] of Object.entries(relations.partOf))
    for (const cell of cells.keys()) known.push({ of: [unknown(name, cell)], less: [unknown(whole, cell)], is: 'at-most', value: 0 });
  const [ends, begun] = [Object.keys(relations.ends), Object.values(relations.ends)[0]];
  if (begun !== undefined)
    for (const place of cells) {
      const until = cells.flatMap((cell, index) =>
        cell.nationality === place.nationality && cell.country === place.country && cell.month <= place.month ? [index] : [],
      );
      known.push({
        of: ends.flatMap(end => until.map(cell => unknown(end, cell))),
        less: until.map(cell => unknown(begun, cell)),
        is: 'at-most',
        value: 0,
      });
    }
  const another = (figure: Pick<Known, 'of' | 'value'>): boolean =>
    !new Attacker(least, [...known, { ...figure, is: 'equal' }]).tables().next().done;
  return { hidden, known, attacker: new Attacker(least, known), another };
}

const isSmall = (value: number): boolean => value > 0 && value <= SMALL;
const FAMILIES = [
  ['requests', requests, REQUESTS],
  ['people', people, PEOPLE],
] as const;

describe.each(FAMILIES)('of %s', (_, drawn, relations) => {
  const large = { months: 4, nationalities: 3, countries: 2 };
  test('nothing small is shown, nothing that is 0 is hidden, and nothing hidden follows from what is shown', async () => {
    await fc.assert(
      fc.asyncProperty(drawn(large), async cells => {
        const { hidden, known, attacker } = await attacked(cells, relations, large);
        expect(known.filter(({ is, value }) => is === 'equal' && isSmall(value))).toEqual([]);
        expect(hidden.filter(({ value }) => value === 0)).toEqual([]);
        expect(hidden.filter(({ of }) => attacker.knows(of))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  const little = { months: 2, nationalities: 2, countries: 1 };
  test('and another table, that fits all that is shown, has another number in the place of each that is hidden', async () => {
    await fc.assert(
      fc.asyncProperty(drawn(little), async cells => {
        const { hidden, another } = await attacked(cells, relations, little);
        expect(hidden.filter(({ of, value }) => !another({ of, value: value + 1 }) && !another({ of, value: value - 1 }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

test('the attacker finds what is hidden carelessly', () => {
  const sums: Known[] = [
    { of: [0, 1], is: 'equal', value: 9 },
    { of: [1, 2], is: 'equal', value: 11 },
    { of: [0, 1, 2], is: 'equal', value: 12 },
  ];
  const attacker = new Attacker([0, 0, 0], sums);
  expect([[0], [1], [2]].map(of => attacker.knows(of))).toEqual([true, true, true]);
  const bounds = new Attacker(
    [1, 1, 1],
    [
      { of: [0, 1], is: 'equal', value: 2 },
      { of: [2], less: [0], is: 'at-most', value: 0 },
    ],
  );
  expect(bounds.bounds).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  expect([...new Attacker([0, 0], [{ of: [0, 1], is: 'equal', value: 3 }]).tables()]).toHaveLength(4);
});

test('a large total is shown although what it is made of is small', async () => {
  const cells = places({ months: 4, nationalities: 2, countries: 1 }).map(place => cellOf(place, { transferred: 50, applied: 3 }));
  const suppression = await Suppression.of(cells, PEOPLE);
  const shown = (region: Region) => !suppression.hides('applied', region);
  expect([shown({}), shown({ nationality: 'HN' }), shown({ country: 'GT' }), shown({ from: '2020-01', to: '2020-01' })]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(shown({ from: '2020-01', to: '2020-01', nationality: 'HN' })).toBe(false);
  expect(cells.every(({ month, nationality }) => !suppression.hides('transferred', { from: month, to: month, nationality }))).toBe(true);
});
