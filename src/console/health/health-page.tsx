import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Heading } from '../shell/heading';
import { Failed, Loading } from '../shell/states';
import { instant, inWords, inText } from '../shell/words';
import { askReady, type Ready } from './asked';
import { Followers } from './followers';
import { Log } from './log';
import '../shell/figures.css';
import './health.css';

const LOOK_EVERY_MS = 5_000;

type Details = Ready['details'];

/** What operators look at, as the service says it of itself now. */
export default function HealthPage({ audits }: { readonly audits: boolean }): ReactNode {
  const ready = useQuery({ queryKey: ['ready'], queryFn: askReady, refetchInterval: LOOK_EVERY_MS, meta: { saysItself: true } });
  const seenAt = new Date(ready.dataUpdatedAt).toISOString();
  return (
    <>
      <Heading>Health</Heading>
      {ready.isPending ? (
        <Loading what="what the service says of itself" error={ready.failureReason} />
      ) : !ready.data ? (
        <Failed error={ready.error} again={() => void ready.refetch()} />
      ) : (
        <>
          <p role="status" className="state">
            {ready.failureReason ? (
              <>
                <span className="tag tag--alert">Does not answer</span> What stands here is of {instant(seenAt)}. It is asked again by
                itself.
              </>
            ) : (
              <Verdict ready={ready.data} />
            )}
          </p>
          <Depended details={ready.data.details} />
          <Followers details={ready.data.details} />
          <Log log={ready.data.details.log} keeps={audits} />
        </>
      )}
    </>
  );
}

function Verdict({ ready: { status, error = {} } }: { readonly ready: Ready }): ReactNode {
  const down = Object.keys(error).map(name => inText(name));
  return status === 'ok' ? (
    <>
      <strong>Ready.</strong> All that the service depends on is up.
    </>
  ) : (
    <>
      <span className="tag tag--alert">Not ready</span> Down: {down.join(', ') || 'the service is ending'}.
    </>
  );
}

function Depended({ details }: { readonly details: Details }): ReactNode {
  const issuer = details['token-issuer'];
  const told: Readonly<Record<string, string | undefined>> = {
    'event-store': details['event-store']?.newest === undefined ? undefined : `newest event ${details['event-store'].newest || 'none'}`,
    'token-issuer': issuer?.awaySince === undefined ? issuer?.issuer : `away since ${instant(issuer.awaySince)}`,
  };
  return (
    <section aria-labelledby="dependencies">
      <h2 id="dependencies">Dependencies</h2>
      <ul className="dependencies">
        {Object.entries(details).map(([name, { status }]) => (
          <li key={name}>
            <strong>{inWords(name)}</strong> <span className={status === 'up' ? 'tag' : 'tag tag--alert'}>{inWords(status)}</span>{' '}
            <span className="beside">{told[name]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
