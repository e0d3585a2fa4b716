import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { countryName } from '../shell/words';

type Country = Schemas['ShownManifest']['country'];

/** What a country receives in a week, and what of it is taken. */
export function Places({ country, week }: { readonly country: Country; readonly week: string }): ReactNode {
  const reception = useQuery({
    queryKey: ['reception', country],
    queryFn: () => answered(api.GET('/v1/reception/{country}', { params: { path: { country } } })),
  });
  const found = reception.data?.weeks.find(other => other.week === week);
  if (!reception.data)
    return <p className="beside">{reception.isError ? 'The places of this week are not known just now.' : 'Waiting for the places…'}</p>;
  if (!found) return <p className="beside">{countryName(country)} has declared no places for this week.</p>;
  const { declared, reserved, free } = found;
  return (
    <div className="places">
      <label>
        {countryName(country)}: {reserved} of {declared} places taken, {free < 0 ? `${-free} too many` : `${free} free`}{' '}
        <meter min={0} max={Math.max(declared, reserved, 1)} value={reserved} />
      </label>
    </div>
  );
}
