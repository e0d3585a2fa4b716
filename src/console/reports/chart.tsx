import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Series } from './shown';

const MOST_BARS = 20;

/** A figure as a picture. Who cannot see it has the table, which holds all of it. */
export function Chart({ series, table }: { readonly series: Series; readonly table: string }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [fault, setFault] = useState(false);
  const { shown, left } = useMemo(() => mostOf(series), [series]);
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    let isGone = false;
    const draw = async () => {
      const { drawn } = await import('./plot');
      if (!isGone) place.current?.replaceChildren(drawn(shown, width));
    };
    if (width > 0) void draw().catch(() => setFault(true));
    return () => {
      isGone = true;
    };
  }, [shown, width]);
  return (
    <figure className="chart">
      <figcaption>
        <strong>{series.title}</strong> <span className="beside">({series.unit})</span>
      </figcaption>
      {fault && <p className="state">The chart could not be loaded; the table has the figures.</p>}
      <div ref={place} role="img" aria-label={`${inOneSentence(series)} The table has each figure.`} aria-describedby={table} />
      {left > 0 && (
        <p className="beside">
          The {MOST_BARS} largest; the table has {left} more.
        </p>
      )}
    </figure>
  );
}

function mostOf(series: Series): { readonly shown: Series; readonly left: number } {
  const left = series.kind === 'bars' ? Math.max(0, series.points.length - MOST_BARS) : 0;
  if (left === 0) return { shown: series, left };
  const points = [...series.points].sort((a, b) => (b.value ?? 0) - (a.value ?? 0)).slice(0, MOST_BARS);
  return { shown: { ...series, points }, left };
}

function inOneSentence({ title, unit, points }: Series): string {
  const told = points.flatMap(({ label, value }) => (value === null ? [] : [{ label, value }]));
  const [first] = told;
  if (!first) return `${title}: not shown.`;
  const most = told.reduce((highest, point) => (point.value > highest.value ? point : highest), first);
  return told.length === 1
    ? `${title}, ${unit}: ${first.value} in ${first.label}.`
    : `${title}, ${unit}, from ${first.label} to ${told.at(-1)?.label}: most in ${most.label}, ${most.value}.`;
}
