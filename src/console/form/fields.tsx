import { useId, type ReactNode } from 'react';
import { inText } from '../shell/words';
import { CasePick, CasePicks } from './case-picks';
import { DayOrInstant } from './day-or-instant';
import { Input, Select } from './input';
import { Options } from './options';
import { Pick, Picks } from './picks';
import { choicesOf, Fault, faultOf, Hint, Label, Nothing, titleOf, type Part } from './parts';
import { keysOf, kindOf, plain, type Schema, type Typed } from './schema';

export function Field(part: Part): ReactNode {
  const schema = plain(part.schema);
  const kind = kindOf(schema);
  const known = part.filling.known[part.name];
  if (kind === 'object') return <Group {...part} schema={schema} />;
  if (kind === 'objects') return <Rows {...part} schema={schema} />;
  if (kind === 'choices' || kind === 'yes-no' || (kind === 'picks' && known)) return <Options {...part} schema={schema} />;
  if (kind === 'picks') return isOfCases(schema) ? <CasePicks {...part} schema={schema} /> : <Picks {...part} schema={schema} />;
  if (kind === 'choice' || known) return <Select {...part} schema={schema} choices={known ?? choicesOf(schema.enum)} />;
  if (kind === 'pick') return isOfCases(schema) ? <CasePick {...part} schema={schema} /> : <Pick {...part} schema={schema} />;
  return kind === 'day-or-instant' ? <DayOrInstant {...part} schema={schema} /> : <Input {...part} schema={schema} />;
}

const isOfCases = (schema: Schema): boolean => plain(schema.items ?? schema)['x-named'] === 'case';

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

interface FramedProps {
  readonly part: Part;
  readonly children: ReactNode;
}

/** Fields that belong together, under the name of what they make. */
function Framed({ part, children }: FramedProps): ReactNode {
  const id = useId();
  return (
    <fieldset className="usa-fieldset part" aria-describedby={`${id}-hint ${id}-fault`}>
      <legend className="usa-legend">
        <Label part={part} />
      </legend>
      <Hint id={`${id}-hint`} schema={part.schema} />
      <Fault id={`${id}-fault`} text={faultOf(part)} />
      {children}
    </fieldset>
  );
}

const Group = (part: Part): ReactNode => (
  <Framed part={part}>
    <Fields schema={part.schema} keyed={part.keyed} filling={part.filling} />
  </Framed>
);

function Rows(part: Part): ReactNode {
  const { schema, keyed, filling } = part;
  const title = titleOf(part);
  const keys = keysOf(filling.typed[keyed] ?? '');
  const say = (next: readonly string[]) => filling.type(keyed, next.join(','));
  return (
    <Framed part={part}>
      {keys.map((key, index) => (
        <div key={key} role="group" aria-label={`${title} ${index + 1}`} className="row-of-parts">
          <Fault text={filling.faults.get(`${keyed}/${key}`)} />
          <Fields schema={plain(schema.items ?? {})} keyed={`${keyed}/${key}`} filling={filling} />
          <button type="button" className="usa-button usa-button--unstyled" onClick={() => say(keys.filter(other => other !== key))}>
            Take away {inText(title)} {index + 1}
          </button>
        </div>
      ))}
      <button
        type="button"
        className="usa-button usa-button--outline"
        disabled={filling.typed[keyed] === null}
        onClick={() => say([...keys, freshKey(keyed, filling.typed, keys)])}
      >
        Add to {inText(title)}
      </button>
      <Nothing {...part} />
    </Framed>
  );
}

/** One that no part had: what was typed into a part that was taken away does not come back with the next. */
function freshKey(keyed: string, typed: Typed, keys: readonly string[]): string {
  const had = Object.keys(typed).flatMap(key => (key.startsWith(`${keyed}/`) ? Number(key.slice(keyed.length + 1).split('/')[0]) : []));
  return String(Math.max(-1, ...had, ...keys.map(Number)) + 1);
}
