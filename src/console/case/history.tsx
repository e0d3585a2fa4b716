import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { instant } from '../shell/words';

const A_PAGE = 100;

/** Asked once for all that is made of it on the page. */
export const useHistory = (caseId: string) =>
  useInfiniteQuery({
    queryKey: ['timeline', caseId],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { readonly nextCursor: string | null }) => page.nextCursor ?? undefined,
    queryFn: ({ pageParam: cursor }) =>
      answered(
        api.GET('/v1/cases/{caseId}/timeline', {
          params: { path: { caseId }, query: { limit: A_PAGE, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
  });

/** The whole history in words, newest last, a page at a time. */
export function History({ caseId }: { readonly caseId: string }): ReactNode {
  const history = useHistory(caseId);
  if (history.isPending) return <Loading what="the history" error={history.failureReason} />;
  if (!history.data) return <Failed error={history.error ?? new Error('Nothing was answered.')} again={() => void history.refetch()} />;
  const rows = history.data.pages.flatMap(page => page.rows);
  return (
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      <HistoryRows rows={rows} />
      {history.hasNextPage && <p>These are the first {rows.length} entries: newer ones follow.</p>}
      {history.hasNextPage && (
        <button
          type="button"
          className="usa-button usa-button--outline"
          disabled={history.isFetching}
          onClick={() => void history.fetchNextPage()}
        >
          More of the history
        </button>
      )}
    </section>
  );
}

export const HistoryRows = ({ rows }: { readonly rows: readonly Schemas['CaseTimelineRow'][] }): ReactNode => (
  <ol className="history">
    {rows.map(({ revision, at, recordedAt, summary, actor }) => (
      <li key={revision}>
        <span className="beside">
          {instant(at)}, {actor}
          {at.slice(0, 16) !== recordedAt.slice(0, 16) && `, recorded ${instant(recordedAt)}`}
        </span>
        <span dir="auto">{summary}</span>
      </li>
    ))}
  </ol>
);
