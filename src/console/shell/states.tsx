import type { ReactNode } from 'react';
import { Refusal } from '../api/client';
import { inText } from './words';

/** What is waited for, by the code of what was answered meanwhile. */
const WAITS: Readonly<Record<string, string>> = {
  'read-model-behind': 'What was recorded just now is still on its way to the pages.',
  'safeguards-behind': 'What protects people is still being worked through; nothing is decided before that.',
  'store-unavailable': 'The service cannot reach what it stores in.',
  'too-many-requests': 'Too much was asked for in this minute.',
};

export function whyNotYet(error: Error): string {
  if (!(error instanceof Refusal)) return 'The service does not answer.';
  const { code, status } = error.problem;
  // Refused, and not for the moment: the answer itself says why.
  return WAITS[code] ?? (status < 500 ? error.message : `The service is not ready (${inText(code)}).`);
}

/** @param error why it was not answered yet: it is asked again */
export function Loading({ what, error }: { readonly what: string; readonly error?: Error | null }): ReactNode {
  const why = error && `${whyNotYet(error).replace(/\.$/, '')}; it is asked again by itself.`;
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
