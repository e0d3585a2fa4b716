import { useState, type ReactNode } from 'react';

const SHORT = 600;

/** What somebody wrote, as it was written; a long one is cut on the screen until it is asked for, and never on paper. */
export function Told({ children: text }: { readonly children: string }): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > SHORT || text.split('\n').length > 12;
  return (
    <>
      <p className={isLong && !isWhole ? 'told told--cut' : 'told'} dir="auto">
        {text}
      </p>
      {isLong && (
        <button type="button" className="usa-button usa-button--unstyled" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less of it' : `Show all of it (${text.length.toLocaleString('en')} characters)`}
        </button>
      )}
    </>
  );
}
