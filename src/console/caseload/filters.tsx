import { useState, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { countryName, inWords } from '../shell/words';

type Search = Schemas['CaseSearch'];
type Status = NonNullable<Search['status']>[number];

export interface Filter {
  readonly q: string;
  readonly status: Status | '';
  readonly hold: NonNullable<Search['hold']> | '';
  readonly country: NonNullable<Search['country']> | '';
  readonly assignee: string;
  readonly sort: NonNullable<Search['sort']> | '';
  readonly open: boolean;
}

export const FILTERS: Filter = { q: '', status: '', hold: '', country: '', assignee: '', sort: '', open: true };

// Of each a record, so that a value that the API gains or loses does not compile here.
const STATUSES: Readonly<Record<Status, true>> = {
  opened: true,
  screening: true,
  'awaiting-review': true,
  amenable: true,
  'transfer-requested': true,
  'transfer-accepted': true,
  'transfer-scheduled': true,
  'in-transit': true,
  transferred: true,
  'asylum-pending': true,
  'asylum-granted': true,
  'asylum-denied': true,
  'asylum-abandoned': true,
  'screened-out': true,
  'us-procedure': true,
  withdrawn: true,
  closed: true,
};
const HOLDS: Readonly<Record<NonNullable<Search['hold']>, true>> = {
  'court-order': true,
  medical: true,
  'new-information': true,
  family: true,
  'agreement-suspended': true,
  'disclosure-breach': true,
  other: true,
};
const COUNTRIES: Readonly<Record<NonNullable<Search['country']>, true>> = { GT: true, SV: true, HN: true };
const SORTS: Readonly<Record<NonNullable<Search['sort']>, string>> = {
  '-openedAt': 'Newest first',
  openedAt: 'Oldest first',
  dueAt: 'What is due first',
  '-dueAt': 'What is due last',
  familyName: 'Family name',
  '-familyName': 'Family name, from the end',
};

const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] => Object.keys(record) as K[];

interface Props {
  readonly filter: Filter;
  readonly choose: (filter: Filter) => void;
}

export function Filters({ filter, choose }: Props): ReactNode {
  const [q, setQ] = useState(filter.q);
  return (
    <form
      role="search"
      aria-label="Caseload"
      className="filters"
      onSubmit={event => {
        event.preventDefault();
        choose({ ...filter, q });
      }}
    >
      <div className="search">
        <label className="usa-label" htmlFor="q">
          Name, alien number, birth date or case id
        </label>
        <div className="buttons">
          <input className="usa-input" id="q" type="search" autoComplete="off" value={q} onChange={({ target }) => setQ(target.value)} />
          <button type="submit" className="usa-button">
            Search
          </button>
        </div>
      </div>
      <Choose
        label="Status"
        value={filter.status}
        values={keysOf(STATUSES)}
        inWords={inWords}
        choose={status => choose({ ...filter, status, open: status === 'closed' ? false : filter.open })}
      />
      <Choose label="Hold" value={filter.hold} values={keysOf(HOLDS)} inWords={inWords} choose={hold => choose({ ...filter, hold })} />
      <Choose
        label="Country"
        value={filter.country}
        values={keysOf(COUNTRIES)}
        inWords={countryName}
        choose={country => choose({ ...filter, country })}
      />
      <Choose
        label="Assigned to"
        value={filter.assignee}
        values={['me', 'none']}
        inWords={value => (value === 'me' ? 'Me' : 'Nobody')}
        choose={assignee => choose({ ...filter, assignee })}
      />
      <Choose
        label="Order"
        any="Newest first"
        value={filter.sort}
        values={keysOf(SORTS).filter(sort => sort !== '-openedAt')}
        inWords={sort => SORTS[sort]}
        choose={sort => choose({ ...filter, sort })}
      />
      <div className="usa-checkbox">
        <input
          className="usa-checkbox__input"
          type="checkbox"
          id="open"
          checked={filter.open}
          onChange={({ target }) =>
            choose({ ...filter, open: target.checked, ...(target.checked && filter.status === 'closed' && { status: '' }) })
          }
        />
        <label className="usa-checkbox__label" htmlFor="open">
          Open cases only
        </label>
      </div>
    </form>
  );
}

interface ChooseProps<V extends string> {
  readonly label: string;
  readonly any?: string;
  readonly value: V | '';
  readonly values: readonly V[];
  readonly inWords: (value: V) => string;
  readonly choose: (value: V | '') => void;
}

function Choose<V extends string>({ label, any = 'Any', value, values, inWords, choose }: ChooseProps<V>): ReactNode {
  const id = `filter-${label.toLowerCase().replaceAll(' ', '-')}`;
  return (
    <div>
      <label className="usa-label" htmlFor={id}>
        {label}
      </label>
      <select
        className="usa-select"
        id={id}
        value={value}
        onChange={({ target }) => choose(values.find(other => other === target.value) ?? '')}
      >
        <option value="">{any}</option>
        {values.map(other => (
          <option key={other} value={other}>
            {inWords(other)}
          </option>
        ))}
      </select>
    </div>
  );
}
