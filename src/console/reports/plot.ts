import { axisX, axisY, barX, dot, lineY, plot, ruleX, ruleY, text, type Markish } from '@observablehq/plot';
import type { Point, Series } from './shown';

/* Loaded when the first chart is drawn: it weighs more than all else. */

const FONT_PX = 13;
const LETTER_PX = 8;
/** Lines are broken by the widths of a narrow font. */
const WIDEST_EM_PX = 14;
/** Between a name and its bar. */
const GAP_PX = 8;
const ROW_PX = 32;
const LINE_HEIGHT_PX = 180;
/** More would stand on one another. */
const MARKS = 5;
/** What one of them takes. */
const MARK_PX = 80;
const WRITTEN_OUT = 8;

/** The chart as an element. Its colours are those of the page. @param width in pixels */
export function drawn({ kind, points }: Series, width: number): Element {
  const chart = kind === 'line' ? ofMonths(points, width) : ofGroups(points, width);
  // A style element would break the page's policy; what it says is in the page's own style sheet.
  for (const style of chart.querySelectorAll('style')) style.remove();
  // It is one picture, whose words stand around it.
  for (const part of chart.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  return chart;
}

function ofMonths(points: readonly Point[], width: number): Element {
  const each = Math.ceil(points.length / Math.min(MARKS, Math.floor(width / MARK_PX)));
  const most = mostOf(points);
  const valued = points.filter(({ value }) => value !== null);
  return plot({
    className: 'plot',
    width,
    height: LINE_HEIGHT_PX,
    marginLeft: String(most).length * LETTER_PX + 24,
    marginRight: 28,
    marginBottom: 28,
    marginTop: 20,
    x: { type: 'point', domain: points.map(({ label }) => label) },
    y: { domain: [0, most], nice: true },
    marks: [
      axisX({ ticks: points.filter((_, at) => at % each === 0).map(({ label }) => label), label: null, fontSize: FONT_PX }),
      axisY({ ticks: Math.min(3, most), tickFormat: String, label: null, fontSize: FONT_PX }),
      ruleY([0]),
      // What is not known is a gap in the line.
      lineY(points, { x: 'label', y: ({ value }: Point) => value ?? Number.NaN, className: 'line' }),
      dot(valued, { x: 'label', y: 'value', r: 4, className: 'mark' }),
      ...(points.length > WRITTEN_OUT ? [] : [values(valued, { x: 'label', y: 'value', dy: -12 })]),
    ],
  });
}

/** Lines end at spaces alone: the hyphen of a caseworker's name is no place for it. */
const unbroken = (label: string): string => label.replaceAll('-', '\u2011');

function ofGroups(points: readonly Point[], width: number): Element {
  const longest = points.reduce((length, { label }) => Math.max(length, label.length), 0);
  const marginLeft = Math.min(Math.round(width * 0.48), longest * LETTER_PX + 12);
  const most = mostOf(points);
  return plot({
    className: 'plot',
    width,
    height: points.length * ROW_PX + 8,
    marginLeft,
    marginRight: String(most).length * LETTER_PX + 20,
    marginTop: 4,
    marginBottom: 4,
    x: { domain: [0, most], axis: null },
    y: { domain: points.map(({ label }) => label), label: null, padding: 0.35 },
    marks: [
      axisY({ tickSize: 0, label: null, fontSize: FONT_PX, tickFormat: unbroken, lineWidth: (marginLeft - GAP_PX) / WIDEST_EM_PX }),
      barX(points, { x: 'value', y: 'label', className: 'bars' }),
      ruleX([0]),
      values(
        points.map(({ label, value }) => ({ label, value, from: value ?? 0 })),
        { x: 'from', y: 'label', dx: 6, textAnchor: 'start' },
      ),
    ],
  });
}

const values = (points: readonly Point[], where: object): Markish =>
  text(points, {
    ...where,
    text: ({ value }: Point) => (value === null ? 'not shown' : String(value)),
    fontSize: FONT_PX,
    className: 'value',
  });

const mostOf = (points: readonly Point[]): number => points.reduce((most, { value }) => Math.max(most, value ?? 0), 1);
