import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client';
import { session, useStored, type Session } from '../api/session';
import { Empty } from '../shell/states';
import { countryName, fullName, instant, inWords, inText } from '../shell/words';
import { CHECKS, failure, isHold, sorted, type Check, type Checked } from './checks';

type Flight = Schemas['ShownManifest'];

interface Props {
  readonly flight: Flight;
  readonly checks: Schemas['FlightChecks'];
}

/** Each passenger, and every check that stands in the way, in words. */
export function Passengers({ flight, checks: { passengers, at, ended } }: Props): ReactNode {
  const { status } = flight;
  // Whom something stands in the way of comes first.
  const waits = (passenger: Checked) => passenger.removed !== null || sorted(passenger, status).inTheWay.length > 0;
  const inOrder = [...passengers.filter(waits), ...passengers.filter(passenger => !waits(passenger))];
  const taken = passengers.filter(({ removed }) => removed !== null).length;
  const stopped = passengers.filter(waits).length - taken;
  return (
    <section aria-labelledby="passengers">
      <h2 id="passengers">{status === 'cancelled' ? 'Why nobody flew' : ended ? 'Who flew' : 'Passengers, and what stands in the way'}</h2>
      <p className="beside">
        {ended
          ? `As it was at ${instant(at)}, the moment before the flight ${status === 'cancelled' ? 'was cancelled' : 'departed'}.`
          : `As it is now, ${instant(at)}.`}{' '}
        On the flight: {passengers.length - taken}; something {ended ? 'stood' : 'stands'} in the way of {stopped}
        {taken > 0 && `; taken off: ${taken}`}.
      </p>
      {passengers.length === 0 ? (
        <Empty>Nobody is on this flight.</Empty>
      ) : (
        <table className="usa-table usa-table--borderless usa-table--stacked caseload passengers">
          <caption className="usa-sr-only">Passengers</caption>
          <thead>
            <tr>
              {['Person', ended ? 'Flew' : 'Readiness', wayOf(ended)].map(name => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder.map(passenger => (
              <Row key={passenger.caseId} passenger={passenger} flight={flight} ended={ended} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const wayOf = (ended: boolean): string => (ended ? 'What stood in the way' : 'What stands in the way');

/** A case of another office is for whoever is of none. */
const mayBeRead = ({ applicant, office }: Checked, who: Session | null): boolean =>
  applicant !== null || office === who?.office || OF_NO_OFFICE.some(role => who?.roles.includes(role));
const OF_NO_OFFICE = ['liaison', 'auditor'];

function Row({ passenger, flight, ended }: { readonly passenger: Checked; readonly flight: Flight; readonly ended: boolean }): ReactNode {
  const { caseId, applicant, office, status } = passenger;
  const { inTheWay, toCome } = sorted(passenger, flight.status);
  const who = useStored(session);
  return (
    <tr>
      <th scope="row" data-label="Person">
        {mayBeRead(passenger, who) ? (
          <Link href={`/cases/${caseId}`}>
            <bdi>{fullName(applicant)}</bdi>
          </Link>
        ) : (
          'A person whose name is not shown to you'
        )}
        <div className="beside">
          {office} · {ended ? `${inText(status)} at that time` : inWords(status)}
        </div>
      </th>
      <td data-label={ended ? 'Flew' : 'Readiness'}>
        {ended ? <Flew passenger={passenger} flight={flight} /> : <Readiness passenger={passenger} inTheWay={inTheWay} />}
      </td>
      <td data-label={wayOf(ended)}>
        <InTheWay passenger={passenger} inTheWay={inTheWay} flight={flight} />
        {toCome.length > 0 && <p className="beside">Still to be done: {toCome.map(check => CHECKS[check][1].toLowerCase()).join('; ')}.</p>}
        <AllChecks passenger={passenger} flight={flight} />
      </td>
    </tr>
  );
}

function Readiness({
  passenger: { removed, ready, clearedUntil },
  inTheWay,
}: {
  passenger: Checked;
  inTheWay: readonly Check[];
}): ReactNode {
  if (removed) return <span className="tag tag--hold">Taken off the flight</span>;
  if (inTheWay.length > 0 || !ready) return <span className="tag tag--hold">Not ready</span>;
  if (clearedUntil === null) return <span className="tag">Ready</span>;
  return (
    <>
      <span className="tag">Cleared</span> <div className="beside">until {instant(clearedUntil)}</div>
    </>
  );
}

function Flew({ passenger: { caseId, removed }, flight: { boarded, arrived } }: { passenger: Checked; flight: Flight }): ReactNode {
  if (arrived.includes(caseId)) return 'Yes, and arrived';
  if (boarded.includes(caseId)) return 'Yes';
  return removed ? 'No, taken off before' : 'No';
}

function InTheWay({ passenger, inTheWay, flight }: { passenger: Checked; inTheWay: readonly Check[]; flight: Flight }): ReactNode {
  const { removed, lastBlocked } = passenger;
  return (
    <ul className="reasons">
      {removed && (
        <li>
          Taken off {instant(removed.at)}: {inText(removed.reasonCode)}
        </li>
      )}
      {inTheWay.map(check => (
        <li key={check}>
          {isHold(check) ? <span className="tag tag--hold">{failure(check, passenger)}</span> : inPlace(failure(check, passenger), flight)}
        </li>
      ))}
      {inTheWay.length === 0 && !removed && <li>Nothing</li>}
      {lastBlocked && (
        <li className="beside">
          An attempt to move this person was blocked {instant(lastBlocked.at)}:{' '}
          {lastBlocked.failedChecks.map(check => inText(check)).join(', ')}
        </li>
      )}
    </ul>
  );
}

const inPlace = (text: string, { country }: Flight): string => text.replaceAll(/the country/gi, countryName(country));

function AllChecks({ passenger, flight }: { readonly passenger: Checked; readonly flight: Flight }): ReactNode {
  const all = Object.entries(CHECKS).map(([check, [holds, fails]]) => ({
    check,
    isMet: !passenger.failedChecks.some(failed => failed === check),
    holds,
    fails,
  }));
  const met = all.filter(({ isMet }) => isMet).length;
  return (
    <details>
      <summary>
        All {all.length} checks: {met} met{met < all.length && `, ${all.length - met} not`}
      </summary>
      <ul className="reasons">
        {all.map(({ check, isMet, holds, fails }) => (
          <li key={check}>
            {isMet ? '✓' : '✗'} {inPlace(isMet ? holds : fails, flight)}
          </li>
        ))}
      </ul>
    </details>
  );
}
