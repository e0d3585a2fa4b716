/** A report as people look at it: a table, and one of its figures as bars. */
export interface Drawn {
  readonly title: string;
  /** What a bar counts. */
  readonly unit: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly bars: readonly Bar[];
  /** Which days and which agreement. */
  readonly scope: string;
  readonly asOfPosition: string;
  readonly codeVersion: string;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

const CELLS = 40;
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The table, with its figures to the right, and a line that says as of when. */
export function asTable({ columns, rows, asOfPosition }: Drawn): string {
  const lines = [columns, ...rows.map(row => row.map(cell => String(cell ?? '-')))];
  const widths = columns.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const padded = lines.map(line =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
  return [...padded, `as of position ${asOfPosition || 'none'}`].join('\n');
}

/** The bars in characters; empty where there are none. */
export function asBars({ title, unit, bars }: Drawn): string {
  if (bars.length === 0) return '';
  const [widest, most] = [Math.max(...bars.map(({ label }) => label.length)), mostOf(bars)];
  const lines = bars.map(({ label, value }) => {
    const eighths = Math.round((value / most) * CELLS * 8);
    return `${label.padEnd(widest)}  ${'█'.repeat(eighths >> 3)}${BLOCKS[eighths & 7] ?? ''} ${value}`;
  });
  return [`${title} (${unit})`, ...lines].join('\n');
}

const [WIDTH, RIGHT, TOP, LINE, FOOT] = [860, 70, 84, 30, 64];
/** Of a letter of a label, at most; how far from the left bars begin; and how long a label gets. */
const [LETTER, LEFT, LONGEST] = [8, 220, 50];

/** The bars as a picture that explains itself: SVG with title, unit, axis, source and position. */
export function asSvg({ title, unit, bars, scope, asOfPosition, codeVersion }: Drawn): string {
  const [bottom, most] = [TOP + Math.max(1, bars.length) * LINE, mostOf(bars)];
  const labels = bars.map(({ label }) => (label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label));
  const left = Math.max(LEFT, ...labels.map(({ length }) => 20 + length * LETTER));
  const across = (value: number): number => Math.round((value / most) * (WIDTH - left - RIGHT) * 10) / 10;
  const text = (x: number, y: number, size: number, words: string, more = ''): string =>
    `<text x="${x}" y="${y}" font-size="${size}"${more}>${escaped(words)}</text>`;
  const end = ' text-anchor="end"';
  const middle = ' text-anchor="middle" fill="#555"';
  const step = stepOf(most);
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + FOOT}" width="${WIDTH}" height="${bottom + FOOT}" ` +
      'role="img" font-family="sans-serif" fill="#222">',
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${bottom + FOOT}" fill="#fff"/>`,
    text(20, 32, 20, title, ' font-weight="bold"'),
    text(20, 56, 14, `${unit}; ${scope}`, ' fill="#555"'),
    ...marks.flatMap(mark => [
      `<line x1="${left + across(mark)}" x2="${left + across(mark)}" y1="${TOP - 6}" y2="${bottom}" stroke="#ddd"/>`,
      text(left + across(mark), bottom + 16, 12, String(mark), middle),
    ]),
    ...bars.flatMap(({ value }, index) => {
      const y = TOP + index * LINE;
      return [
        text(left - 10, y + 16, 13, labels[index] ?? '', end),
        `<rect x="${left}" y="${y}" width="${across(value)}" height="${LINE - 8}" fill="#2b6ca3"/>`,
        text(left + across(value) + 6, y + 16, 13, String(value)),
      ];
    }),
    ...(bars.length === 0 ? [text(left, TOP + 16, 13, 'nothing to show')] : []),
    text(20, bottom + 46, 12, `Source: Caseledger ${codeVersion}, as of position ${asOfPosition || 'none'}`, ' fill="#555"'),
    '</svg>\n',
  ].join('\n');
}

const mostOf = (bars: readonly Bar[]): number => Math.max(1, ...bars.map(({ value }) => value));

/** 1, 2 or 5 times a power of ten, so that there are 10 marks at most; never less than one whole. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 10));
  return Math.max(1, ([1, 2, 5, 10].find(times => most / (times * power) <= 10) ?? 10) * power);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (words: string): string => words.replaceAll(/[&<>"]/g, character => ENTITIES[character] ?? '');
