import { useId, type ReactNode } from 'react';
import { choicesOf, saying, Several, type Part } from './parts';
import { kindOf, plain } from './schema';

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
  const isKnown = several && filling.known[name] !== undefined;
  return (
    <Several part={isKnown ? { ...part, schema: saying(schema, 'Choose any number.') } : part}>
      {() => (
        <>
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
        </>
      )}
    </Several>
  );
}
