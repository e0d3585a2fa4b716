import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { instant, precisely } from '../shell/words';

type ShownEvent = Schemas['ShownEvent'];

const LENGTH = 1_000;

/** When each event happened, and when it was recorded, on one scale: what was entered late leans. */
export function Axes({ events, at }: { readonly events: readonly ShownEvent[]; readonly at: ShownEvent }): ReactNode {
  const times = events.map(({ metadata }) => ({ happened: Date.parse(metadata.occurredAt), recorded: Date.parse(metadata.recordedAt) }));
  const all = times.flatMap(({ happened, recorded }) => [happened, recorded]);
  const first = all.reduce((least, time) => Math.min(least, time), Infinity);
  const span = Math.max(1, all.reduce((most, time) => Math.max(most, time), -Infinity) - first);
  const x = (time: number) => Math.round(((time - first) / span) * LENGTH);
  const ticks = (xs: readonly number[], y: number) => [...new Set(xs)].map(place => `M${place} ${y}v12`).join('');
  const now = { recorded: x(Date.parse(at.metadata.recordedAt)), happened: x(Date.parse(at.metadata.occurredAt)) };
  return (
    <div className="axes">
      <p>
        <strong>Recorded</strong> <time dateTime={at.metadata.recordedAt}>{precisely(at.metadata.recordedAt)}</time>
      </p>
      <svg viewBox={`-8 0 ${LENGTH + 16} 60`} preserveAspectRatio="none" aria-hidden="true">
        <path className="axis" d={`M0 12H${LENGTH}M0 48H${LENGTH}`} />
        <path
          className="ticks"
          d={
            ticks(
              times.map(({ recorded }) => x(recorded)),
              6,
            ) +
            ticks(
              times.map(({ happened }) => x(happened)),
              42,
            )
          }
        />
        <path className="at" d={`M${now.recorded} 0V12L${now.happened} 48V60`} />
      </svg>
      <p>
        <strong>Happened</strong> <time dateTime={at.metadata.occurredAt}>{precisely(at.metadata.occurredAt)}</time>
      </p>
      <p className="beside">
        Both axes go from {instant(new Date(first).toISOString())} to {instant(new Date(first + span).toISOString())}.
      </p>
    </div>
  );
}
