import { useState, type ReactNode } from 'react';
import { Refusal } from '../api/client';

interface Props {
  readonly children: ReactNode;
  readonly ask: () => Promise<string>;
  readonly name: string;
  readonly type: string;
}

/** A button that asks for a text and hands it over as a file. */
export function Save({ children, ask, name, type }: Props): ReactNode {
  const [said, setSaid] = useState('');
  const save = async () => {
    setSaid('Waiting for the file…');
    try {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([await ask()], { type }));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
      setSaid('');
    } catch (error) {
      setSaid(error instanceof Refusal ? error.message : 'The service does not answer.');
    }
  };
  return (
    <>
      <button type="button" className="usa-button usa-button--outline" onClick={() => void save()}>
        {children}
      </button>
      <span role="status">{said}</span>
    </>
  );
}
