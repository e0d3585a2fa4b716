import { asBars, asSvg, asTable, type Drawn } from '../../src/reporting/drawn.js';

/* A report as people look at it: at a terminal, and as a picture that needs no other words. */

const drawn: Drawn = {
  title: 'People <transferred> & counted',
  unit: 'people',
  scope: 'GT, from 2019-11-15 to 2020-03-16',
  columns: ['', 'transferred', 'rate'],
  rows: [
    ['HN', 578, 2.1],
    ['SV', 361, null],
  ],
  bars: [
    { label: 'HN', value: 578 },
    { label: 'SV', value: 289 },
    { label: 'none', value: 0 },
  ],
  asOfPosition: '0000000000000019754',
  codeVersion: '0.1.0+3',
};

it('lays figures out in columns', () => {
  expect(asTable(drawn)).toBe('    transferred  rate\nHN          578   2.1\nSV          361     -\nas of position 0000000000000019754');
});

it('draws bars of which the longest is the greatest', () => {
  expect(asBars(drawn)).toBe(
    ['People <transferred> & counted (people)', `HN    ${'█'.repeat(40)} 578`, `SV    ${'█'.repeat(20)} 289`, 'none   0'].join('\n'),
  );
  expect(asBars({ ...drawn, bars: [] })).toBe('');
});

it('draws a picture with title, unit, days, source and position, whatever they hold', () => {
  const picture = asSvg(drawn);
  for (const told of [
    'People &lt;transferred&gt; &amp; counted',
    'people; GT, from 2019-11-15 to 2020-03-16',
    'Source: Caseledger 0.1.0+3, as of position 0000000000000019754',
  ])
    expect(picture).toContain(`>${told}</text>`);
  const widths = [...picture.matchAll(/<rect x="220" y="\d+" width="([\d.]+)"/g)].map(found => Number(found[1]));
  expect(widths).toEqual([570, 285, 0]);
  const marks = [...picture.matchAll(/text-anchor="middle"[^>]*>(\d+)</g)].map(found => Number(found[1]));
  expect(marks).toEqual([0, 100, 200, 300, 400, 500]);
  expect(asSvg({ ...drawn, bars: [], asOfPosition: '' })).toContain('nothing to show');
});

it('leaves room for the longest label, and cuts one that would leave none for the bars', () => {
  const edgesOf = (label: string): number[] => {
    const picture = asSvg({ ...drawn, bars: [{ label, value: 10 }] });
    const [, end, words = ''] = /<text x="([\d.]+)"[^>]*text-anchor="end">([^<]*)</.exec(picture) ?? [];
    const [, x, width] = /<rect x="(\d+)" y="\d+" width="([\d.]+)"/.exec(picture) ?? [];
    return [Number(end) - words.length * 7.5, Number(width), Number(x) - Number(end)];
  };
  for (const label of ['HN', 'blocked: determination-not-confirmed', 'ELP '.padEnd(204, 'W')]) {
    const [begins, width, gap] = edgesOf(label);
    expect(begins).toBeGreaterThan(0);
    expect(width).toBeGreaterThan(300);
    expect(gap).toBe(10);
  }
});
