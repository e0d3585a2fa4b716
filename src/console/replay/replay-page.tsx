import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import { Heading } from '../shell/heading';
import { Failed, Loading } from '../shell/states';
import { inWords } from '../shell/words';
import { Axes } from './axes';
import { Dossier } from './dossier';
import { Event } from './event';
import { Readers } from './readers';
import { useSettled } from './settled';
import { State, useStep } from './state';
import { TwoTimes } from './two-times';

type ShownEvent = Schemas['ShownEvent'];

const A_PAGE = 200;
const PLAYED_FOR_MS = 1_000;

/** A case's history, a revision at a time. */
export default function ReplayPage({ caseId }: { readonly caseId: string }): ReactNode {
  const history = useInfiniteQuery({
    queryKey: ['events', caseId],
    initialPageParam: 0,
    getNextPageParam: (page: { readonly next: number | null }) => page.next ?? undefined,
    queryFn: ({ pageParam: from }) =>
      answered(api.GET('/v1/audit/cases/{id}/events', { params: { path: { id: caseId }, query: { from, limit: A_PAGE } } })),
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = history;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const events = history.data?.pages.flatMap(page => page.events) ?? [];
  const isWhole = history.data !== undefined && !hasNextPage;
  return (
    <>
      <Heading>Replay</Heading>
      <p className="beside">
        Case {caseId}, <Link href={`/cases/${caseId}`}>as it is now</Link>
      </p>
      {!isWhole && !isError && (
        <Loading what={events.length === 0 ? 'the events' : `more events, ${events.length} are here`} error={history.failureReason} />
      )}
      {isError && <Failed error={history.error} again={() => void (history.data ? fetchNextPage() : history.refetch())} />}
      {events.length > 0 && <Player caseId={caseId} events={events} />}
      {isWhole && events.length > 0 && <TwoTimes caseId={caseId} events={events} />}
      {events.length > 0 && <Dossier caseId={caseId} />}
      {events.length > 0 && <Readers caseId={caseId} />}
    </>
  );
}

function Player({ caseId, events }: { readonly caseId: string; readonly events: readonly ShownEvent[] }): ReactNode {
  const [at, setAt] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const step = useStep(caseId, useSettled(at));
  const last = events.length - 1;
  const isShown = step.data?.revision === at;
  useEffect(() => {
    if (!isPlaying || !isShown) return;
    const timer = setTimeout(() => (at < last ? setAt(at + 1) : setPlaying(false)), PLAYED_FOR_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, isShown, at, last]);
  const event = events[at];
  if (!event) return null;
  const go = (to: number) => {
    setPlaying(false);
    setAt(Math.min(last, Math.max(0, to)));
  };
  return (
    <>
      <section aria-label="Player" className="player">
        <label className="usa-label" htmlFor="revision">
          Revision {at} of {last}
        </label>
        <input
          className="usa-range"
          id="revision"
          type="range"
          min={0}
          max={last}
          value={at}
          aria-valuetext={`${at}: ${inWords(event.type)}`}
          onChange={({ target }) => go(Number(target.value))}
        />
        <div className="buttons">
          <Move to={() => go(0)} isOff={at === 0}>
            First
          </Move>
          <Move to={() => go(at - 1)} isOff={at === 0}>
            Back
          </Move>
          <button
            type="button"
            className="usa-button"
            onClick={() => {
              if (!isPlaying && at === last) setAt(0);
              setPlaying(!isPlaying);
            }}
          >
            {isPlaying ? 'Pause' : 'Play'}
          </button>
          <Move to={() => go(at + 1)} isOff={at === last}>
            Next
          </Move>
          <Move to={() => go(last)} isOff={at === last}>
            Last
          </Move>
        </div>
      </section>
      <Axes events={events} at={event} />
      <div className="replayed">
        <Event event={event} />
        <State step={step} />
      </div>
    </>
  );
}

interface MoveProps {
  readonly to: () => void;
  readonly isOff: boolean;
  readonly children: ReactNode;
}

/** Off, yet in reach: a button that was turned off would lose who stands on it. */
const Move = ({ to, isOff, children }: MoveProps): ReactNode => (
  <button type="button" className="usa-button usa-button--outline" aria-disabled={isOff} onClick={to}>
    {children}
  </button>
);
