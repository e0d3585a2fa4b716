import { useState, type ReactNode } from 'react';
import { inText } from '../shell/words';
import { Labelled, type About } from './input';
import { namesFor, type Names } from './named';
import { faultOf, Several, titleOf, type Part } from './parts';
import { plain } from './schema';

interface Props {
  readonly about: About & { readonly autoFocus?: boolean };
  readonly names: Names;
  readonly required: boolean;
  readonly value: string;
  readonly pick: (code: string) => void;
}

/** No code: what stands for another one than those that have a name here. */
const ANOTHER = '?';

function Codes({ about, names, required, value, pick }: Props): ReactNode {
  const { first, rest, another } = names;
  const [isAnother, setAnother] = useState(false);
  // What stands there already may be one that has a name and no place in the list.
  const isListed = value === '' || [...first, ...rest].some(choice => choice.value === value);
  return (
    <>
      <select
        {...about}
        className="usa-select"
        required={required}
        value={isAnother ? ANOTHER : value}
        onChange={({ target }) => {
          setAnother(target.value === ANOTHER);
          pick(target.value === ANOTHER ? '' : target.value);
        }}
      >
        <option value="">{required ? 'Choose' : 'Not said'}</option>
        {!isListed && !isAnother && <option value={value}>{names.nameOf(value)}</option>}
        {another !== undefined && <option value={ANOTHER}>Another, by its tag</option>}
        {[first, rest].map((choices, index) => (
          <optgroup key={index} label={index === 0 ? 'Of the region' : 'All others'}>
            {choices.map(({ value: code, label }) => (
              <option key={code} value={code}>
                {label}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {isAnother && (
        <label className="another">
          {another}
          <input
            className="usa-input"
            type="text"
            autoComplete="off"
            disabled={about.disabled}
            value={value}
            onChange={({ target }) => pick(target.value.trim())}
          />
        </label>
      )}
    </>
  );
}

/** One country or language, chosen by its name. */
export function Pick(part: Part): ReactNode {
  const { keyed, filling, required, schema } = part;
  const names = namesFor(schema);
  return (
    names && (
      <Labelled part={part}>
        {about => (
          <Codes
            about={about}
            names={names}
            required={required}
            value={filling.typed[keyed] ?? ''}
            pick={code => filling.type(keyed, code)}
          />
        )}
      </Labelled>
    )
  );
}

/** A list of them, one row each. */
export function Picks(part: Part): ReactNode {
  const { schema, keyed, required, filling } = part;
  // Whoever adds a row or takes one away goes on in it or beside it.
  const [added, setAdded] = useState<number | null>(null);
  const names = namesFor(plain(schema.items ?? {}));
  const title = titleOf(part);
  const rows = (filling.typed[keyed] ?? '').split('\n');
  const say = (next: readonly string[]) => filling.type(keyed, next.join('\n'));
  const disabled = filling.typed[keyed] === null;
  return (
    names && (
      <Several part={part}>
        {describedBy => (
          <>
            {rows.map((code, index) => (
              <div key={`${rows.length} ${index}`} className="picked">
                <Codes
                  about={{
                    'aria-label': `${title} ${index + 1}`,
                    'aria-describedby': describedBy,
                    'aria-invalid': faultOf(part) !== undefined,
                    autoFocus: index === added,
                    disabled,
                  }}
                  names={names}
                  required={required}
                  value={code}
                  pick={other => say(rows.map((one, at) => (at === index ? other : one)))}
                />
                {rows.length > 1 && (
                  <button
                    type="button"
                    className="usa-button usa-button--unstyled"
                    onClick={() => {
                      setAdded(Math.max(0, index - 1));
                      say(rows.filter((_, at) => at !== index));
                    }}
                  >
                    Take away {code === '' ? `${inText(title)} ${index + 1}` : names.nameOf(code)}
                  </button>
                )}
              </div>
            ))}
            <button
              type="button"
              className="usa-button usa-button--unstyled more"
              disabled={disabled}
              onClick={() => {
                setAdded(rows.length);
                say([...rows, '']);
              }}
            >
              Add to {inText(title)}
            </button>
          </>
        )}
      </Several>
    )
  );
}
