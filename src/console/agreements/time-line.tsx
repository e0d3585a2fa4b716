import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { dayOrInstant, inWords } from '../shell/words';

type Agreement = Schemas['ShownAgreement'];
const LENGTH = 1_000;

/** What an agreement was, is and will be as far as is known; all countries on one scale. */
export function TimeLine({ agreement, others, now }: { agreement: Agreement; others: readonly Agreement[]; now: string }): ReactNode {
  const times = others.flatMap(({ standings, upcoming }) => [...standings, ...upcoming].map(({ at }) => Date.parse(at)));
  const today = Date.parse(now);
  const [first, last] = [Math.min(...times, today), Math.max(...times, today)];
  const span = Math.max(1, last - first) * 1.05;
  const x = (time: number) => Math.round(((time - first) / span) * LENGTH);
  const all = [...agreement.standings, ...agreement.upcoming];
  return (
    <>
      <svg className="time-line" viewBox={`0 0 ${LENGTH} 24`} preserveAspectRatio="none" aria-hidden="true">
        {all.map(({ at, standing }, index) => {
          const [from, to] = [x(Date.parse(at)), x(Date.parse(all[index + 1]?.at ?? '') || first + span)];
          return (
            <rect
              key={`${at} ${standing}`}
              className={`standing standing--${standing}`}
              x={from}
              width={Math.max(1, to - from)}
              y={4}
              height={16}
            />
          );
        })}
        <path className="now" d={`M${x(today)} 0V24`} />
      </svg>
      <p className="beside">The line across it is today, {now.slice(0, 10)}.</p>
      <ol className="standings">
        {all.map(({ at, standing }) => (
          <li key={`${at} ${standing}`}>
            <span className={`key standing--${standing}`} aria-hidden="true" /> {inWords(standing)} from {dayOrInstant(at)}
            {Date.parse(at) > today && <strong> (to come)</strong>}
          </li>
        ))}
      </ol>
    </>
  );
}
