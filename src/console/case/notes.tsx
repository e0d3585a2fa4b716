import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { Told } from '../shell/told';
import { instant } from '../shell/words';
import type { CaseFile } from './seen-case';

const NEWEST = 20;
const A_PAGE = 50;

/** The newest notes, or all of them from the first on. */
export function Notes({ file }: { readonly file: CaseFile }): ReactNode {
  const { caseId, notes, noteCount } = file;
  const [isWhole, setWhole] = useState(false);
  if (noteCount === 0) return null;
  const newest = notes.slice(-NEWEST).reverse();
  return (
    <section aria-labelledby="notes">
      <h2 id="notes">Notes ({noteCount})</h2>
      {noteCount > newest.length && (
        <p className="beside">
          {isWhole ? 'All notes, the oldest first.' : `The newest ${newest.length} of ${noteCount}, the newest first.`}
        </p>
      )}
      {isWhole ? (
        <AllNotes caseId={caseId} isErased={file.applicant === null} />
      ) : (
        <List notes={newest} isErased={file.applicant === null} />
      )}
      {noteCount > newest.length && (
        <button type="button" className="usa-button usa-button--unstyled" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show the newest alone' : `Show all ${noteCount} notes`}
        </button>
      )}
    </section>
  );
}

function AllNotes({ caseId, isErased }: { readonly caseId: string; readonly isErased: boolean }): ReactNode {
  const all = useInfiniteQuery({
    queryKey: ['notes', caseId],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { readonly nextCursor: string | null }) => page.nextCursor ?? undefined,
    queryFn: ({ pageParam: cursor }) =>
      answered(
        api.GET('/v1/cases/{caseId}/notes', {
          params: { path: { caseId }, query: { limit: A_PAGE, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
  });
  if (all.isPending) return <Loading what="the notes" error={all.failureReason} />;
  if (!all.data) return <Failed error={all.error ?? new Error('Nothing was answered.')} again={() => void all.refetch()} />;
  return (
    <>
      <List notes={all.data.pages.flatMap(({ rows }) => rows)} isErased={isErased} />
      {all.hasNextPage && (
        <p>
          <button
            type="button"
            className="usa-button usa-button--outline"
            disabled={all.isFetching}
            onClick={() => void all.fetchNextPage()}
          >
            More notes
          </button>
        </p>
      )}
    </>
  );
}

interface ListProps {
  readonly notes: readonly Schemas['ShownNote'][];
  readonly isErased: boolean;
}

const List = ({ notes, isErased }: ListProps): ReactNode => (
  <ul className="notes">
    {notes.map(({ text, at, by }, index) => (
      <li key={`${at} ${index}`}>
        <span className="beside">
          {instant(at)}, {by}
        </span>
        {text === null ? <p>{isErased ? 'Erased.' : 'Not shown to your roles.'}</p> : <Told>{text}</Told>}
      </li>
    ))}
  </ul>
);
