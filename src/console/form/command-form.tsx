import { type QueryClient, type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../api/client';
import { Refusal } from '../api/client';
import { send, type Receipt, type Target } from './send';
import { type Choice, Fields } from './fields';
import { bodyOf, plain, type Command, type Typed } from './schema';
import { inWords } from '../shell/words';

const LOOK_AGAIN_AFTER_MS = 500;
const LOOK_AGAIN_TIMES = 10;

export interface Props {
  readonly to: Target;
  readonly command: Command;
  /** What is on the page, and the query that asks for it; null where nothing is there yet. */
  readonly seen: { readonly query: QueryKey; readonly revision: number } | null;
  readonly known: Readonly<Record<string, readonly Choice[]>>;
  readonly done: (said: string, receipt: Receipt) => void;
  readonly leave: () => void;
}

/** One form for every command. What is sent again from it bears the same key, and so is stored once. */
export function CommandForm({ to, command, seen, known, done, leave }: Props): ReactNode {
  const schema = plain(command.schema);
  const [typed, setTyped] = useState<Typed>(() => onlyChoices(schema, known));
  const [ifMatch, setIfMatch] = useState(seen?.revision ?? null);
  const key = useRef(crypto.randomUUID());
  const sent = useRef('');
  const summary = useRef<HTMLDivElement>(null);
  const cache = useQueryClient();
  const sending = useMutation({
    mutationFn: ({ told, condition }: { readonly told: Typed; readonly condition: number | null }) => {
      const body = bodyOf(schema, told);
      // Another body is another command.
      const text = JSON.stringify(body);
      if (sent.current !== '' && sent.current !== text) key.current = crypto.randomUUID();
      sent.current = text;
      return send(to, body, { key: key.current, ifMatch: condition });
    },
    onSuccess: async receipt => {
      await cache.invalidateQueries();
      const stored = receipt.events.length > 0;
      done(stored ? `Done: ${command.title}.` : `Nothing was stored, for nothing would have changed: ${command.title}.`, receipt);
    },
    onError: async error => {
      summary.current?.focus();
      if (!(error instanceof Refusal) || error.problem.status === 401) return;
      if (error.problem.code === 'revision-mismatch' && seen) await passed(cache, seen);
      await cache.invalidateQueries();
    },
  });
  const problem = sending.error instanceof Refusal ? sending.error.problem : undefined;
  const faults = new Map(problem?.errors.flatMap(({ pointer, message }) => (pointer === undefined ? [] : [[pointer, message] as const])));
  const type = (keyed: string, text: string | null) => setTyped(before => ({ ...before, [keyed]: text }));
  const moved = problem?.code === 'revision-mismatch';
  return (
    <form
      className="usa-form command"
      aria-label={command.title}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        sending.mutate({ told: typed, condition: ifMatch });
      }}
    >
      <div ref={summary} tabIndex={-1} aria-live="assertive">
        {sending.error && <Refused problem={problem} error={sending.error} />}
        {moved && (
          <button
            type="button"
            className="usa-button usa-button--outline"
            onClick={() => {
              // What the page leaves no choice of is as it is now, the revision that an approval names too.
              const told = { ...typed, ...onlyChoices(schema, known) };
              setTyped(told);
              setIfMatch(null);
              sending.mutate({ told, condition: null });
            }}
          >
            I have looked: send it all the same
          </button>
        )}
      </div>
      <Fields schema={schema} keyed="" filling={{ typed, type, faults, known }} />
      <div className="buttons">
        <button type="submit" className="usa-button" disabled={sending.isPending}>
          {sending.isPending ? 'Sending…' : command.title}
        </button>
        <button type="button" className="usa-button usa-button--outline" onClick={leave}>
          Leave it
        </button>
      </div>
    </form>
  );
}

/** What others do is read when the read model has it: it is asked again until it is past this revision. */
async function passed(cache: QueryClient, { query, revision }: NonNullable<Props['seen']>): Promise<void> {
  for (let times = 0; times < LOOK_AGAIN_TIMES; times++) {
    await cache.refetchQueries({ queryKey: query });
    if ((cache.getQueryData<{ readonly revision: number }>(query)?.revision ?? -1) > revision) return;
    await new Promise(resolve => {
      setTimeout(resolve, LOOK_AGAIN_AFTER_MS);
    });
  }
}

/** Where the page leaves no choice, it is chosen. */
function onlyChoices(schema: ReturnType<typeof plain>, known: Props['known']): Typed {
  const names = Object.keys(schema.properties ?? {});
  return Object.fromEntries(names.flatMap(name => (known[name]?.length === 1 ? [[`/${name}`, known[name]?.[0]?.value ?? '']] : [])));
}

function Refused({ problem, error }: { readonly problem: Problem | undefined; readonly error: Error }): ReactNode {
  const own = problem?.errors.filter(({ pointer }) => pointer === undefined) ?? [];
  const heading =
    problem === undefined
      ? 'The service does not answer. Nothing typed is lost: send it again, it is stored once.'
      : problem.code === 'revision-mismatch'
        ? 'Somebody else changed this meanwhile. The page shows it as it is now.'
        : problem.status === 401
          ? 'The sign-in has run out. Sign in again above; what was typed stays.'
          : problem.title;
  return (
    <div className="usa-alert usa-alert--error usa-alert--slim">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          <strong>{heading}</strong>
        </p>
        {own.length > 0 ? (
          <ul>
            {own.map(({ code, message }) => (
              <li key={code}>
                {message} <span className="code">{inWords(code)}</span>
              </li>
            ))}
          </ul>
        ) : (
          problem !== undefined && <p className="usa-alert__text">{error.message}</p>
        )}
      </div>
    </div>
  );
}
