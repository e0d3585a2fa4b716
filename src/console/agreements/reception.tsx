import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { session, useStored } from '../api/session';
import { OneCommand } from '../form/one-command';
import { Failed, Loading } from '../shell/states';
import { capital, weekInWords } from '../shell/words';

type Country = Schemas['ShownAgreement']['country'];
const SHOWN_WEEKS = 8;

/** The places that the country has declared, for the weeks that are nearest. */
export function Reception({ country }: { readonly country: Country }): ReactNode {
  const declares = useStored(session)?.roles.includes('admin') ?? false;
  const reception = useQuery({
    queryKey: ['reception', country],
    queryFn: () => answered(api.GET('/v1/reception/{country}', { params: { path: { country } } })),
  });
  if (reception.isPending) return <Loading what="the places" error={reception.failureReason} />;
  if (!reception.data) return <Failed error={reception.error} again={() => void reception.refetch()} />;
  const { revision } = reception.data;
  const weeks = reception.data.weeks.slice(-SHOWN_WEEKS);
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
