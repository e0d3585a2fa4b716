import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { precisely } from '../shell/words';
import { compared, isChanged } from './leaves';
import { LeavesList } from './leaves-list';
import { useSettled } from './settled';
import { leavesOfFile } from './state';

interface Props {
  readonly caseId: string;
  readonly events: readonly Schemas['ShownEvent'][];
}

/** What was known by one time of what had happened by another, whose axes need not be at the same place. */
export function TwoTimes({ caseId, events }: Props): ReactNode {
  const [isAsked, setAsked] = useState(false);
  return (
    <section aria-labelledby="two-times">
      <h2 id="two-times">Two times</h2>
      <p>
        What had been recorded by one time, of what had happened by another: what was entered late is left out on the first axis, what came
        later on the second. Corrections and retractions count from when they were recorded alone.
      </p>
      {isAsked ? (
        <Sliders caseId={caseId} events={events} />
      ) : (
        <button type="button" className="usa-button usa-button--outline" onClick={() => setAsked(true)}>
          Choose two times
        </button>
      )}
    </section>
  );
}

function Sliders({ caseId, events }: Props): ReactNode {
  const recorded = inOrder(events.map(({ metadata }) => metadata.recordedAt));
  const happened = inOrder(events.map(({ metadata }) => metadata.occurredAt));
  const [known, setKnown] = useState(recorded.length - 1);
  const [by, setBy] = useState(happened.length - 1);
  const recordedAt = recorded[useSettled(known)] ?? '';
  const occurredAt = happened[useSettled(by)] ?? '';
  return (
    <>
      <Axis name="Recorded by" times={recorded} at={known} go={setKnown} />
      <Axis name="Happened by" times={happened} at={by} go={setBy} />
      <Then caseId={caseId} recordedAt={recordedAt} occurredAt={occurredAt} />
    </>
  );
}

const inOrder = (times: readonly string[]): string[] => [...new Set(times)].sort((a, b) => Date.parse(a) - Date.parse(b));

interface AxisProps {
  readonly name: string;
  readonly times: readonly string[];
  readonly at: number;
  readonly go: (to: number) => void;
}

function Axis({ name, times, at, go }: AxisProps): ReactNode {
  const id = useId();
  const time = precisely(times[at] ?? '');
  return (
    <>
      <label className="usa-label" htmlFor={id}>
        {name} <strong>{time}</strong>
      </label>
      <input
        className="usa-range"
        id={id}
        type="range"
        min={0}
        max={times.length - 1}
        value={at}
        aria-valuetext={time}
        onChange={({ target }) => go(Number(target.value))}
      />
    </>
  );
}

interface ThenProps {
  readonly caseId: string;
  readonly recordedAt: string;
  readonly occurredAt: string;
}

/** The case under two horizons, against the file as all of it is known now. */
function Then({ caseId, recordedAt, occurredAt }: ThenProps): ReactNode {
  const asked = useQuery({
    queryKey: ['two-times', caseId, recordedAt, occurredAt],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const path = { id: caseId };
      const [then, now] = await Promise.all([
        answered(api.GET('/v1/audit/cases/{id}/state', { params: { path, query: { recordedAt, occurredAt } } })),
        answered(api.GET('/v1/audit/cases/{id}/state', { params: { path } })),
      ]);
      return { revision: then.revision, leaves: compared(leavesOfFile(now.state), leavesOfFile(then.state)) };
    },
  });
  if (asked.isPending) return <Loading what="the case as it was" error={asked.failureReason} />;
  if (!asked.data) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const { revision, leaves } = asked.data;
  const other = leaves.filter(isChanged).length;
  return (
    <div aria-busy={asked.isFetching}>
      {asked.isPlaceholderData && (
        <Loading what="the case at the times above; below it is as it was asked for before" error={asked.failureReason} />
      )}
      <p role="status">
        {revision < 0
          ? 'By then the case was not opened.'
          : `The last event that counts is that of revision ${revision}. ` +
            (other === 0 ? 'The file is as it is now.' : `Marked: ${other} that are not as they are now.`)}
      </p>
      {revision >= 0 && <LeavesList leaves={leaves} marks={MARKS} there="now" />}
    </div>
  );
}

const MARKS = { here: 'No longer', there: 'Not yet', otherwise: 'Other than now' };
