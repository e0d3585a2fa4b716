import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { compared, isChanged, leavesOf, type Leaf } from './leaves';
import { LeavesList } from './leaves-list';
import { fullName, type Name } from '../shell/words';

type File = Schemas['AuditState']['state'];

/** What is said above the list is not in it. */
export const leavesOfFile = (file: File) => leavesOf(file && { ...file, revision: null, caseId: null });

interface Step {
  readonly revision: number;
  /** Null once erased. */
  readonly person: Name | null;
  readonly leaves: readonly Leaf[];
}

const KEPT_MS = 60_000;

/** What was known at a revision, against the one before; both are kept for the next step. */
export function useStep(caseId: string, revision: number) {
  const cache = useQueryClient();
  const stateAt = (at: number): Promise<File> =>
    cache.fetchQuery({
      queryKey: ['state', caseId, at],
      staleTime: KEPT_MS,
      gcTime: KEPT_MS,
      queryFn: async () =>
        (await answered(api.GET('/v1/audit/cases/{id}/state', { params: { path: { id: caseId }, query: { revision: at } } }))).state,
    });
  return useQuery({
    queryKey: ['step', caseId, revision],
    gcTime: KEPT_MS,
    staleTime: KEPT_MS,
    placeholderData: keepPreviousData,
    queryFn: async (): Promise<Step> => {
      const [before, after] = await Promise.all([revision === 0 ? null : stateAt(revision - 1), stateAt(revision)]);
      const [was, is] = [before, after].map(leavesOfFile);
      return { revision, person: after?.applicant ?? null, leaves: compared(was ?? new Map(), is ?? new Map()) };
    },
  });
}

export function State({ step }: { readonly step: ReturnType<typeof useStep> }): ReactNode {
  if (step.isPending) return <Loading what="the case as it was" error={step.failureReason} />;
  if (!step.data) return <Failed error={step.error ?? new Error('Nothing was answered.')} again={() => void step.refetch()} />;
  const { revision, person, leaves } = step.data;
  const changed = leaves.filter(isChanged);
  return (
    <section aria-labelledby="state" aria-busy={step.isFetching}>
      <h2 id="state">The case at revision {revision}</h2>
      {step.isPlaceholderData && step.failureReason && <Loading what="the next revision" error={step.failureReason} />}
      {person === null && <p className="state">This person was erased: what was personal can be read by nobody any more.</p>}
      <p>
        {person !== null && (
          <>
            <strong>
              <bdi>{fullName(person)}</bdi>
            </strong>
            .{' '}
          </>
        )}
        {changed.length === 0 ? 'Nothing that is shown here changed.' : `Marked: ${changed.length} changed.`} What is empty is left out.
      </p>
      <LeavesList leaves={leaves} marks={MARKS} there="before" />
    </section>
  );
}

const MARKS = { here: 'New', there: 'Gone', otherwise: 'Changed' };
