import type { ReactNode } from 'react';
import { Refusal } from '../api/client';
import { inWords } from './words';

/** @param error why it was not answered yet: it is asked again */
export function Loading({ what, error }: { readonly what: string; readonly error?: Error | null }): ReactNode {
  const why =
    error instanceof Refusal
      ? `The service is not ready (${inWords(error.problem.code).toLowerCase()}); it is asked again by itself.`
      : error
        ? 'The service does not answer; it is asked again by itself.'
        : null;
  return (
    <p role="status" className="state">
      Waiting for {what}… {why}
    </p>
  );
}

export function Failed({ error, again }: { readonly error: Error; readonly again?: () => void }): ReactNode {
  return (
    <div className="usa-alert usa-alert--error" role="alert">
      <div className="usa-alert__body">
        <h2 className="usa-alert__heading">{error instanceof Refusal ? error.problem.title : 'That did not work'}</h2>
        <p className="usa-alert__text">{error.message}</p>
        {again && (
          <button type="button" className="usa-button usa-button--outline" onClick={again}>
            Ask again
          </button>
        )}
      </div>
    </div>
  );
}

export const Empty = ({ children }: { readonly children: ReactNode }): ReactNode => <p className="state">{children}</p>;
