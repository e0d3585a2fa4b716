import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { session, useStored } from '../api/session';
import type { Chosen } from '../form/commands';
import { Heading } from '../shell/heading';
import { Failed, Loading } from '../shell/states';
import { fullName, instant } from '../shell/words';
import { Actions } from './actions';
import { Duplicates } from './duplicates';
import { FamilySection } from './family';
import { History } from './history';
import { InTheWay } from './in-the-way';
import { Notes } from './notes';
import { Person } from './person';
import { Procedure } from './procedure';
import { Record } from './record';
import { useCase } from './seen-case';
import { Steps } from './steps';
import './case.css';

interface Props {
  readonly caseId: string;
  readonly audits: boolean;
}

export default function CasePage({ caseId, audits }: Props): ReactNode {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const who = useStored(session);
  const opened = useHistoryState<{ readonly alike?: number } | null>();
  const seen = useCase(caseId);
  // A file that was shown stays, however its next reading ends.
  if (!seen.data)
    return (
      <>
        <Heading key="unnamed">Case</Heading>
        {seen.isPending ? (
          <Loading what="the case" error={seen.failureReason} />
        ) : (
          <Failed error={seen.error} again={() => void seen.refetch()} />
        )}
      </>
    );
  const { file, permissions } = seen.data;
  return (
    <>
      <Heading>
        <bdi>{fullName(file.applicant)}</bdi>
      </Heading>
      {opened?.alike !== undefined && <Opened alike={opened.alike} />}
      {file.applicant === null && <p className="state">This person was erased: what was personal can be read by nobody any more.</p>}
      {file.erasedAt && <p className="state">What was personal in what was recorded before {instant(file.erasedAt)} was erased.</p>}
      <Person file={file} />
      {audits && <Link href={`/audit/cases/${caseId}`}>Replay this case</Link>}
      <InTheWay file={file} />
      <Steps status={file.status} />
      <Actions file={file} permissions={permissions} chosen={chosen} choose={setChosen} />
      <Duplicates file={file} allowed={permissions?.allowed ?? []} choose={setChosen} />
      <FamilySection file={file} roles={who?.roles ?? []} />
      <Procedure file={file} />
      <Record file={file} />
      <Notes file={file} />
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
