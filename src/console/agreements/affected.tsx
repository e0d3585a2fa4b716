import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { inWords } from '../shell/words';

type Country = Schemas['ShownAgreement']['country'];

const AGAIN_AFTER_MS = 3_000;

/** @param live asked again by itself: holds come and go while somebody looks */
export const useAffected = (country: Country, live = false): UseQueryResult<Schemas['CasesUnderAgreement']> =>
  useQuery({
    queryKey: ['under-agreement', country],
    queryFn: () => answered(api.GET('/v1/agreements/{country}/cases', { params: { path: { country } } })),
    refetchInterval: live && AGAIN_AFTER_MS,
  });

/** How many cases are under the agreement, and how many of them a suspension holds. */
export function Affected({ country }: { readonly country: Country }): ReactNode {
  const affected = useAffected(country);
  if (affected.isPending) return <Loading what="the cases under the agreement" error={affected.failureReason} />;
  if (!affected.data) return <Failed error={affected.error} again={() => void affected.refetch()} />;
  const { rows } = affected.data;
  const held = rows.reduce((total, row) => total + row.held, 0);
  return (
    <>
      <h3>Cases under the agreement</h3>
      {rows.length === 0 ? (
        <p>None: a suspension would hold nobody.</p>
      ) : (
        <>
          <p>
            {held === 0
              ? 'None is held for a suspension. One would hold all of them, from every office.'
              : `${held} held for a suspension.`}
          </p>
          <dl className="counts">
            {rows.map(({ status, cases }) => (
              <div key={status}>
                <dt>{inWords(status)}</dt>
                <dd>{cases}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}
