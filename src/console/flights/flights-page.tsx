import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import type { Session } from '../api/session';
import { OneCommand } from '../form/one-command';
import { Heading } from '../shell/heading';
import { Empty, Failed, Loading } from '../shell/states';
import { capital, countryName, instant, inWords, weekInWords } from '../shell/words';
import { Places } from './places';
import './flights.css';

type Flight = Schemas['ShownManifest'];
type Country = Flight['country'];
const COUNTRIES: Readonly<Record<Country, true>> = { GT: true, HN: true, SV: true };
const A_PAGE = 50;

/** Manifests by the week of their departure, the latest first. */
export default function FlightsPage({ who }: { readonly who: Session }): ReactNode {
  const [, go] = useLocation();
  const [country, setCountry] = useState<Country | ''>('');
  const flights = useInfiniteQuery({
    queryKey: ['flights', country],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { readonly nextCursor: string | null }) => page.nextCursor ?? undefined,
    queryFn: ({ pageParam: cursor }) =>
      answered(
        api.GET('/v1/manifests', {
          params: { query: { limit: A_PAGE, ...(country !== '' && { country }), ...(cursor !== undefined && { cursor }) } },
        }),
      ),
  });
  return (
    <>
      <Heading>Flights</Heading>
      {who.roles.includes('liaison') && (
        <OneCommand
          title="Draft a manifest"
          level="h2"
          to={{ path: '/v1/manifests', params: {} }}
          seen={null}
          known={{}}
          done={receipt => go('manifestId' in receipt ? `/flights/${receipt.manifestId}` : '/flights')}
        />
      )}
      <div className="filters">
        <div>
          <label className="usa-label" htmlFor="flights-country">
            Country
          </label>
          <select
            className="usa-select"
            id="flights-country"
            value={country}
            onChange={({ target }) => setCountry(isCountry(target.value) ? target.value : '')}
          >
            <option value="">Any</option>
            {Object.keys(COUNTRIES).map(code => (
              <option key={code} value={code}>
                {countryName(code)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {flights.isPending ? (
        <Loading what="the flights" error={flights.failureReason} />
      ) : !flights.data ? (
        <Failed error={flights.error} again={() => void flights.refetch()} />
      ) : (
        <Weeks flights={flights.data.pages.flatMap(page => page.rows)} />
      )}
      {flights.hasNextPage && (
        <button
          type="button"
          className="usa-button usa-button--outline"
          disabled={flights.isFetching}
          onClick={() => void flights.fetchNextPage()}
        >
          Earlier flights
        </button>
      )}
    </>
  );
}

const isCountry = (code: string): code is Country => code in COUNTRIES;

function Weeks({ flights }: { readonly flights: readonly Flight[] }): ReactNode {
  if (flights.length === 0) return <Empty>No flight has been drafted.</Empty>;
  const weeks = [...new Set(flights.map(({ week }) => week))];
  return weeks.map(week => <Week key={week} week={week} flights={flights.filter(flight => flight.week === week)} />);
}

function Week({ week, flights }: { readonly week: string; readonly flights: readonly Flight[] }): ReactNode {
  const countries = [...new Set(flights.map(({ country }) => country))];
  return (
    <section aria-labelledby={`week-${week}`}>
      <h2 id={`week-${week}`}>{capital(weekInWords(week))}</h2>
      {countries.map(country => (
        <Places key={country} country={country} week={week} />
      ))}
      <table className="usa-table usa-table--borderless usa-table--stacked caseload brief flights">
        <caption className="usa-sr-only">Flights of the week {week}</caption>
        <thead>
          <tr>
            {['Flight', 'To', 'Departs', 'Status', 'People'].map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {flights.map(flight => (
            <Row key={flight.manifestId} flight={flight} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ flight }: { readonly flight: Flight }): ReactNode {
  const { manifestId, country, departsAt, status } = flight;
  return (
    <tr>
      <th scope="row" data-label="Flight">
        <Link href={`/flights/${manifestId}`}>
          <bdi>{flight.flight}</bdi>
        </Link>
      </th>
      <td data-label="To">{countryName(country)}</td>
      <td data-label="Departs">{instant(departsAt)}</td>
      <td data-label="Status">
        <span className={status === 'cancelled' ? 'tag tag--alert' : 'tag'}>{inWords(status)}</span>
      </td>
      <td data-label="People">
        <People flight={flight} />
      </td>
    </tr>
  );
}

function People({ flight: { passengers, boarded, arrived, status } }: { readonly flight: Flight }): ReactNode {
  if (status === 'departed') return `${boarded.length} on board`;
  if (status === 'arrived') return `${arrived.length} of ${boarded.length} arrived`;
  if (status === 'cancelled') return `Nobody flew; ${passengers.length} were on it`;
  const waiting = passengers.filter(({ ready, cleared }) => !ready && !cleared).length;
  return (
    <>
      {passengers.length} {waiting > 0 && <span className="tag tag--hold">{waiting} not ready</span>}
    </>
  );
}
