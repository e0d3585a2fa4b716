import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { Save } from '../shell/save';
import { Failed, Loading } from '../shell/states';

interface Props {
  readonly caseId: string;
}

/** The history to be carried out of the house, and what the verifier says of it. */
export function Dossier({ caseId }: Props): ReactNode {
  const [isAsked, setAsked] = useState(false);
  const verdict = useQuery({
    queryKey: ['verdict', caseId],
    enabled: isAsked,
    // Every look is put on record: nobody looks but who asks.
    staleTime: Infinity,
    queryFn: () => answered(api.GET('/v1/audit/cases/{id}/dossier/verdict', { params: { path: { id: caseId } } })),
  });
  return (
    <section aria-labelledby="dossier">
      <h2 id="dossier">Dossier</h2>
      <p>
        A file that proves this history to somebody without access: <code>caseledger verify</code> checks it with the public key alone. Here
        the service holds its own dossier to its own log; whoever trusts nobody here verifies the file, with a key that was got elsewhere.
      </p>
      <div className="buttons">
        <Save ask={() => dossierOf(caseId)} name={`dossier-${caseId}.json`} type="application/json">
          Download the dossier
        </Save>
        <button
          type="button"
          className="usa-button usa-button--outline"
          disabled={verdict.isFetching}
          onClick={() => (isAsked ? void verdict.refetch() : setAsked(true))}
        >
          Have it verified
        </button>
      </div>
      {verdict.isFetching ? (
        <Loading what="the verdict" error={verdict.failureReason} />
      ) : verdict.isError ? (
        <Failed error={verdict.error} again={() => void verdict.refetch()} />
      ) : (
        verdict.data && <Verdict of={verdict.data} />
      )}
    </section>
  );
}

const Verdict = ({ of }: { readonly of: Schemas['DossierVerdict'] }): ReactNode => (
  <p role="status">
    {of.sound ? (
      <>
        <span className="tag">Sound</span> Its {of.revision + 1} events are those of the log as it was at {of.entries} entries: none
        altered, left out or added. Personal data: of {of.opened} events opened, of {of.erased} erased.
      </>
    ) : (
      <>
        <span className="tag tag--hold">Not sound</span> <bdi>{of.wrong}</bdi>
      </>
    )}
    <br />
    <span className="beside">
      Held to the key <code>{of.publicKey}</code>
    </span>
  </p>
);

// Its very bytes: one changed is another file.
const dossierOf = (id: string): Promise<string> =>
  answered(api.GET('/v1/audit/cases/{id}/dossier', { params: { path: { id } }, parseAs: 'text' }));
