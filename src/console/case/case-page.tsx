import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { api, answered, type Schemas } from '../api/client';
import { session, trainingTime, useStored } from '../api/session';
import { Heading } from '../shell/heading';
import { Failed, Loading, whyNotYet } from '../shell/states';
import { Told } from '../shell/told';
import { countryName, fullName, instant, inWords } from '../shell/words';
import { Actions, type Chosen } from './actions';
import { Duplicates } from './duplicates';
import { FamilySection } from './family';
import { History } from './history';
import { Notes } from './notes';
import { Steps } from './steps';
import './case.css';

export type CaseFile = Schemas['ShownCaseFile'];

interface Props {
  readonly caseId: string;
  readonly audits: boolean;
}

export default function CasePage({ caseId, audits }: Props): ReactNode {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const who = useStored(session);
  const opened = useHistoryState<{ readonly alike?: number } | null>();
  const file = useQuery({
    queryKey: ['case', caseId],
    queryFn: () => answered(api.GET('/v1/cases/{caseId}', { params: { path: { caseId } } })),
  });
  if (file.isPending) return <Loading what="the case" error={file.failureReason} />;
  // A file that was shown stays, however its next reading ends.
  if (!file.data) return <Failed error={file.error ?? new Error('There is no file.')} again={() => void file.refetch()} />;
  return (
    <>
      <Heading>
        <bdi>{fullName(file.data.applicant)}</bdi>
      </Heading>
      {file.failureReason && (
        <p role="status" className="state">
          This is what was last known. {whyNotYet(file.failureReason)} {file.isFetching && 'It is asked again by itself.'}
        </p>
      )}
      {opened?.alike !== undefined && <Opened alike={opened.alike} />}
      {file.data.applicant === null && (
        <p className="state">
          This person was erased{file.data.erasedAt && ` on ${file.data.erasedAt.slice(0, 10)}`}: what was personal can be read by nobody
          any more.
        </p>
      )}
      <Who file={file.data} />
      {audits && <Link href={`/audit/cases/${caseId}`}>Replay this case</Link>}
      <InTheWay file={file.data} />
      <Steps status={file.data.status} />
      <Actions file={file.data} chosen={chosen} choose={setChosen} />
      <Duplicates file={file.data} choose={(command, about) => setChosen({ command, newId: crypto.randomUUID(), about })} />
      <FamilySection file={file.data} roles={who?.roles ?? []} />
      <Procedure file={file.data} />
      <Vulnerabilities file={file.data} />
      <Notes file={file.data} />
      <History caseId={caseId} />
    </>
  );
}

/** Said once, to whoever has just opened it. */
const Opened = ({ alike }: { readonly alike: number }): ReactNode => (
  <div role="status" className={alike > 0 ? 'usa-alert usa-alert--warning usa-alert--slim' : 'state'}>
    <div className="usa-alert__body">
      <p className="usa-alert__text">
        The case is opened.{' '}
        {alike > 0 && `${alike === 1 ? 'Another file' : `${alike} other files`} may be of the same person: compare them below first.`}
      </p>
    </div>
  </div>
);

function Who({ file }: { readonly file: CaseFile }): ReactNode {
  const { applicant } = file;
  return (
    <>
      <p className="beside">
        {[applicant?.alienNumber, file.office, `revision ${file.revision}`, `assigned to ${file.assignedTo ?? 'nobody'}`]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <p>
        {file.minorAtEncounter && <span className="tag tag--warn">Under 18</span>}{' '}
        {file.ageDisputed && <span className="tag tag--warn">Age disputed</span>}{' '}
        {file.diedAt && <span className="tag">Died {instant(file.diedAt)}</span>}{' '}
        {file.legalHold && <span className="tag">Legal hold</span>}{' '}
        {file.possibleDuplicates.length > 0 && <span className="tag tag--warn">Possible duplicates: {file.possibleDuplicates.length}</span>}
      </p>
      {file.duplicateOf && (
        <p className="state">
          Closed as a duplicate: <Link href={`/cases/${file.duplicateOf}`}>the file that goes on</Link>.
        </p>
      )}
      {file.merged.length > 0 && (
        <p>
          Closed as duplicates of this one:{' '}
          {file.merged.map((merged, index) => (
            <span key={merged}>
              {index > 0 && ', '}
              <Link href={`/cases/${merged}`}>{`file ${index + 1}`}</Link>
            </span>
          ))}
        </p>
      )}
      {applicant && (
        <Facts
          of={[
            ['Born', applicant.birthDate && `${applicant.birthDate}${applicant.birthDateEstimated ? ' (a guess)' : ''}`],
            ['Nationalities', applicant.nationalities.map(countryName).join(', ') || 'none'],
            ['Languages', applicant.languages.join(', ')],
            ['Accompanied by', inWords(applicant.accompaniedBy)],
            ['Held at', applicant.heldAt],
            ['Encounter', `${file.encounter.day}, ${file.encounter.place ?? ''}`],
          ]}
        />
      )}
    </>
  );
}

type Fact = readonly [name: string, value: string | null | undefined];

const Facts = ({ of }: { readonly of: readonly Fact[] }): ReactNode => (
  <dl className="facts">
    {of.map(([name, value]) =>
      value ? (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ) : null,
    )}
  </dl>
);

/** What protects the person comes before all else. */
function InTheWay({ file }: { readonly file: CaseFile }): ReactNode {
  const now = useStored(trainingTime) ?? new Date().toISOString();
  const alerts = file.protectionAlerts.filter(({ answeredAt }) => answeredAt === null);
  const { transfer } = file;
  const due = [
    transfer?.reply === null && transfer.replyDueAt ? (['Reply due', transfer.replyDueAt] as const) : undefined,
    transfer?.validUntil && transfer.departedAt === null ? (['Acceptance ends', transfer.validUntil] as const) : undefined,
    transfer?.departsAt && transfer.departedAt === null ? (['Flight', transfer.departsAt] as const) : undefined,
  ].filter(part => part !== undefined);
  return (
    <section aria-labelledby="in-the-way">
      <h2 id="in-the-way">Holds and deadlines</h2>
      {file.holds.length + alerts.length + due.length + file.followUp.overdue.length === 0 && !transfer?.lastBlocked && <p>None.</p>}
      <ul className="in-the-way">
        {alerts.map(({ alertId, cause, raisedAt }) => (
          <li key={alertId}>
            <span className="tag tag--alert">Protection alert</span> {inWords(cause)}, raised {instant(raisedAt)}
          </li>
        ))}
        {file.holds.map(({ holdId, kind, placedAt, placedBy, note }) => (
          <li key={holdId}>
            <span className="tag tag--hold">Held: {inWords(kind).toLowerCase()}</span> since {instant(placedAt)}, by {placedBy}
            {note && <Told>{note}</Told>}
          </li>
        ))}
        {due.map(([name, at]) => (
          <li key={name}>
            {name} {instant(at)} {at < now && <span className="tag tag--alert">Past</span>}
          </li>
        ))}
        {file.followUp.overdue.map(milestone => (
          <li key={milestone}>
            <span className="tag tag--alert">Overdue</span> follow-up {milestone} after the arrival
          </li>
        ))}
        {transfer?.lastBlocked && (
          <li>
            <span className="tag tag--hold">Departure blocked</span> {instant(transfer.lastBlocked.at)}:{' '}
            {transfer.lastBlocked.failedChecks.map(check => inWords(check).toLowerCase()).join(', ')}
          </li>
        )}
      </ul>
    </section>
  );
}

function Procedure({ file: { screening, transfer, asylum } }: { readonly file: CaseFile }): ReactNode {
  const { determination } = screening ?? {};
  const facts: readonly Fact[] = [
    ['Screened under', screening && countryName(screening.country)],
    [
      'Fear',
      screening && (screening.fear.expressed ? (screening.fear.established ? 'expressed, established' : 'expressed') : 'none expressed'),
    ],
    ['Determination', determination && `${inWords(determination.outcome)}, ${determination.status}, by ${determination.submittedBy}`],
    ['Confirmed by', determination?.confirmedBy],
    ['Transfer requested', transfer?.requestedAt && `${instant(transfer.requestedAt)}, ${countryName(transfer.country ?? '')}`],
    ['Reply', transfer?.reply],
    ['Departed', transfer?.departedAt && instant(transfer.departedAt)],
    ['Arrived', transfer?.arrivedAt && instant(transfer.arrivedAt)],
    ['Asylum applied for', asylum?.appliedAt && `${instant(asylum.appliedAt)}, ${countryName(asylum.country ?? '')}`],
    ['Asylum', asylum?.outcome && inWords(asylum.outcome)],
  ];
  if (!facts.some(([, value]) => value)) return null;
  return (
    <section aria-labelledby="procedure">
      <h2 id="procedure">Procedure</h2>
      <Facts of={facts} />
    </section>
  );
}

function Vulnerabilities({ file: { vulnerabilities } }: { readonly file: CaseFile }): ReactNode {
  if (vulnerabilities.length === 0) return null;
  return (
    <section aria-labelledby="vulnerabilities">
      <h2 id="vulnerabilities">Vulnerabilities</h2>
      <ul>
        {vulnerabilities.map(({ kind, detail, at }, index) => (
          <li key={`${at} ${index}`}>
            {inWords(kind)}
            {detail && <Told>{detail}</Told>}
          </li>
        ))}
      </ul>
    </section>
  );
}
