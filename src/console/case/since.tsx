import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { HistoryRows } from './history';

const MOST = 50;

/** What was recorded of a case after the revision that somebody began with. */
export function Since({ caseId, revision }: { readonly caseId: string; readonly revision: number }): ReactNode {
  const since = useQuery({
    queryKey: ['timeline', caseId, 'since', revision],
    queryFn: () =>
      answered(api.GET('/v1/cases/{caseId}/timeline', { params: { path: { caseId }, query: { after: revision, limit: MOST } } })),
  });
  if (since.isPending) return <Loading what="what changed" error={since.failureReason} />;
  if (!since.data) return <Failed error={since.error ?? new Error('Nothing was answered.')} again={() => void since.refetch()} />;
  return (
    <section aria-labelledby="since">
      <h4 id="since">What changed since you opened this form</h4>
      <HistoryRows rows={since.data.rows} />
      {since.data.nextCursor !== null && <p>And more: see the history below.</p>}
    </section>
  );
}
