import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import { Commands, type Chosen } from '../form/commands';
import type { Choice } from '../form/faults';
import { inAddress, isCommand } from '../form/paths';
import { Heading } from '../shell/heading';
import { Failed, Loading } from '../shell/states';
import { countryName, fullName, instant, inWords, inText } from '../shell/words';
import { Passengers } from './passengers';
import { Places } from './places';
import './flights.css';

type Flight = Schemas['ShownManifest'];
type Checks = Schemas['FlightChecks'];

/** One flight: who is on it, what stands in the way of each, and what may be done. */
export default function FlightPage({ manifestId }: { readonly manifestId: string }): ReactNode {
  const path = { manifestId };
  const cache = useQueryClient();
  const flight = useQuery({
    queryKey: ['flight', manifestId],
    queryFn: () => answered(api.GET('/v1/manifests/{manifestId}', { params: { path } })),
  });
  const checks = useQuery({
    queryKey: ['checks', manifestId],
    queryFn: async () => {
      // In this order: what may be done is never newer than what is seen.
      const permissions = await answered(api.GET('/v1/manifests/{manifestId}/allowed-commands', { params: { path } }));
      return { ...(await answered(api.GET('/v1/manifests/{manifestId}/checks', { params: { path } }))), permissions };
    },
  });
  const history = useQuery({
    queryKey: ['flight-timeline', manifestId],
    queryFn: () => answered(api.GET('/v1/manifests/{manifestId}/timeline', { params: { path } })),
  });
  const again = () => void cache.invalidateQueries();
  if (!flight.data || !checks.data)
    return (
      <>
        <Heading key="unnamed">Flight</Heading>
        {flight.isPending || checks.isPending ? (
          <Loading what="the flight" error={flight.failureReason ?? checks.failureReason} />
        ) : (
          <Failed error={flight.error ?? checks.error ?? new Error('There is no flight.')} again={again} />
        )}
      </>
    );
  const { country, departsAt, departedAt, week, status, draftedBy, approvedBy } = flight.data;
  const leaving = departedAt
    ? `departed ${instant(departedAt)}`
    : `${status === 'cancelled' ? 'was to depart' : 'departs'} ${instant(departsAt)}`;
  const told = [leaving, `drafted by ${draftedBy}`, `approved by ${approvedBy ?? 'nobody'}`, `revision ${checks.data.revision}`];
  const cancelled = history.data?.rows.find(({ event }) => event === 'FlightCancelled');
  return (
    <>
      <p className="back">
        <Link href="/flights">All flights</Link>
      </p>
      <Heading>
        Flight <bdi>{flight.data.flight}</bdi> to {countryName(country)}
      </Heading>
      <p className="beside">
        <span className={status === 'cancelled' ? 'tag tag--alert' : 'tag'}>{inWords(status)}</span> {told.join(' · ')}
      </p>
      {cancelled && (
        <p>
          <strong>{cancelled.summary}</strong>, {instant(cancelled.at)}, by {cancelled.actor}.
        </p>
      )}
      <Passengers flight={flight.data} checks={checks.data} />
      {!checks.data.ended && (
        <div className="buttons">
          <button type="button" className="usa-button usa-button--outline" onClick={again}>
            Check again
          </button>
        </div>
      )}
      <Actions flight={flight.data} checks={checks.data} permissions={checks.data.permissions} />
      <section aria-labelledby="places">
        <h2 id="places">Places in the week of the flight</h2>
        <Places country={country} week={week} />
      </section>
      <History history={history} checks={checks.data} />
    </>
  );
}

interface ActionsProps {
  readonly flight: Flight;
  readonly checks: Checks;
  readonly permissions: Schemas['Permissions'];
}

function Actions({ flight, checks, permissions }: ActionsProps): ReactNode {
  const { manifestId } = flight;
  const [chosen, choose] = useState<Chosen | null>(null);
  const candidates = useCandidates(flight, permissions.allowed.includes('AddPassenger'));
  const known = (command: string): Readonly<Record<string, readonly Choice[]>> => {
    const named = (caseIds: readonly string[]) => caseIds.map(caseId => ({ value: caseId, label: nameOf(caseId, checks) }));
    switch (command) {
      case 'Approve':
        return {
          revision: [{ value: String(checks.revision), label: `Revision ${checks.revision}, as it is on this page`, isGiven: true }],
        };
      case 'AddPassenger':
        return candidates ? { caseId: candidates } : {};
      case 'RemovePassenger':
        return { caseId: named(flight.passengers.map(({ caseId }) => caseId)) };
      case 'Depart':
        return { boarded: named(flight.passengers.map(({ caseId }) => caseId)) };
      case 'ConfirmArrival':
        return { arrived: named(flight.boarded.filter(caseId => !flight.arrived.includes(caseId))) };
      default:
        return {};
    }
  };
  if (permissions.allowed.length + permissions.refused.length === 0) return null;
  return (
    <section aria-labelledby="actions" className="actions">
      <h2 id="actions">What may be done now</h2>
      <Commands
        permissions={permissions}
        chosen={chosen}
        choose={choose}
        opens={({ command }) => {
          const path = `/v1/manifests/{manifestId}/${inAddress(command)}` as const;
          if (!isCommand(path)) return undefined;
          return {
            to: { path, params: { manifestId } },
            seen: { query: ['checks', manifestId], revision: checks.revision },
            known: known(command),
          };
        }}
      />
    </section>
  );
}

const MOST_CANDIDATES = 200;
const SHORT_HISTORY = 30;

/** Whom the country has accepted and who is on no flight; undefined where they are too many to choose from. */
function useCandidates({ country }: Flight, isAsked: boolean): readonly Choice[] | undefined {
  const accepted = useQuery({
    queryKey: ['candidates', country],
    enabled: isAsked,
    queryFn: () => answered(api.POST('/v1/cases/search', { body: { status: ['transfer-accepted'], country, limit: MOST_CANDIDATES } })),
  });
  if (!accepted.data || accepted.data.nextCursor !== null || accepted.data.rows.length === 0) return undefined;
  return accepted.data.rows.map(({ caseId, applicant, alienNumber, holds }) => ({
    value: caseId,
    label: [fullName(applicant), alienNumber, holds.length > 0 && `held: ${holds.map(kind => inText(kind)).join(', ')}`]
      .filter(Boolean)
      .join(', '),
  }));
}

function nameOf(caseId: string, { passengers }: Checks): string {
  const found = passengers.find(passenger => passenger.caseId === caseId);
  return found?.applicant ? fullName(found.applicant) : `the case ${caseId}`;
}

interface Told {
  readonly history: UseQueryResult<Schemas['FlightTimeline']>;
  readonly checks: Checks;
}

function History({ history, checks }: Told): ReactNode {
  if (history.isPending) return <Loading what="the history" error={history.failureReason} />;
  if (!history.data) return <Failed error={history.error} again={() => void history.refetch()} />;
  return (
    <section aria-labelledby="history">
      <h2 id="history">History of the flight</h2>
      <details open={history.data.rows.length <= SHORT_HISTORY}>
        <summary>Everything, newest last ({history.data.rows.length})</summary>
        <ol className="history">
          {history.data.rows.map(({ at, recordedAt, summary, actor, caseId }, index) => (
            <li key={`${recordedAt} ${index}`}>
              <span className="beside">
                {instant(at)}, {actor}
              </span>
              <span>
                {summary}
                {caseId !== null && (
                  <>
                    : <bdi>{nameOf(caseId, checks)}</bdi>
                  </>
                )}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
