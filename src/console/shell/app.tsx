import { Suspense, useEffect, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { refused, session, useStored, type Session } from '../api/session';
import { AGAIN } from '../sign-in/again';
import { AskPurpose, leaveIssuer, SignedIn, SignIn, SignInAgain } from '../sign-in/sign-in';
import { Heading } from './heading';
import { LastKnown } from './last-known';
import { later, loadParts } from './later';
import { mayGo, PLACES, placesOf, type Place } from './places';
import { Loading } from './states';
import { TrainingCopy } from './training-copy';
import { inText } from './words';

const CaseloadPage = later(() => import('../caseload/caseload-page'));
const CasePage = later(() => import('../case/case-page'));
const NewCasePage = later(() => import('../case/new-page'));

const ReplayPage = later(() => import('../replay/replay-page'));
const FindPage = later(() => import('../replay/find-page'));
const ReportsPage = later(() => import('../reports/reports-page'));
const FlightsPage = later(() => import('../flights/flights-page'));
const FlightPage = later(() => import('../flights/flight-page'));
const AgreementsPage = later(() => import('../agreements/agreements-page'));
const HealthPage = later(() => import('../health/health-page'));

const OPEN_CASES: readonly string[] = ['caseworker', 'supervisor'];
const REPORTS = ['outcomes', 'screening', 'safeguards', 'workload'] as const;

export function App(): ReactNode {
  const who = useStored(session);
  const again = useStored(refused);
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
      <TrainingCopy who={who} />
      <Header who={who} />
      <main id="main" tabIndex={-1}>
        {path === '/signed-in' ? (
          <SignedIn />
        ) : path === AGAIN ? (
          <SignInAgain />
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
            {again !== null && (
              <section aria-label="Sign in again" className="again">
                <p>
                  <strong>{again}</strong> Nothing on this page is lost.
                </p>
                <SignIn again={who} />
              </section>
            )}
            <LastKnown />
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
  const isFor = (place: keyof typeof PLACES): boolean => mayGo(who, PLACES[place]);
  const [first] = placesOf(who);
  return (
    <Switch>
      <Route path="/cases">{isFor('cases') ? <CaseloadPage who={who} /> : <NotForYou />}</Route>
      <Route path="/cases/new">{who.roles.some(role => OPEN_CASES.includes(role)) ? <NewCasePage /> : <NotForYou />}</Route>
      <Route path="/cases/:caseId">
        {({ caseId }) => (isFor('cases') ? <CasePage key={caseId} caseId={caseId} audits={isFor('audit')} /> : <NotForYou />)}
      </Route>
      <Route path="/flights">{isFor('flights') ? <FlightsPage who={who} /> : <NotForYou />}</Route>
      <Route path="/flights/:manifestId">
        {({ manifestId }) => (isFor('flights') ? <FlightPage key={manifestId} manifestId={manifestId} /> : <NotForYou />)}
      </Route>
      <Route path="/agreements">{isFor('agreements') ? <AgreementsPage who={who} /> : <NotForYou />}</Route>
      <Route path="/audit">{isFor('audit') ? <FindPage /> : <NotForYou />}</Route>
      <Route path="/audit/cases/:caseId">
        {({ caseId }) => (isFor('audit') ? <ReplayPage key={caseId} caseId={caseId} /> : <NotForYou />)}
      </Route>
      <Route path="/reports">{isFor('reports') ? <Redirect to={PLACES.reports.href} replace /> : <NotForYou />}</Route>
      {REPORTS.map(name => (
        <Route key={name} path={`/reports/${name}`}>
          {isFor('reports') ? <ReportsPage key={name} name={name} /> : <NotForYou />}
        </Route>
      ))}
      <Route path="/health">{isFor('health') ? <HealthPage audits={isFor('audit')} /> : <NotForYou />}</Route>
      <Route path="/">{first ? <Redirect to={first.href} replace /> : <NoPlace who={who} />}</Route>
      <Route>
        <Heading>No such page</Heading>
        <p>There is nothing at this address.</p>
      </Route>
    </Switch>
  );
}

function NoPlace({ who: { roles } }: { readonly who: Session }): ReactNode {
  if (roles.length > 0) return <NotForYou />;
  return (
    <>
      <Heading>You have no role here</Heading>
      <p>You are signed in, and your sign-in names no role. Whoever runs the sign-in service of your office can give you one.</p>
    </>
  );
}

function NotForYou(): ReactNode {
  return (
    <>
      <Heading>Nothing here for your roles</Heading>
      <p>Each page is for some roles:</p>
      <ul>
        {Object.values<Place>(PLACES).map(({ name, roles }) => (
          <li key={name}>
            {name}: {roles.map(role => inText(role)).join(', ')}
          </li>
        ))}
      </ul>
      <p>
        What your roles may ask of the service is documented at <a href="/docs">/docs</a>.
      </p>
    </>
  );
}

function Header({ who }: { readonly who: Session | null }): ReactNode {
  const cache = useQueryClient();
  const leave = () => {
    cache.clear();
    session.set(null);
    refused.set(null);
    void leaveIssuer();
  };
  return (
    <header className="bar">
      <strong className="product">Caseledger</strong>
      {who && (
        <nav aria-label="Pages">
          {placesOf(who).map(({ href, name }) => (
            <Link key={href} href={href}>
              {name}
            </Link>
          ))}
        </nav>
      )}
      {who && (
        <div className="who">
          <span>
            {who.sub}: {who.roles.map(role => inText(role)).join(', ')}
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
