import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { whyNotYet } from '../shell/states';
import { fullName, inWords } from '../shell/words';
import type { Choice } from './faults';
import type { About } from './input';

type Found = Schemas['CaseloadRow'];

const SHOWN = 10;

interface Props {
  readonly about: About;
  readonly required: boolean;
  readonly text: string;
  readonly type: (text: string) => void;
  /** Whether the text stands for a case. */
  readonly isChosen: boolean;
  readonly choose: (found: Choice) => void;
}

/** Finds a case by what the caseload finds it by. Who looks is put on record: nothing is asked before somebody says so. */
export function CaseFinder({ about, required, text, type, isChosen, choose }: Props): ReactNode {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const found = useSearch(asked);
  const rows = (asked !== null && found.data?.rows) || [];
  const isUnfinished = text.trim() !== '' && !isChosen;
  useEffect(() => {
    input.current?.setCustomValidity(isUnfinished ? 'Search, and choose somebody of those who are found; or paste the id of a case.' : '');
  }, [isUnfinished]);
  const ask = (q: string | null) => {
    setAsked(q);
    setActive(-1);
  };
  const search = () => {
    if (asked === text.trim() && found.isError) void found.refetch();
    ask(text.trim());
    input.current?.focus();
  };
  const take = (row: Found) => {
    choose({ value: row.caseId, label: nameOf(row) });
    ask(null);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    if (event.key === 'Enter' && row) take(row);
    else if (event.key === 'Enter' && isUnfinished) search();
    else if (event.key === 'Escape' && asked !== null) ask(null);
    else if (event.key === 'ArrowDown' && rows.length > 0) setActive((active + 1) % rows.length);
    else if (event.key === 'ArrowUp' && rows.length > 0) setActive((Math.max(active, 0) || rows.length) - 1);
    else if (event.key === 'ArrowDown' && isUnfinished) search();
    else return;
    event.preventDefault();
  };
  return (
    <div className="finder">
      <div className="buttons">
        <input
          {...about}
          ref={input}
          className="usa-input"
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={rows.length > 0}
          aria-controls={`${id}-found`}
          aria-activedescendant={rows[active] && `${id}-${active}`}
          autoComplete="off"
          required={required}
          value={text}
          onChange={({ target }) => {
            ask(null);
            type(target.value);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="usa-button usa-button--outline" disabled={!isUnfinished} onClick={search}>
          Search
        </button>
      </div>
      <p role="status" className="beside">
        {asked !== null && saidOf(found)}
      </p>
      {rows.length > 0 && (
        <ul id={`${id}-found`} role="listbox" aria-label="Cases that were found" className="found">
          {rows.map((row, index) => (
            <Option key={row.caseId} id={`${id}-${index}`} row={row} isActive={index === active} take={take} />
          ))}
        </ul>
      )}
    </div>
  );
}

const useSearch = (q: string | null) =>
  useQuery({
    queryKey: ['found-cases', q],
    enabled: q !== null,
    gcTime: 0,
    queryFn: () => answered(api.POST('/v1/cases/search', { body: { q: q ?? '', limit: SHOWN } })),
  });

function saidOf({ data, error, failureReason, isPending }: ReturnType<typeof useSearch>): string {
  if (error) return error.message;
  if (isPending) return failureReason ? `${whyNotYet(failureReason)} It is asked again by itself.` : 'Searching…';
  const { rows, nextCursor } = data;
  if (rows.length === 0) return 'Nobody found.';
  return nextCursor === null
    ? `${rows.length} found: choose one.`
    : `More than ${rows.length} found: choose one of these, or search for more of the name or number.`;
}

interface OptionProps {
  readonly id: string;
  readonly row: Found;
  readonly isActive: boolean;
  readonly take: (row: Found) => void;
}

/** What tells people of one name apart. The focus stays in the text while one is clicked. */
function Option({ id, row, isActive, take }: OptionProps): ReactNode {
  const { applicant, alienNumber, status, office, openedAt, minorAtEncounter, similar } = row;
  const option = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isActive) option.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    <li id={id} ref={option} role="option" aria-selected={isActive} onMouseDown={event => event.preventDefault()} onClick={() => take(row)}>
      <bdi>{fullName(applicant)}</bdi> {minorAtEncounter && <span className="tag tag--warn">Under 18</span>}{' '}
      {similar && <span className="tag">Similar name</span>}
      <span className="beside">
        {[alienNumber, inWords(status), office, `opened ${openedAt.slice(0, 10)}`].filter(Boolean).join(' · ')}
      </span>
    </li>
  );
}

const nameOf = ({ applicant, alienNumber }: Found): string => [fullName(applicant), alienNumber].filter(Boolean).join(', ');

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The ids of cases that a text is made of; none where anything else stands in it. */
export function caseIdsIn(text: string): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(Boolean);
  return words.every(word => ID.test(word)) ? words : [];
}
