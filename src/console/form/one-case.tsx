import { useState, type ReactNode } from 'react';
import { CaseFinder, caseIdsIn } from './case-finder';
import type { About } from './input';

export const HOW_CASES_ARE_FOUND = 'Search by name, alien number, birth date or case id.';

interface Props {
  readonly about: About;
  readonly required: boolean;
  /** Of the case that is chosen; empty while none is. */
  readonly value: string;
  readonly choose: (caseId: string) => void;
}

/** One case, found by whose it is, or by its id where that is at hand. */
export function OneCase({ about, required, value, choose }: Props): ReactNode {
  const [text, setText] = useState(value);
  const say = (next: string, caseId: string) => {
    setText(next);
    choose(caseId);
  };
  return (
    <CaseFinder
      about={about}
      required={required}
      text={text}
      type={next => {
        const caseIds = caseIdsIn(next);
        say(next, caseIds.length === 1 ? caseIds.join() : '');
      }}
      isChosen={value !== ''}
      choose={found => say(found.label, found.value)}
    />
  );
}
