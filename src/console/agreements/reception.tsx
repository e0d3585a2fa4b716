import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { session, trainingTime, useStored } from '../api/session';
import { OneCommand } from '../form/one-command';
import { Failed, Loading } from '../shell/states';
import { capital, weekInWords } from '../shell/words';

type Country = Schemas['ShownAgreement']['country'];
const SHOWN_WEEKS = 8;

/** The places that the country has declared, for the weeks that are nearest. */
export function Reception({ country }: { readonly country: Country }): ReactNode {
  const declares = useStored(session)?.roles.includes('admin') ?? false;
  const now = useStored(trainingTime) ?? new Date().toISOString();
  const reception = useQuery({
    queryKey: ['reception', country],
    queryFn: () => answered(api.GET('/v1/reception/{country}', { params: { path: { country } } })),
  });
  if (reception.isPending) return <Loading what="the places" error={reception.failureReason} />;
  if (!reception.data) return <Failed error={reception.error} again={() => void reception.refetch()} />;
  const { revision } = reception.data;
  const weeks = nearest(reception.data.weeks, weekOf(now));
  const others = reception.data.weeks.length - weeks.length;
  return (
    <>
      <h3>Places by week</h3>
      {weeks.length === 0 ? (
        <p>None are declared.</p>
      ) : (
        <ul className="weeks">
          {weeks.map(({ week, declared, reserved, free }) => (
            <li key={week}>
              <strong>{capital(weekInWords(week))}</strong>: {reserved} of {declared} taken,{' '}
              {free < 0 ? `${-free} too many` : `${free} free`}
            </li>
          ))}
        </ul>
      )}
      {others > 0 && <p className="beside">These are the weeks nearest to now; {others} others are declared.</p>}
      {declares && (
        <OneCommand
          title="Declare places"
          to={{ path: '/v1/reception/{country}/declare-capacity', params: { country } }}
          seen={revision < 0 ? null : { query: ['reception', country], revision }}
          known={{}}
        />
      )}
    </>
  );
}

type Weeks = Schemas['ShownReception']['weeks'];

/** From this week on, and of those before as many as there is room for. */
function nearest(weeks: Weeks, thisWeek: string): Weeks {
  const past = weeks.filter(({ week }) => week < thisWeek).length;
  const first = Math.max(0, Math.min(past, weeks.length - SHOWN_WEEKS));
  return weeks.slice(first, first + SHOWN_WEEKS);
}

const DAY_MS = 86_400_000;

/** The ISO week of an instant, which is that of the year in which its Thursday is. */
function weekOf(now: string): string {
  const day = new Date(now);
  const thursday = new Date(day.getTime() + (4 - (day.getUTCDay() || 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}
