import { Suspense, useEffect, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { expired, session, trainingTime, useStored, type Session } from '../api/session';
import { AskPurpose, SignedIn, SignIn } from '../sign-in/sign-in';
import { Heading } from './heading';
import { later, loadParts } from './later';
import { Loading } from './states';
import { inWords, instant } from './words';

const CaseloadPage = later(() => import('../caseload/caseload-page'));
const CasePage = later(() => import('../case/case-page'));

const ReplayPage = later(() => import('../replay/replay-page'));
const FindPage = later(() => import('../replay/find-page'));
const ReportsPage = later(() => import('../reports/reports-page'));

const ON_CASES = ['caseworker', 'supervisor', 'liaison', 'auditor'];
const ON_REPORTS = ['reporting', 'supervisor', 'auditor'];
const REPORTS = ['outcomes', 'screening', 'safeguards', 'workload'] as const;

export function App(): ReactNode {
  const who = useStored(session);
  const again = useStored(expired);
  const [path] = useLocation();
  useEffect(() => {
    if (who !== null) loadParts();
  }, [who]);
  const asksPurpose = who !== null && who.roles.includes('auditor') && who.purpose === null;
  return (
    <>
      <a className="usa-skipnav" href="#main">
        Skip to the page
      </a>
      <TrainingCopy />
      <Header who={who} />
      <main id="main" tabIndex={-1}>
        {path === '/signed-in' ? (
          <SignedIn />
        ) : who === null ? (
          <>
            <Heading>Sign in</Heading>
            <SignIn again={null} />
          </>
        ) : asksPurpose ? (
          <>
            <Heading>What do you read for?</Heading>
            <AskPurpose who={who} />
          </>
        ) : (
          <>
            {again && (
              <section aria-label="Sign in again" className="again">
                <p>
                  <strong>The sign-in has run out.</strong> Nothing on this page is lost.
                </p>
                <SignIn again={who} />
              </section>
            )}
            <Suspense fallback={<Loading what="the page" />}>
              <Pages who={who} />
            </Suspense>
          </>
        )}
      </main>
    </>
  );
}

const mayRead = (who: Session, roles: readonly string[]): boolean => who.roles.some(role => roles.includes(role));

function Pages({ who }: { readonly who: Session }): ReactNode {
  const onCases = mayRead(who, ON_CASES);
  const audits = who.roles.includes('auditor');
  const onReports = mayRead(who, ON_REPORTS);
  return (
    <Switch>
      <Route path="/cases">{onCases ? <CaseloadPage who={who} /> : <NotForYou />}</Route>
      <Route path="/cases/:caseId">
        {({ caseId }) => (onCases ? <CasePage key={caseId} caseId={caseId} audits={audits} /> : <NotForYou />)}
      </Route>
      <Route path="/audit">{audits ? <FindPage /> : <NotForYou />}</Route>
      <Route path="/audit/cases/:caseId">{({ caseId }) => (audits ? <ReplayPage key={caseId} caseId={caseId} /> : <NotForYou />)}</Route>
      <Route path="/reports">{onReports ? <Redirect to="/reports/outcomes" replace /> : <NotForYou />}</Route>
      {REPORTS.map(name => (
        <Route key={name} path={`/reports/${name}`}>
          {onReports ? <ReportsPage key={name} name={name} /> : <NotForYou />}
        </Route>
      ))}
      <Route path="/">
        {onCases ? <Redirect to="/cases" replace /> : onReports ? <Redirect to="/reports/outcomes" replace /> : <NotForYou />}
      </Route>
      <Route>
        <Heading>No such page</Heading>
        <p>There is nothing at this address.</p>
      </Route>
    </Switch>
  );
}

function NotForYou(): ReactNode {
  return (
    <>
      <Heading>Nothing here for your roles</Heading>
      <p>
        Cases are for caseworkers, supervisors, liaisons and auditors; their replay is for auditors; reports are for supervisors, auditors
        and reporting. What your roles may ask is documented at /docs.
      </p>
    </>
  );
}

function Header({ who }: { readonly who: Session | null }): ReactNode {
  const cache = useQueryClient();
  const leave = () => {
    cache.clear();
    session.set(null);
    expired.set(false);
  };
  return (
    <header className="bar">
      <strong className="product">Caseledger</strong>
      {who && (
        <nav aria-label="Pages">
          {mayRead(who, ON_CASES) && <Link href="/cases">Caseload</Link>}
          {who.roles.includes('auditor') && <Link href="/audit">Replay</Link>}
          {mayRead(who, ON_REPORTS) && <Link href="/reports">Reports</Link>}
        </nav>
      )}
      {who && (
        <div className="who">
          <span>
            {who.sub}: {who.roles.map(role => inWords(role).toLowerCase()).join(', ')}
            {who.office !== null && `, ${who.office}`}
          </span>
          <button type="button" className="usa-button usa-button--unstyled" onClick={leave}>
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}

function TrainingCopy(): ReactNode {
  const now = useStored(trainingTime);
  return now === null ? null : (
    <section aria-label="Training copy" className="training">
      <strong>Training copy</strong> Its time is {instant(now)}. All people are invented.
    </section>
  );
}
