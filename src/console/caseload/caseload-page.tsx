import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import { session, Store, trainingTime, useStored, type Session } from '../api/session';
import { OneCommand } from '../form/one-command';
import { Heading } from '../shell/heading';
import { Save } from '../shell/save';
import { Empty, Failed, Loading } from '../shell/states';
import { countryName, fullName, instant, inWords, inText } from '../shell/words';
import { Filters, FILTERS, type Filter } from './filters';

type Row = Schemas['CaseloadRow'];
type Search = Schemas['CaseSearch'];

const asked = ({ q, status, hold, country, assignee, sort, open }: Filter, cursor: string | undefined): Search => ({
  ...(q.trim() !== '' && { q: q.trim() }),
  ...(status !== '' && { status: [status] }),
  ...(hold !== '' && { hold }),
  ...(country !== '' && { country }),
  ...(assignee !== '' && { assignee }),
  ...(sort !== '' && { sort }),
  ...(open && { open }),
  ...(cursor !== undefined && { cursor }),
});

interface View {
  readonly filter: Filter;
  readonly cursors: readonly string[];
}
const BEGIN: View = { filter: FILTERS, cursors: [] };
/** What was searched for: whoever comes back from a case finds it again, and nobody who signs in later. */
const view = new Store(BEGIN);
session.subscribe(() => session.get() ?? view.set(BEGIN));

/** Names are asked in a body: they do not belong in addresses. */
export default function CaseloadPage({ who }: { readonly who: Session }): ReactNode {
  const { filter, cursors } = useStored(view);
  const body = asked(filter, cursors.at(-1));
  const page = useQuery({
    queryKey: ['caseload', who.sub, body],
    queryFn: () => answered(api.POST('/v1/cases/search', { body })),
    placeholderData: keepPreviousData,
  });
  const turnTo = (pages: readonly string[]) => view.set({ filter, cursors: pages });
  return (
    <>
      <Heading>Caseload</Heading>
      {who.roles.some(role => role === 'caseworker' || role === 'supervisor') && (
        <p>
          <Link href="/cases/new" className="usa-button usa-button--outline">
            Open a case
          </Link>
        </p>
      )}
      {who.roles.includes('supervisor') && <ForMany />}
      <Counts who={who} />
      <Filters filter={filter} choose={next => view.set({ filter: next, cursors: [] })} />
      {page.isPending ? (
        <Loading what="the caseload" error={page.failureReason} />
      ) : page.isError ? (
        <Failed error={page.error} again={() => void page.refetch()} />
      ) : (
        <section aria-label="Cases" aria-busy={page.isFetching}>
          {page.data.parked !== undefined && (
            <p className="state">{page.data.parked} cases may be missing here or out of date: the service could not follow them.</p>
          )}
          {page.isPlaceholderData && page.failureReason && <Loading what="the cases that fit" error={page.failureReason} />}
          {/* Who clicks while the answer to the last question arrives must not meet another person in that place. */}
          <div inert={page.isPlaceholderData}>
            {page.data.rows.length === 0 ? <Empty>No case fits.</Empty> : <Rows rows={page.data.rows} />}
          </div>
          <div className="buttons">
            <button
              type="button"
              className="usa-button usa-button--outline"
              disabled={cursors.length === 0}
              onClick={() => turnTo(cursors.slice(0, -1))}
            >
              Page before
            </button>
            <button
              type="button"
              className="usa-button usa-button--outline"
              disabled={page.data.nextCursor === null || page.isPlaceholderData}
              onClick={() => page.data.nextCursor !== null && turnTo([...cursors, page.data.nextCursor])}
            >
              Next page
            </button>
            <Download body={body} />
          </div>
        </section>
      )}
    </>
  );
}

const FOR_MANY = [
  ['Reassign the open cases of a caseworker', '/v1/reassignments'],
  ['Order a hold on many cases', '/v1/hold-orders'],
] as const;

/** What is ordered for many cases at once. */
const ForMany = (): ReactNode => (
  <details>
    <summary>For many cases at once</summary>
    {FOR_MANY.map(([title, path]) => (
      <OneCommand key={path} title={title} level="h2" to={{ path, params: {} }} seen={null} known={{}} />
    ))}
  </details>
);

/** Whose lists are of more than the own office. */
const OF_EVERY_OFFICE = ['liaison', 'auditor'];

function Counts({ who }: { readonly who: Session }): ReactNode {
  const summary = useQuery({ queryKey: ['summary', who.sub], queryFn: () => answered(api.GET('/v1/cases/summary')) });
  if (!summary.data && summary.failureReason)
    return summary.isError ? <Failed error={summary.error} /> : <Loading what="the counts" error={summary.failureReason} />;
  const { open, overdue, unassigned, mine } = summary.data ?? {};
  const counts = [
    ['Open', open],
    ['Overdue', overdue],
    ['Unassigned', unassigned],
    ...(mine
      ? ([
          ['Mine', mine.open],
          ['Mine, overdue', mine.overdue],
        ] as const)
      : []),
  ] as const;
  return (
    <>
      <dl className="counts" aria-label="Counts" aria-busy={summary.isPending}>
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            {/* Its place is kept: what stands below does not move when it arrives. */}
            <dd>{count ?? '…'}</dd>
          </div>
        ))}
      </dl>
      {who.office !== null && who.roles.some(role => OF_EVERY_OFFICE.includes(role)) && (
        <p className="beside">Counted in the office {who.office}; the list is of every office.</p>
      )}
    </>
  );
}

function Rows({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  const now = useStored(trainingTime) ?? new Date().toISOString();
  return (
    <table className="usa-table usa-table--borderless usa-table--stacked caseload brief">
      <caption className="usa-sr-only">Cases</caption>
      <thead>
        <tr>
          {['Person', 'Status', 'Holds and alerts', 'Due', 'Assigned to', 'Opened'].map(name => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.caseId}>
            <th scope="row" data-label="Person">
              <Link href={`/cases/${row.caseId}`}>
                <bdi>{fullName(row.applicant)}</bdi>
              </Link>
              <div className="beside">
                {row.alienNumber} {row.similar && <span className="tag">Similar name</span>}{' '}
                {row.minorAtEncounter && <span className="tag">Under 18</span>}{' '}
                {row.ageDisputed && <span className="tag tag--warn">Age disputed</span>}
              </div>
            </th>
            <td data-label="Status">
              {inWords(row.status)}
              {row.country && <div className="beside">{countryName(row.country)}</div>}
            </td>
            <td data-label="Holds and alerts">
              <Ways row={row} />
            </td>
            <td data-label="Due">
              {row.followUpOverdue && <span className="tag tag--alert">Follow-up overdue</span>}
              {row.dueAt ? <Due at={row.dueAt} now={now} /> : !row.followUpOverdue && '—'}
            </td>
            <td data-label="Assigned to">
              {row.assignedTo ?? 'Nobody'} <div className="beside">{row.office}</div>
            </td>
            <td data-label="Opened">{row.openedAt.slice(0, 10)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Ways({ row: { holds, openAlerts } }: { readonly row: Row }): ReactNode {
  if (holds.length === 0 && openAlerts === 0) return 'None';
  return (
    <>
      {openAlerts > 0 && <span className="tag tag--alert">Protection alert</span>}{' '}
      {holds.map(kind => (
        <span key={kind} className="tag tag--hold">
          Held: {inText(kind)}
        </span>
      ))}
    </>
  );
}

export const Due = ({ at, now }: { readonly at: string; readonly now: string }): ReactNode =>
  at < now ? <span className="tag tag--alert">Overdue since {instant(at)}</span> : <span>{instant(at)}</span>;

/** All that is on this page of the list, as a file. */
const Download = ({ body }: { readonly body: Search }): ReactNode => (
  <Save
    ask={() => answered(api.POST('/v1/cases/search', { body, headers: { accept: 'text/csv' }, parseAs: 'text' }))}
    name="caseload.csv"
    type="text/csv"
  >
    This page as CSV
  </Save>
);
