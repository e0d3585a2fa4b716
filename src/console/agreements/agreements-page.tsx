import { useQueries, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api, answered, type Schemas } from '../api/client';
import { trainingTime, useStored, type Session } from '../api/session';
import { Commands, type Chosen } from '../form/commands';
import { inAddress, isCommand } from '../form/paths';
import { Heading } from '../shell/heading';
import { Failed, Loading } from '../shell/states';
import { countryName, dayOrInstant, durationInWords, instant, inWords, inText } from '../shell/words';
import { Affected, useAffected } from './affected';
import { Reception } from './reception';
import { TimeLine } from './time-line';
import './agreements.css';

type Agreement = Schemas['ShownAgreement'];
type Permissions = Schemas['Permissions'];

const ON_FIGURES = ['supervisor', 'liaison', 'admin', 'auditor'];

type Country = Agreement['country'];
const COUNTRIES: Readonly<Record<Country, true>> = { GT: true, HN: true, SV: true };
const isCountry = (code: string): code is Country => code in COUNTRIES;

/** The agreement with each partner country: where it stands, its rules, and what a suspension would hold. */
export default function AgreementsPage({ who }: { readonly who: Session }): ReactNode {
  const acts = who.roles.includes('admin');
  const countries = Object.keys(COUNTRIES).filter(isCountry);
  const agreements = useQueries({
    queries: countries.map(country => ({
      queryKey: ['agreement', country],
      queryFn: async () => {
        const params = { path: { country } };
        // In this order: what may be done is never newer than what is seen.
        const permissions = acts ? await answered(api.GET('/v1/agreements/{country}/allowed-commands', { params })) : null;
        return { ...(await answered(api.GET('/v1/agreements/{country}', { params }))), permissions };
      },
    })),
  });
  const now = useStored(trainingTime) ?? new Date().toISOString();
  const known = agreements.flatMap(({ data }) => data ?? []);
  return (
    <>
      <Heading>Agreements</Heading>
      {countries.map((country, index) => {
        const { data, error, failureReason, refetch } = agreements[index] ?? {};
        if (data) return <OneAgreement key={country} agreement={data} others={known} now={now} who={who} />;
        return error ? (
          <Failed key={country} error={error} again={() => void refetch?.()} />
        ) : (
          <Loading key={country} what={`the agreement with ${countryName(country)}`} error={failureReason} />
        );
      })}
    </>
  );
}

interface Props {
  readonly agreement: Agreement & { readonly permissions: Permissions | null };
  readonly others: readonly Agreement[];
  readonly now: string;
  readonly who: Session;
}

function OneAgreement({ agreement, others, now, who }: Props): ReactNode {
  const { country, standing, standings } = agreement;
  const seesFigures = who.roles.some(role => ON_FIGURES.includes(role));
  const since = standings.at(-1);
  return (
    <section aria-labelledby={`agreement-${country}`} className="agreement">
      <h2 id={`agreement-${country}`}>{countryName(country)}</h2>
      <p>
        <span className={TAGS[standing]}>{inWords(standing)}</span> {since && `since ${dayOrInstant(since.at)}`}
      </p>
      {standing !== 'unsigned' && <TimeLine agreement={agreement} others={others} now={now} />}
      <Rules agreement={agreement} />
      {seesFigures && standing !== 'unsigned' && <Affected country={country} />}
      {seesFigures && standing !== 'unsigned' && <Reception country={country} />}
      {agreement.permissions && <Actions agreement={agreement} permissions={agreement.permissions} />}
      {standing !== 'unsigned' && <History country={country} />}
    </section>
  );
}

const TAGS: Readonly<Record<Agreement['standing'], string>> = {
  unsigned: 'tag',
  signed: 'tag',
  'in-force': 'tag',
  'transfers-suspended': 'tag tag--hold',
  suspended: 'tag tag--hold',
  terminated: 'tag tag--alert',
};

function Rules({ agreement: { ruleSet } }: { readonly agreement: Agreement }): ReactNode {
  if (!ruleSet) return <p>No rules are published.</p>;
  const { version, replyDays, acceptanceValidDays, clearanceValidHours, followUp, acceptedNationalities, additionalExceptionGrounds } =
    ruleSet;
  const rules = [
    ['Time to reply to a request', durationInWords(`P${replyDays}D`)],
    ['An acceptance counts for', durationInWords(`P${acceptanceValidDays}D`)],
    ['A clearance for boarding counts for', durationInWords(`PT${clearanceValidHours}H`)],
    ['Followed up after the arrival', followUp.map(durationInWords).join(', ') || 'never'],
    ['Nationalities', acceptedNationalities?.map(countryName).join(', ') ?? 'any but its own'],
    ['Further exceptions', additionalExceptionGrounds?.map(ground => inText(ground)).join(', ') ?? 'none'],
  ] as const;
  return (
    <>
      <h3>Rules, version {version}</h3>
      <dl className="facts">
        {rules.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface ActionsProps {
  readonly agreement: Agreement;
  readonly permissions: Permissions;
}

function Actions({ agreement: { country, revision }, permissions }: ActionsProps): ReactNode {
  const [chosen, choose] = useState<Chosen | null>(null);
  return (
    <div className="actions">
      <h3>What may be done now</h3>
      <Commands
        permissions={permissions}
        chosen={chosen}
        choose={choose}
        opens={({ command }) => {
          const path = `/v1/agreements/{country}/${inAddress(command)}` as const;
          if (!isCommand(path)) return undefined;
          return {
            to: { path, params: { country } },
            seen: revision < 0 ? null : { query: ['agreement', country], revision },
            known: {},
            before: <Foretold command={command} country={country} />,
          };
        }}
      />
    </div>
  );
}

/** What a suspension or its end will do, said before it is sent. */
function Foretold({ command, country }: { readonly command: string; readonly country: Agreement['country'] }): ReactNode {
  const affected = useAffected(country, true);
  if (command !== 'Suspend' && command !== 'Reinstate') return null;
  if (!affected.data) return <Loading what="how many cases this holds" error={affected.failureReason} />;
  const { rows } = affected.data;
  const count = rows.reduce((total, { cases, held }) => total + (command === 'Suspend' ? cases : held), 0);
  const byStatus = rows
    .map(({ status, cases, held }) => [inText(status), command === 'Suspend' ? cases : held] as const)
    .filter(([, some]) => some > 0)
    .map(([status, some]) => `${some} ${status}`);
  return (
    <div className="usa-alert usa-alert--warning usa-alert--slim">
      <div className="usa-alert__body">
        <p className="usa-alert__text">
          {command === 'Suspend'
            ? `As things are now, this holds ${people(count)}: nobody of them is cleared or flies until it ends. ` +
              'Whoever comes under the agreement later is held too.'
            : `As things are now, this releases ${people(count)} from the hold of the suspension. Every other hold goes on.`}
        </p>
        {byStatus.length > 0 && <p className="usa-alert__text">{byStatus.join(', ')}.</p>}
      </div>
    </div>
  );
}

const people = (count: number): string => (count === 1 ? '1 case' : `${count} cases`);

function History({ country }: { readonly country: Agreement['country'] }): ReactNode {
  const history = useQuery({
    queryKey: ['agreement-timeline', country],
    queryFn: () => answered(api.GET('/v1/agreements/{country}/timeline', { params: { path: { country } } })),
  });
  if (history.isPending) return <Loading what="the history" error={history.failureReason} />;
  if (!history.data) return <Failed error={history.error} again={() => void history.refetch()} />;
  return (
    <details>
      <summary>History ({history.data.rows.length})</summary>
      <ol className="history">
        {history.data.rows.map(({ recordedAt, summary, actor }, index) => (
          <li key={`${recordedAt} ${index}`}>
            <span className="beside">
              Recorded {instant(recordedAt)}, {actor}
            </span>
            <span>{summary}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
