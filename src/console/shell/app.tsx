import { lazy, Suspense, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { expired, session, trainingTime, useStored, type Session } from '../api/session';
import { AskPurpose, SignedIn, SignIn } from '../sign-in/sign-in';
import { Heading } from './heading';
import { Loading } from './states';
import { inWords, instant } from './words';

const CaseloadPage = lazy(() => import('../caseload/caseload-page'));
const CasePage = lazy(() => import('../case/case-page'));

const ReplayPage = lazy(() => import('../replay/replay-page'));
const FindPage = lazy(() => import('../replay/find-page'));

const ON_CASES = ['caseworker', 'supervisor', 'liaison', 'auditor'];

export function App(): ReactNode {
  const who = useStored(session);
  const again = useStored(expired);
  const [path] = useLocation();
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

function Pages({ who }: { readonly who: Session }): ReactNode {
  const onCases = who.roles.some(role => ON_CASES.includes(role));
  const audits = who.roles.includes('auditor');
  return (
    <Switch>
      <Route path="/cases">{onCases ? <CaseloadPage who={who} /> : <NotForYou />}</Route>
      <Route path="/cases/:caseId">
        {({ caseId }) => (onCases ? <CasePage key={caseId} caseId={caseId} audits={audits} /> : <NotForYou />)}
      </Route>
      <Route path="/audit">{audits ? <FindPage /> : <NotForYou />}</Route>
      <Route path="/audit/cases/:caseId">{({ caseId }) => (audits ? <ReplayPage key={caseId} caseId={caseId} /> : <NotForYou />)}</Route>
      <Route path="/">{onCases ? <Redirect to="/cases" replace /> : <NotForYou />}</Route>
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
        Cases are for caseworkers, supervisors, liaisons and auditors; their replay is for auditors. What your roles may ask is documented
        at /docs.
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
          <Link href="/cases">Caseload</Link>
          {who.roles.includes('auditor') && <Link href="/audit">Replay</Link>}
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
