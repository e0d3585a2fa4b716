import { useId, type ReactNode } from 'react';
import type { Choice } from './faults';
import { Fault, faultOf, Hint, Label, Nothing, type Part } from './parts';
import { kindOf, type Kind } from './schema';

const MINUTES = '2020-01-13T15:00'.length;
/** What browsers help with. */
const TYPES: Readonly<Partial<Record<Kind, string>>> = { day: 'date', instant: 'datetime-local', week: 'week' };

/** With a year of five digits browsers would empty the field again at each key. */
const LAST: Readonly<Partial<Record<Kind, string>>> = { day: '9999-12-31', instant: '9999-12-31T23:59' };

export function Select({ choices, ...part }: Part & { readonly choices: readonly Choice[] }): ReactNode {
  const { keyed, filling, required } = part;
  // How it may be written is nothing for whoever chooses.
  const schema = { ...part.schema, example: undefined };
  return (
    <Labelled part={{ ...part, schema }}>
      {about => (
        <select
          {...about}
          className="usa-select"
          required={required}
          value={filling.typed[keyed] ?? ''}
          onChange={({ target }) => filling.type(keyed, target.value)}
        >
          <option value="">{required ? 'Choose' : 'Not said'}</option>
          {choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

export function Input(part: Part): ReactNode {
  const { keyed, filling, required, schema } = part;
  const kind = kindOf(schema);
  const value = filling.typed[keyed] ?? '';
  const onChange = ({ target }: { readonly target: { readonly value: string } }) =>
    filling.type(keyed, kind === 'instant' && target.value !== '' ? `${target.value.slice(0, MINUTES)}:00Z` : target.value);
  const long = kind === 'long-text' || kind === 'lines';
  return (
    <Labelled part={part}>
      {about =>
        long ? (
          <textarea
            {...about}
            className="usa-textarea"
            required={required}
            rows={kind === 'lines' ? 2 : 3}
            value={value}
            onChange={onChange}
          />
        ) : (
          <input
            {...about}
            className="usa-input"
            type={TYPES[kind] ?? 'text'}
            max={LAST[kind]}
            inputMode={kind === 'number' ? 'numeric' : 'text'}
            autoComplete="off"
            required={required}
            value={kind === 'instant' ? value.slice(0, MINUTES) : value}
            onChange={onChange}
          />
        )
      }
    </Labelled>
  );
}

export interface About {
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
  readonly disabled: boolean;
}

export function Labelled({ part, children }: { readonly part: Part; readonly children: (about: About) => ReactNode }): ReactNode {
  const id = useId();
  const fault = faultOf(part);
  return (
    <div className={fault === undefined ? 'usa-form-group field' : 'usa-form-group usa-form-group--error field'}>
      <label className="usa-label" htmlFor={id}>
        <Label part={part} />
      </label>
      <Hint id={`${id}-hint`} schema={part.schema} />
      <Fault id={`${id}-fault`} text={fault} />
      {children({
        id,
        'aria-describedby': `${id}-hint ${id}-fault`,
        'aria-invalid': fault !== undefined,
        disabled: part.filling.typed[part.keyed] === null,
      })}
      <Nothing {...part} />
    </div>
  );
}
