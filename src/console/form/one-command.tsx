import { useState, type ReactNode } from 'react';
import { FormOrChoices, type Opened } from './form-or-choices';
import type { Receipt } from './send';

interface Props extends Omit<Opened, 'id'> {
  readonly done?: (receipt: Receipt) => void;
}

/** A command that belongs to no stream that is on the page: a button, and its form in its place. */
export function OneCommand({ done, ...form }: Props): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <FormOrChoices
      label={form.title}
      opened={isOpen ? { ...form, id: form.title } : null}
      end={receipt => {
        setOpen(false);
        if (receipt) done?.(receipt);
      }}
    >
      <div className="buttons">
        <button type="button" className="usa-button usa-button--outline" onClick={() => setOpen(true)}>
          {form.title}
        </button>
      </div>
    </FormOrChoices>
  );
}
