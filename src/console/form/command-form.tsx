import { type QueryClient, type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Problem } from '../api/client';
import { Refusal } from '../api/client';
import { refused } from '../api/session';
import { AGAIN_AFTER_MS, passes } from '../api/queries';
import { send, type Receipt, type Target } from './send';
import { drafts, type Draft } from './drafts';
import { type Faults, faultsIn, type Known } from './faults';
import { Fields } from './fields';
import { bodyOf, changesOf, isList, plain, typedOf, type Command, type Schema, type Typed } from './schema';
import { standing } from './standing';
import { whyNotYet } from '../shell/states';
import { inWords } from '../shell/words';

const LOOK_AGAIN_AFTER_MS = 500;
const LOOK_AGAIN_FOR_MS = 5_000;

export interface Props {
  readonly to: Target;
  readonly command: Command;
  /** What is on the page, and the query that asks for it; null where nothing is there yet. */
  readonly seen: {
    readonly query: QueryKey;
    readonly revision: number;
    /** What came after a revision, where that can be told. */
    readonly since?: (revision: number) => ReactNode;
  } | null;
  readonly known: Known;
  /** What stands already and is to be changed: the form begins with it, and what stays as it was is not sent. */
  readonly begins?: unknown;
  readonly done: (said: string, receipt: Receipt) => void;
  /** @param isUnderWay it may be stored, or not: nobody has answered yet */
  readonly leave: (isUnderWay: boolean) => void;
}

/** One form for every command. What is sent again from it bears the same key, and so is stored once. */
export function CommandForm({ to, command, seen, known, begins, done, leave }: Props): ReactNode {
  const schema = plain(command.schema);
  const place = JSON.stringify(to);
  const [draft] = useState(() => drafts.get(place));
  const [begun] = useState<Typed | null>(() => draft?.begun ?? (begins === undefined ? null : typedOf(schema, begins)));
  const [typed, setTyped] = useState<Typed>(() => draft?.typed ?? { ...begun, ...onlyChoices(schema, known) });
  const [opened] = useState(seen?.revision ?? null);
  const [ifMatch, setIfMatch] = useState(opened);
  const isHere = useRef(true);
  const isSending = useRef(false);
  const key = useRef(draft?.key ?? crypto.randomUUID());
  const sent = useRef(draft?.sent ?? '');
  const summary = useRef<HTMLDivElement>(null);
  const cache = useQueryClient();
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  const [first] = useState(typed);
  useEffect(() => {
    if (typed !== first) keep(typed);
  }, [typed, first]);
  const keep = (next: Typed) => drafts.set(place, { typed: next, begun, key: key.current, sent: sent.current } satisfies Draft);
  const sending = useMutation({
    mutationFn: ({ told, condition }: { readonly told: Typed; readonly condition: number | null }) => {
      if (!isHere.current) throw new Error('The form was left.');
      const whole = bodyOf(schema, told);
      const body = begun === null ? whole : (changesOf(schema, bodyOf(schema, begun), whole) ?? {});
      // Another body is another command.
      const text = JSON.stringify(body);
      if (sent.current !== '' && sent.current !== text) key.current = crypto.randomUUID();
      sent.current = text;
      keep(told);
      return send(to, body, { key: key.current, ifMatch: condition });
    },
    // What passes by itself is waited for as long as somebody looks at the form.
    retry: (_count, error) => isHere.current && passes(error),
    retryDelay: AGAIN_AFTER_MS,
    onSuccess: async receipt => {
      drafts.delete(place);
      await within(LOOK_AGAIN_FOR_MS, cache.invalidateQueries());
      // Whoever has left it is elsewhere, perhaps in another form.
      if (!isHere.current) return;
      const stored = receipt.events.length > 0;
      done(stored ? `Done: ${command.title}.` : `Nothing was stored, for nothing would have changed: ${command.title}.`, receipt);
    },
    onError: async error => {
      summary.current?.focus();
      // What does not fit, or is nobody's, was compared with nothing that is stored: the page is not asked for again.
      if (!(error instanceof Refusal) || [400, 401].includes(error.problem.status)) return;
      if (error.problem.code === 'revision-mismatch' && seen) await within(LOOK_AGAIN_FOR_MS, passed(cache, seen, isHere));
      void cache.invalidateQueries();
    },
  });
  // The second of two clicks comes before anything says that the first one was taken.
  const submit = (told: Typed, condition: number | null) => {
    if (isSending.current) return;
    isSending.current = true;
    sending.mutate({ told, condition }, { onSettled: () => void (isSending.current = false) });
  };
  const problem = sending.error instanceof Refusal ? sending.error.problem : undefined;
  const { told, gone } = standing(schema, known, typed);
  const faults = faultsIn(problem?.errors ?? [], schema, sending.variables?.told ?? typed, known);
  const beside = new Map([...faults.beside, ...gone.map(keyed => [keyed, 'What was chosen here is there no longer.'] as const)]);
  // Of what came before, not of what is shown: a browser may fill several fields at once.
  const type = (keyed: string, text: string | null) => setTyped(before => ({ ...standing(schema, known, before).told, [keyed]: text }));
  const moved = problem?.code === 'revision-mismatch';
  return (
    <form
      className="usa-form command"
      aria-label={command.title}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        // Half a date, or somebody who was searched for and not chosen, would be left out: it is to be seen first.
        const unfinished = [...event.currentTarget.querySelectorAll('input')].find(
          ({ validity }) => validity.badInput || validity.customError,
        );
        if (unfinished) unfinished.reportValidity();
        else submit(told, ifMatch);
      }}
    >
      {draft && <p className="state">What you typed before you left this form is here again. Nothing of it was answered.</p>}
      <div ref={summary} tabIndex={-1} aria-live="assertive">
        {sending.isPending && sending.failureReason && (
          <p className="state">{whyNotYet(sending.failureReason)} It is sent again by itself, and stored once.</p>
        )}
        {sending.error && <Refused problem={problem} error={sending.error} own={moved ? [] : faults.onTop} />}
        {moved && opened !== null && seen?.since?.(opened)}
        {moved && (
          <button
            type="button"
            className="usa-button usa-button--outline"
            onClick={() => {
              const condition = seen?.revision ?? null;
              setIfMatch(condition);
              submit(told, condition);
            }}
          >
            I have looked: send it all the same
          </button>
        )}
      </div>
      <fieldset className="usa-fieldset" disabled={sending.isPending}>
        <Fields schema={schema} keyed="" filling={{ typed: told, type, faults: beside, known }} />
      </fieldset>
      <div className="buttons">
        <button type="submit" className="usa-button" disabled={sending.isPending}>
          {sending.isPending ? 'Sending…' : command.title}
        </button>
        <button
          type="button"
          className="usa-button usa-button--outline"
          onClick={() => {
            drafts.delete(place);
            leave(sending.isPending);
          }}
        >
          Leave it
        </button>
      </div>
    </form>
  );
}

/** What others do is read when the read model has it: it is asked again until it is past this revision. */
async function passed(
  cache: QueryClient,
  { query, revision }: NonNullable<Props['seen']>,
  isHere: { readonly current: boolean },
): Promise<void> {
  while (isHere.current) {
    await cache.refetchQueries({ queryKey: query });
    if ((cache.getQueryData<{ readonly revision: number }>(query)?.revision ?? -1) > revision) return;
    await pause(LOOK_AGAIN_AFTER_MS);
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, ms);
  });

/** What is read anew may be long in coming: nobody is kept waiting for it. */
const within = (ms: number, work: Promise<void>): Promise<void> => Promise.race([work, pause(ms)]);

/** Where the page leaves no choice, it is chosen; of a list nobody need be. */
function onlyChoices({ properties = {} }: Schema, known: Props['known']): Typed {
  const names = Object.keys(properties).filter(name => !isList(properties[name] ?? {}));
  return Object.fromEntries(names.flatMap(name => (known[name]?.length === 1 ? [[`/${name}`, known[name]?.[0]?.value ?? '']] : [])));
}

interface RefusedProps {
  readonly problem: Problem | undefined;
  readonly error: Error;
  readonly own: Faults['onTop'];
}

function Refused({ problem, error, own }: RefusedProps): ReactNode {
  const heading =
    problem?.code === 'revision-mismatch'
      ? 'This was changed meanwhile, by somebody else or from another window. What you typed is kept.'
      : problem?.status === 401
        ? `${refused.get() ?? ''} Sign in again above; what was typed stays.`
        : problem?.status === 403
          ? 'You may not do this with the roles that you have now. Nothing was stored; what you typed is kept.'
          : (problem?.title ?? 'That did not work.');
  return (
    <div className="usa-alert usa-alert--error usa-alert--slim">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          <strong>{heading}</strong>
        </p>
        {own.length > 0 ? (
          <ul>
            {own.map(({ code, message }) => (
              <li key={`${code} ${message}`}>
                {message} <span className="code">{inWords(code)}</span>
              </li>
            ))}
          </ul>
        ) : (
          problem?.code !== 'revision-mismatch' && <p className="usa-alert__text">{error.message}</p>
        )}
      </div>
    </div>
  );
}
