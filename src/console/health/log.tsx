import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { Save } from '../shell/save';
import { Failed, Loading } from '../shell/states';
import { askHead } from './asked';

/** What proves that nothing was altered, and for auditors the newest head of it to keep elsewhere. */
export function Log({ log, keeps }: { readonly log: Schemas['LogHealth'] | undefined; readonly keeps: boolean }): ReactNode {
  return (
    <section aria-labelledby="log">
      <h2 id="log">Log</h2>
      {log?.stopped !== undefined && (
        <p>
          <span className="tag tag--alert">Stopped</span> {log.stopped}
        </p>
      )}
      {log?.size !== undefined && (
        <p>
          {log.size} entries, {log.lagSeconds} s behind the newest event; what no signed head covers is {log.unsignedSeconds} s old.
        </p>
      )}
      {log?.witnesses?.map(({ witness, size, failure, late }) => (
        <p key={witness}>
          Witness {witness}: has {size} entries. {(late || failure !== null) && <span className="tag tag--alert">{failure ?? 'Late'}</span>}
        </p>
      ))}
      {keeps && <NewestHead />}
    </section>
  );
}

function NewestHead(): ReactNode {
  const head = useQuery({ queryKey: ['head'], queryFn: askHead, staleTime: Infinity });
  return (
    <>
      <h3>Newest signed head</h3>
      {head.isPending ? (
        <Loading what="the head to be signed" error={head.failureReason} />
      ) : !head.data ? (
        <Failed error={head.error} again={() => void head.refetch()} />
      ) : (
        <Head head={head.data} />
      )}
      <div className="buttons">
        <button type="button" className="usa-button usa-button--outline" disabled={head.isFetching} onClick={() => void head.refetch()}>
          Sign the head anew
        </button>
        {head.data && (
          <Save ask={async () => `${JSON.stringify(head.data)}\n`} name="checkpoint.json" type="application/json">
            Keep this head
          </Save>
        )}
      </div>
    </>
  );
}

function Head({ head: { checkpoint, publicKey } }: { readonly head: Schemas['LogCheckpoint'] }): ReactNode {
  const [origin = '', entries = '', root = ''] = checkpoint.split('\n');
  const facts = [
    ['Entries', entries],
    ['Root hash', root],
    ['Origin', origin],
    ['Key that checks it', publicKey],
  ] as const;
  return (
    <>
      <dl className="facts head">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        Kept where the office cannot reach it, it holds the log to what is there now: <code>caseledger verify --head</code> tells whether a
        later dossier is of the same log.
      </p>
    </>
  );
}
