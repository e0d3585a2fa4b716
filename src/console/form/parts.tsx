import { useId, type ReactNode } from 'react';
import { countryName, durationInWords, inText, inWords } from '../shell/words';
import type { Choice, Known } from './faults';
import { CODE, isList, kindOf, nothingIn, plain, type Kind, type Schema, type Typed } from './schema';

/* What every kind of field has: a name, what it is for, what was refused of it, and that nothing is to stand there. */

export interface Filling {
  readonly typed: Typed;
  readonly type: (keyed: string, text: string | null) => void;
  /** What the service said of each field. */
  readonly faults: ReadonlyMap<string, string>;
  /** What is known of the case for a field of this name. */
  readonly known: Known;
}

export interface Part {
  readonly name: string;
  readonly schema: Schema;
  readonly keyed: string;
  readonly required: boolean;
  readonly filling: Filling;
}

const IS_COUNTRY = /^[A-Z]{2}$/;

export const choicesOf = (values: Schema['enum'] = []): Choice[] =>
  values.filter(value => value !== null).map(value => ({ value, label: IS_COUNTRY.test(value) ? countryName(value) : inWords(value) }));

export const titleOf = ({ name, schema }: Pick<Part, 'name' | 'schema'>): string => schema.title ?? inWords(name);

export const faultOf = ({ keyed, filling }: Part): string | undefined => filling.faults.get(keyed);

/** Says that nothing is to stand there, where that is something to say. */
export function Nothing(part: Part): ReactNode {
  const { schema, keyed, required, filling } = part;
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
        {how === 'none' ? 'None' : 'Take away what stands in the file'}: {inText(titleOf(part))}
      </label>
    </div>
  );
}

export const Label = ({ part }: { readonly part: Part }): ReactNode => (
  <>
    {titleOf(part)}
    {!part.required && <span className="usa-hint"> (optional)</span>}
  </>
);

/** With more to be said than the document says. */
export const saying = (schema: Schema, more: string): Schema => ({
  ...schema,
  description: [schema.description, more].filter(Boolean).join(' '),
});

/** What is typed as it is. */
const TYPED: readonly Kind[] = ['text', 'long-text', 'lines', 'number', 'code'];

export function Hint({ id, schema }: { readonly id: string; readonly schema: Schema }): ReactNode {
  const kind = kindOf(schema);
  const example = [schema.example].flat().find(value => typeof value === 'string' || typeof value === 'number');
  const told = [
    // Of what can be taken away, the document says how a body says so: here a box does.
    !schema['x-clearable'] && schema.description?.replaceAll('`', ''),
    schema['x-clearable'] && isList(schema) && 'The whole list: it takes the place of the one in the file.',
    kind === 'lines' && 'One a line.',
    kind === 'instant' && 'In UTC.',
    TYPED.includes(kind) && example !== undefined && example !== 'text' && `Such as ${asTyped(String(example), schema)}.`,
  ].filter(Boolean);
  return (
    <span id={id} className="usa-hint">
      {told.join(' ')}
    </span>
  );
}

/** A code is typed as its words; of a duration it is said how long that is. */
function asTyped(example: string, schema: Schema): string {
  const { pattern, format } = [schema.type].flat().includes('array') ? plain(schema.items ?? {}) : schema;
  if (pattern === CODE) return example.replaceAll('-', ' ');
  return format === 'duration' ? `${example}: ${durationInWords(example)}` : example.replace(/\.$/, '');
}

interface SeveralProps {
  readonly part: Part;
  readonly children: (describedBy: string) => ReactNode;
}

/** One field of several inputs, under its name. */
export function Several({ part, children }: SeveralProps): ReactNode {
  const id = useId();
  const describedBy = `${id}-hint ${id}-fault`;
  return (
    <fieldset className="usa-fieldset field" aria-describedby={describedBy}>
      <legend className="usa-legend">
        <Label part={part} />
      </legend>
      <Hint id={`${id}-hint`} schema={part.schema} />
      <Fault id={`${id}-fault`} text={faultOf(part)} />
      {children(describedBy)}
      <Nothing {...part} />
    </fieldset>
  );
}

export const Fault = ({ id, text }: { readonly id?: string; readonly text: string | undefined }): ReactNode => (
  <span id={id} className={text === undefined ? undefined : 'usa-error-message'}>
    {text}
  </span>
);
