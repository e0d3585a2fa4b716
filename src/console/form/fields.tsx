import { useId, type ReactNode } from 'react';
import { inWords, inText } from '../shell/words';
import { isList, keysOf, kindOf, nothingIn, plain, pointerOf, type Schema, type Typed } from './schema';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** How a line is typed is nothing for whoever chooses. */
const CHOSEN: Schema = { description: 'Choose any number.' };
/** So many choices that to pick each is a burden. */
const MANY = 8;

export interface Filling {
  readonly typed: Typed;
  readonly type: (keyed: string, text: string | null) => void;
  /** What the service said of each field, by its pointer. */
  readonly faults: ReadonlyMap<string, string>;
  /** What is known of the case for a field of this name. */
  readonly known: Readonly<Record<string, readonly Choice[]>>;
}

interface Part {
  readonly name: string;
  readonly schema: Schema;
  readonly keyed: string;
  readonly required: boolean;
  readonly filling: Filling;
}

export function Field(part: Part): ReactNode {
  const schema = plain(part.schema);
  const kind = kindOf(schema);
  const known = part.filling.known[part.name];
  if (kind === 'object') return <Group {...part} schema={schema} />;
  if (kind === 'objects') return <Rows {...part} schema={schema} />;
  if (kind === 'choices' || kind === 'yes-no' || (kind === 'lines' && known)) return <Options {...part} schema={schema} />;
  if (kind === 'choice' || (known && known.length > 0))
    return <Select {...part} schema={schema} choices={known ?? choicesOf(schema.enum)} />;
  return <Input {...part} schema={schema} />;
}

export function Fields({ schema, keyed, filling }: Omit<Part, 'name' | 'required'>): ReactNode {
  return Object.entries(schema.properties ?? {}).map(([name, part]) => (
    <Field
      key={name}
      name={name}
      schema={part}
      keyed={`${keyed}/${name}`}
      required={schema.required?.includes(name) ?? false}
      filling={filling}
    />
  ));
}

const choicesOf = (values: Schema['enum'] = []): Choice[] =>
  values.filter(value => value !== null).map(value => ({ value, label: inWords(value) }));

const faultOf = ({ keyed, filling }: Part): string | undefined => filling.faults.get(pointerOf(keyed, filling.typed));

function Group({ name, schema, keyed, required, filling }: Part): ReactNode {
  return (
    <fieldset className="usa-fieldset part">
      <legend className="usa-legend">
        <Label name={name} required={required} />
      </legend>
      <Fault text={faultOf({ name, schema, keyed, required, filling })} />
      <Fields schema={schema} keyed={keyed} filling={filling} />
    </fieldset>
  );
}

function Rows({ name, schema, keyed, required, filling }: Part): ReactNode {
  const id = useId();
  const keys = keysOf(filling.typed[keyed] ?? '');
  const say = (next: readonly string[]) => filling.type(keyed, next.join(','));
  return (
    <fieldset className="usa-fieldset part" aria-describedby={id}>
      <legend className="usa-legend">
        <Label name={name} required={required} />
      </legend>
      <Hint id={id} schema={schema} />
      <Fault text={faultOf({ name, schema, keyed, required, filling })} />
      {keys.map((key, index) => (
        <div key={key} role="group" aria-label={`${inWords(name)} ${index + 1}`} className="row-of-parts">
          <Fields schema={plain(schema.items ?? {})} keyed={`${keyed}/${key}`} filling={filling} />
          <button type="button" className="usa-button usa-button--unstyled" onClick={() => say(keys.filter(other => other !== key))}>
            Take away {inText(name)} {index + 1}
          </button>
        </div>
      ))}
      <button
        type="button"
        className="usa-button usa-button--outline"
        disabled={filling.typed[keyed] === null}
        onClick={() => say([...keys, String(Math.max(-1, ...keys.map(Number)) + 1)])}
      >
        Add to {inText(name)}
      </button>
      <Nothing {...{ name, schema, keyed, required, filling }} />
    </fieldset>
  );
}

function Options({ name, schema, keyed, required, filling }: Part): ReactNode {
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
    <fieldset className="usa-fieldset field" aria-describedby={`${id}-hint`}>
      <legend className="usa-legend">
        <Label name={name} required={required} />
      </legend>
      <Hint id={`${id}-hint`} schema={several && filling.known[name] ? CHOSEN : schema} />
      <Fault text={faultOf({ name, schema, keyed, required, filling })} />
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
      <Nothing {...{ name, schema, keyed, required, filling }} />
    </fieldset>
  );
}

function Select({ choices, ...part }: Part & { readonly choices: readonly Choice[] }): ReactNode {
  const { keyed, filling, required } = part;
  return (
    <Labelled part={part}>
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

function Input(part: Part): ReactNode {
  const { keyed, filling, required, schema } = part;
  const kind = kindOf(schema);
  const value = filling.typed[keyed] ?? '';
  const onChange = ({ target }: { readonly target: { readonly value: string } }) => filling.type(keyed, target.value);
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
            type={kind === 'day' ? 'date' : 'text'}
            inputMode={kind === 'number' ? 'numeric' : 'text'}
            autoComplete="off"
            required={required}
            value={value}
            onChange={onChange}
          />
        )
      }
    </Labelled>
  );
}

interface About {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
  readonly disabled: boolean;
}

function Labelled({ part, children }: { readonly part: Part; readonly children: (about: About) => ReactNode }): ReactNode {
  const id = useId();
  const fault = faultOf(part);
  return (
    <div className={fault === undefined ? 'usa-form-group field' : 'usa-form-group usa-form-group--error field'}>
      <label className="usa-label" htmlFor={id}>
        <Label name={part.name} required={part.required} />
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

/** Says that nothing is to stand there, where that is something to say. */
function Nothing({ name, schema, keyed, required, filling }: Part): ReactNode {
  const id = useId();
  const how = nothingIn(schema, required);
  if (how === undefined) return null;
  return (
    <div className="usa-checkbox nothing">
      <input
        className="usa-checkbox__input"
        type="checkbox"
        id={id}
        checked={filling.typed[keyed] === null}
        onChange={({ target }) => filling.type(keyed, target.checked ? null : '')}
      />
      <label className="usa-checkbox__label" htmlFor={id}>
        {how === 'none' ? 'None' : 'Take away what stands in the file'}: {inText(name)}
      </label>
    </div>
  );
}

const Label = ({ name, required }: { readonly name: string; readonly required: boolean }): ReactNode => (
  <>
    {inWords(name)}
    {!required && <span className="usa-hint"> (optional)</span>}
  </>
);

function Hint({ id, schema }: { readonly id: string; readonly schema: Schema }): ReactNode {
  const kind = kindOf(schema);
  const example = [schema.example].flat().find(value => typeof value === 'string' || typeof value === 'number');
  const told = [
    // Of what can be taken away, the document says how a body says so: here a box does.
    !schema['x-clearable'] && schema.description?.replaceAll('`', ''),
    schema['x-clearable'] && isList(schema) && 'The whole list: it takes the place of the one in the file.',
    kind === 'lines' && 'One a line.',
    kind === 'day-or-instant' && 'A day, such as 2020-01-13, or an instant in UTC, such as 2020-01-13T15:00:00Z.',
    kind === 'instant' && `In UTC, such as ${example ?? '2020-01-13T15:00:00Z'}.`,
    (kind === 'text' || kind === 'lines' || kind === 'number') && example !== undefined && example !== 'text' && `Such as ${example}.`,
  ].filter(Boolean);
  return (
    <span id={id} className="usa-hint">
      {told.join(' ')}
    </span>
  );
}

export const Fault = ({ id, text }: { readonly id?: string; readonly text: string | undefined }): ReactNode => (
  <span id={id} className={text === undefined ? undefined : 'usa-error-message'}>
    {text}
  </span>
);
