import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { Heading } from '../shell/heading';
import { Save } from '../shell/save';
import { Empty, Failed, Loading } from '../shell/states';
import { countryName, inWords } from '../shell/words';
import { ALL, ask, askAsCsv, REPORTS, type Asked, type ReportName } from './asked';
import { Chart } from './chart';
import { Choices } from './choices';
import type { Series, Shown } from './shown';
import '../shell/figures.css';
import './reports.css';

const TOLD: Readonly<Record<ReportName, string>> = {
  outcomes: 'What became of transfer requests, on the day of each; and of the people who arrived, by the day of their arrival.',
  screening: 'What was found in screening, and how long it and its review took.',
  safeguards: 'What was refused, blocked and held, and who left all the same.',
  workload: 'Open cases that were opened on these days, by who has them.',
};

export default function ReportsPage({ name }: { readonly name: ReportName }): ReactNode {
  const [asked, setAsked] = useState(ALL);
  const report = useQuery({
    queryKey: ['report', name, asked],
    // A source line is of the figures that stand above it, also while others are asked for.
    queryFn: async () => ({ asked, shown: await ask(name, asked) }),
    // What another report shows is no answer to this one.
    placeholderData: (before, query) => (query?.queryKey[1] === name ? keepPreviousData(before) : undefined),
  });
  return (
    <>
      <Heading>Reports: {name}</Heading>
      <nav aria-label="Reports" className="tabs">
        {REPORTS.map(other => (
          <Link key={other} href={`/reports/${other}`} aria-current={other === name ? 'page' : undefined}>
            {inWords(other)}
          </Link>
        ))}
      </nav>
      <p>{TOLD[name]}</p>
      <Choices name={name} asked={asked} choose={setAsked} />
      {report.isPending ? (
        <Loading what="the report" error={report.failureReason} />
      ) : report.isError ? (
        <Failed error={report.error} again={() => void report.refetch()} />
      ) : (
        <section aria-label={inWords(name)} aria-busy={report.isFetching}>
          {report.isPlaceholderData && report.failureReason && (
            <Loading what="the figures that were asked for" error={report.failureReason} />
          )}
          <Report name={name} shown={report.data.shown} />
          <Source {...report.data} />
          <div className="buttons">
            <Save ask={() => askAsCsv(name, report.data.asked)} name={`${name}.csv`} type="text/csv">
              The same as CSV
            </Save>
          </div>
        </section>
      )}
    </>
  );
}

function Report({ name, shown }: { readonly name: ReportName; readonly shown: Shown }): ReactNode {
  const drawn = useMemo(() => shown.series.filter(isWorthDrawing), [shown]);
  if (shown.rows.length === 0) return <Empty>Nothing was counted on these days.</Empty>;
  const flat = shown.series.filter(series => !isWorthDrawing(series)).map(({ title }) => title.toLowerCase());
  return (
    <>
      {shown.parked !== undefined && (
        <p className="state">{shown.parked} cases may be missing here or out of date: the service could not follow them.</p>
      )}
      <div className="charts">
        {drawn.map(series => (
          <Chart key={series.title} series={series} table="figures" />
        ))}
      </div>
      {drawn.length > 1 && <p className="beside">Each chart has a scale of its own.</p>}
      {flat.length > 0 && <p>Not drawn, as there is nothing above 0: {flat.join('; ')}.</p>}
      <Figures caption={`The same figures as a table: ${name}`} shown={shown} />
    </>
  );
}

const isWorthDrawing = ({ points }: Series): boolean => points.some(({ value }) => value !== 0 && value !== null);

/** A wide table is scrolled where the page is neither wide nor narrow. */
function Figures({ caption, shown: { columns, rows } }: { readonly caption: string; readonly shown: Shown }): ReactNode {
  return (
    <>
      <h2 id="figures">{caption}</h2>
      <div className="scrolled" tabIndex={0} role="region" aria-labelledby="figures">
        <table className="usa-table usa-table--borderless figures reported" aria-labelledby="figures">
          <thead>
            <tr>
              {columns.map((column, at) => (
                <th key={column} scope="col" className={at > 0 && typeof rows[0]?.[at] !== 'string' ? 'number' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={`${at} ${row[0]}`}>
                {row.map((cell, column) =>
                  column === 0 ? (
                    <th key={columns[column]} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={columns[column]} data-label={columns[column]} className={typeof cell === 'string' ? undefined : 'number'}>
                      {cell ?? '—'}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Source({ shown: { codeVersion, asOfPosition }, asked }: { readonly shown: Shown; readonly asked: Asked }): ReactNode {
  const { country, from, to, isPublic } = asked;
  return (
    <p className="beside">
      Source: Caseledger {codeVersion}, as of position {asOfPosition || 'none'}. {country === '' ? 'All agreements' : countryName(country)},
      from {from || 'the beginning'} to {to || 'the newest event'}, days in UTC.{' '}
      {isPublic ? '— is a figure of 1 to 4, or one that would give such a one away.' : 'Figures are exact, and for the office alone.'}
    </p>
  );
}
