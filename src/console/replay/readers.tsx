import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Empty, Failed, Loading } from '../shell/states';
import { instant } from '../shell/words';

const A_PAGE = 20;

const READ: Readonly<Record<Schemas['AccessRow']['what'], string>> = {
  'case-file': 'The case file',
  notes: 'The notes',
  'possible-duplicates': 'The possible duplicates, side by side',
  timeline: 'The history',
  'allowed-commands': 'What may be done',
  events: 'The events',
  state: 'The case as it was',
  diff: 'What changed',
  access: 'Who read it',
  dossier: 'The dossier',
  caseload: 'Shown in a list of cases',
  search: 'Shown in a search',
  deadlines: 'Shown among deadlines',
  manifests: 'Shown among the people of flights',
  family: 'Shown in a family',
  'actor-access': 'Shown among what somebody read',
  'unusual-access': 'Shown among unusual readings',
};

/** Who read the file, when, and what for; the newest first. */
export function Readers({ caseId }: { readonly caseId: string }): ReactNode {
  const access = useInfiniteQuery({
    queryKey: ['access', caseId],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { readonly nextCursor: string | null }) => page.nextCursor ?? undefined,
    queryFn: ({ pageParam: cursor }) =>
      answered(
        api.GET('/v1/audit/cases/{id}/access', {
          params: { path: { id: caseId }, query: { limit: A_PAGE, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
  });
  const rows = access.data?.pages.flatMap(page => page.rows) ?? [];
  return (
    <section aria-labelledby="readers">
      <h2 id="readers">Who read this file</h2>
      {access.isPending ? (
        <Loading what="who read this file" error={access.failureReason} />
      ) : !access.data ? (
        <Failed error={access.error ?? new Error('Nothing was answered.')} again={() => void access.refetch()} />
      ) : rows.length === 0 ? (
        <Empty>Nobody.</Empty>
      ) : (
        <ol className="history">
          {rows.map(({ actor, what, at, revision, purpose, record }) => (
            <li key={`${record} ${what}`}>
              <span className="beside">
                {instant(at)}, {actor.id}
              </span>
              <span dir="auto">
                {READ[what]}
                {revision !== null && ` at revision ${revision}`}. {purpose === null ? 'No purpose was stated.' : `Purpose: ${purpose}`}
              </span>
            </li>
          ))}
        </ol>
      )}
      <div className="buttons">
        {access.hasNextPage && (
          <button
            type="button"
            className="usa-button usa-button--outline"
            disabled={access.isFetching}
            onClick={() => void access.fetchNextPage()}
          >
            Earlier readings
          </button>
        )}
        <button type="button" className="usa-button usa-button--outline" onClick={() => void access.refetch()}>
          Read this list anew
        </button>
      </div>
    </section>
  );
}
