import { useId, type ReactNode } from 'react';
import { kindOf, plain, type Schema } from './schema';
import { choicesOf, Fault, faultOf, Hint, Label, Nothing, type Part } from './parts';

/** So many choices that to pick each is a burden. */
const MANY = 8;

/** A list of choices, each to be ticked, or yes and no. */
export function Options(part: Part): ReactNode {
  const { name, schema, keyed, required, filling } = part;
  const id = useId();
  const several = kindOf(schema) !== 'yes-no';
  const chosen = (filling.typed[keyed] ?? '').split('\n').filter(Boolean);
  const choices = several
    ? (filling.known[name] ?? choicesOf(plain(schema.items ?? {}).enum))
    : [{ value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }, ...(required ? [] : [{ value: '', label: 'Not said' }])];
  const pick = (value: string, on: boolean) =>
    filling.type(keyed, several ? [...chosen.filter(other => other !== value), ...(on ? [value] : [])].join('\n') : value);
  const kind = several ? 'checkbox' : 'radio';
  return (
    <fieldset className="usa-fieldset field" aria-describedby={`${id}-hint ${id}-fault`}>
      <legend className="usa-legend">
        <Label name={name} required={required} />
      </legend>
      <Hint id={`${id}-hint`} schema={several && filling.known[name] ? chosenFrom(schema) : schema} />
      <Fault id={`${id}-fault`} text={faultOf(part)} />
      {several && choices.length >= MANY && (
        <button
          type="button"
          className="usa-button usa-button--unstyled"
          onClick={() => filling.type(keyed, choices.map(({ value }) => value).join('\n'))}
        >
          Choose all {choices.length}
        </button>
      )}
      {choices.map(({ value, label }) => (
        <div key={value} className={`usa-${kind}`}>
          <input
            className={`usa-${kind}__input`}
            type={kind}
            id={`${id}-${value}`}
            name={id}
            checked={several ? chosen.includes(value) : filling.typed[keyed] !== null && (filling.typed[keyed] ?? '') === value}
            disabled={filling.typed[keyed] === null}
            onChange={({ target }) => pick(value, target.checked)}
          />
          <label className={`usa-${kind}__label`} htmlFor={`${id}-${value}`}>
            {label}
          </label>
        </div>
      ))}
      <Nothing {...part} />
    </fieldset>
  );
}

/** How a line is typed is nothing for whoever chooses. */
const chosenFrom = ({ description }: Schema): Schema => ({
  description: [description, 'Choose any number.'].filter(Boolean).join(' '),
});
