import { useState, type ReactNode } from 'react';
import { inText } from '../shell/words';
import { CaseFinder, caseIdsIn } from './case-finder';
import type { Choice } from './faults';
import { Labelled } from './input';
import { HOW_CASES_ARE_FOUND, OneCase } from './one-case';
import { faultOf, saying, Several, titleOf, type Part } from './parts';
import { linesOf } from './schema';

/** Another case, chosen by whose it is. */
export function CasePick(part: Part): ReactNode {
  const { schema, keyed, required, filling } = part;
  return (
    <Labelled part={{ ...part, schema: saying(schema, HOW_CASES_ARE_FOUND) }}>
      {about => (
        <OneCase about={about} required={required} value={filling.typed[keyed] ?? ''} choose={caseId => filling.type(keyed, caseId)} />
      )}
    </Labelled>
  );
}

/** Any number of other cases. */
export function CasePicks(part: Part): ReactNode {
  const { schema, keyed, filling } = part;
  const [text, setText] = useState('');
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const chosen = linesOf(filling.typed[keyed] ?? '');
  const say = (caseIds: readonly string[]) => filling.type(keyed, [...new Set(caseIds)].join('\n'));
  const add = (caseIds: readonly string[]) => {
    say([...chosen, ...caseIds]);
    setText('');
  };
  const choose = ({ value, label }: Choice) => {
    setNames(new Map(names).set(value, label));
    add([value]);
  };
  return (
    <Several part={{ ...part, schema: saying(schema, `${HOW_CASES_ARE_FOUND} Several ids may be pasted at once.`) }}>
      {describedBy => (
        <div
          onPaste={event => {
            // Of several lines the browser would make one word.
            const caseIds = caseIdsIn(event.clipboardData.getData('text'));
            if (caseIds.length === 0) return;
            event.preventDefault();
            add(caseIds);
          }}
        >
          <Chosen caseIds={chosen} names={names} say={say} />
          <CaseFinder
            about={{
              'aria-label': `Add to ${inText(titleOf(part))}`,
              'aria-describedby': describedBy,
              'aria-invalid': faultOf(part) !== undefined,
              disabled: filling.typed[keyed] === null,
            }}
            required={false}
            text={text}
            type={next => {
              const caseIds = caseIdsIn(next);
              if (caseIds.length > 0) add(caseIds);
              else setText(next);
            }}
            isChosen={false}
            choose={choose}
          />
        </div>
      )}
    </Several>
  );
}

interface ChosenProps {
  readonly caseIds: readonly string[];
  readonly names: ReadonlyMap<string, string>;
  readonly say: (caseIds: readonly string[]) => void;
}

const Chosen = ({ caseIds, names, say }: ChosenProps): ReactNode =>
  caseIds.length > 0 && (
    <ul className="chosen">
      {caseIds.map(caseId => (
        <li key={caseId}>
          <bdi>{names.get(caseId)}</bdi> <span className="beside">case {caseId}</span>{' '}
          <button
            type="button"
            className="usa-button usa-button--unstyled"
            onClick={({ currentTarget }) => {
              // Whoever stood on it goes on where one is added.
              currentTarget.closest('fieldset')?.querySelector('input')?.focus();
              say(caseIds.filter(other => other !== caseId));
            }}
          >
            Take away<span className="usa-sr-only"> {names.get(caseId) ?? `case ${caseId}`}</span>
          </button>
        </li>
      ))}
    </ul>
  );
