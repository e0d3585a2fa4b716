import type { ReactNode } from 'react';
import { countryName, inWords } from '../shell/words';
import type { Asked, ReportName } from './asked';
import type { By } from './shown';

// Of each a record, so that a value that the API gains or loses does not compile here.
const GROUPS: Readonly<Record<By, string>> = {
  month: 'Month',
  nationality: 'Nationality',
  country: 'Partner country',
  office: 'Office',
  minor: 'Under 18 or adult',
};
const COUNTRIES: Readonly<Record<Exclude<Asked['country'], ''>, true>> = { GT: true, SV: true, HN: true };

interface Props {
  readonly name: ReportName;
  readonly asked: Asked;
  readonly choose: (asked: Asked) => void;
}

export function Choices({ name, asked, choose }: Props): ReactNode {
  return (
    <form aria-label="Which figures" className="filters" onSubmit={event => event.preventDefault()}>
      {name === 'outcomes' && <Choice label="Group by" value={asked.by} of={GROUPS} choose={by => choose({ ...asked, by })} />}
      <Choice
        label="Agreement"
        value={asked.country}
        of={{ '': 'All', ...(Object.fromEntries(Object.keys(COUNTRIES).map(code => [code, countryName(code)])) as Named) }}
        choose={country => choose({ ...asked, country })}
      />
      {(['from', 'to'] as const).map(end => (
        <div key={end}>
          <label className="usa-label" htmlFor={`report-${end}`}>
            {inWords(end)}
          </label>
          <input
            className="usa-input"
            id={`report-${end}`}
            type="date"
            value={asked[end]}
            onChange={({ target }) => choose({ ...asked, [end]: target.value })}
          />
        </div>
      ))}
      {name === 'outcomes' && (
        <div className="usa-checkbox">
          <input
            className="usa-checkbox__input"
            type="checkbox"
            id="public"
            checked={asked.isPublic}
            onChange={({ target }) => choose({ ...asked, isPublic: target.checked })}
          />
          <label className="usa-checkbox__label" htmlFor="public">
            As for the public, small figures hidden
          </label>
        </div>
      )}
    </form>
  );
}
type Named = Readonly<Record<keyof typeof COUNTRIES, string>>;

interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly of: Readonly<Record<V, string>>;
  readonly choose: (value: V) => void;
}

function Choice<V extends string>({ label, value, of, choose }: ChoiceProps<V>): ReactNode {
  const id = `report-${label.toLowerCase().replaceAll(' ', '-')}`;
  return (
    <div>
      <label className="usa-label" htmlFor={id}>
        {label}
      </label>
      <select className="usa-select" id={id} value={value} onChange={({ target }) => choose(target.value as V)}>
        {Object.entries<string>(of).map(([other, words]) => (
          <option key={other} value={other}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
