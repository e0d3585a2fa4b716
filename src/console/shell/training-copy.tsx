import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, answered } from '../api/client';
import { trainingTime, useStored, type Session } from '../api/session';
import { instant } from './words';
import './training-copy.css';

/** Said on every page where time is simulated; who may move it does so here. */
export function TrainingCopy({ who }: { readonly who: Session | null }): ReactNode {
  const now = useStored(trainingTime);
  if (now === null) return null;
  return (
    <section aria-label="Training copy" className="training">
      <p>
        <strong>Training copy</strong> Its time is <time dateTime={now}>{instant(now)}</time>. All people are invented.
      </p>
      {who?.roles.includes('admin') && <MoveTime now={now} />}
    </section>
  );
}

/** The time moves once every timer before it has run down, which may take a while. */
function MoveTime({ now }: { readonly now: string }): ReactNode {
  const cache = useQueryClient();
  const [to, setTo] = useState('');
  const moving = useMutation({
    mutationFn: () => answered(api.PUT('/v1/clock', { body: { now: `${to.slice(0, 16)}:00Z` } })),
    onSuccess: () => {
      setTo('');
      return cache.invalidateQueries();
    },
  });
  return (
    <form
      aria-label="Move the time"
      onSubmit={event => {
        event.preventDefault();
        moving.mutate();
      }}
    >
      <label htmlFor="training-time">Move it to (UTC)</label>
      <input
        id="training-time"
        type="datetime-local"
        required
        min={now.slice(0, 16)}
        max="8999-12-31T23:59"
        value={to}
        onChange={({ target }) => setTo(target.value)}
      />
      <button type="submit" disabled={moving.isPending}>
        {moving.isPending ? 'Timers run down…' : 'Move the time'}
      </button>
      <span role="status">{moving.error?.message}</span>
    </form>
  );
}
