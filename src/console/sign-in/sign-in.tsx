import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { refused, session, sessionOf, type Session } from '../api/session';
import { Failed, Loading } from '../shell/states';
import { answered, api, Refusal, type Problem, type Schemas } from '../api/client';
import { inWords } from '../shell/words';
import { AGAIN, awaitToken, handOver } from './again';

type Local = Schemas['AtLocalIssuer'];
type Issuer = Schemas['AtIssuerElsewhere'];
type Role = Local['roles'][number];

const wayOfSigningIn = () => answered(api.GET('/console.json'));

/** Whoever was signed in goes on with what is on the page. */
export function SignIn({ again }: { readonly again: Session | null }): ReactNode {
  const way = useQuery({ queryKey: ['way-of-signing-in'], queryFn: wayOfSigningIn });
  if (way.isPending) return <Loading what="how to sign in" error={way.failureReason} />;
  if (way.isError) return <Failed error={way.error} again={() => void way.refetch()} />;
  return way.data.kind === 'local' ? <LocalSignIn {...way.data} again={again} /> : <OidcSignIn issuer={way.data} again={again} />;
}

function useSignedIn(): (token: string, purpose: string | null) => void {
  const cache = useQueryClient();
  return (token, purpose) => {
    const before = session.get();
    const now = sessionOf(token, purpose);
    if (before && before.sub !== now.sub) cache.clear();
    session.set(now);
    refused.set(null);
    void cache.invalidateQueries();
  };
}

function LocalSignIn({ roles, officeRoles, again }: Local & { readonly again: Session | null }): ReactNode {
  const signedIn = useSignedIn();
  const [sub, setSub] = useState(again?.sub ?? '');
  const [chosen, setChosen] = useState<Role[]>(() => roles.filter(role => again?.roles.includes(role)));
  const [office, setOffice] = useState(again?.office ?? '');
  const [fault, setFault] = useState('');
  const asksOffice = chosen.some(role => officeRoles.includes(role));
  const enter = async () => {
    try {
      const { token } = await answered(api.POST('/v1/sign-in', { body: { sub, roles: chosen, ...(office !== '' && { office }) } }));
      signedIn(token, again?.purpose ?? null);
    } catch (error) {
      setFault(error instanceof Refusal ? toldOf(error.problem) : 'The service does not answer.');
    }
  };
  return (
    <form
      className="usa-form sign-in"
      aria-label="Sign in"
      onSubmit={event => {
        event.preventDefault();
        void enter();
      }}
    >
      <div className="usa-alert usa-alert--warning usa-alert--slim">
        <div className="usa-alert__body">
          <p className="usa-alert__text">This is no real sign-in: nobody checks who you are. It is for development and training alone.</p>
        </div>
      </div>
      <div aria-live="assertive">{fault !== '' && <span className="usa-error-message">{fault}</span>}</div>
      <TextField id="sub" label="Name" hint="As events will bear it, such as cw-ana." value={sub} change={setSub} />
      <fieldset className="usa-fieldset field">
        <legend className="usa-legend">Roles</legend>
        {roles.map(role => (
          <div key={role} className="usa-checkbox">
            <input
              className="usa-checkbox__input"
              type="checkbox"
              id={`role-${role}`}
              checked={chosen.includes(role)}
              onChange={({ target }) => setChosen([...chosen.filter(other => other !== role), ...(target.checked ? [role] : [])])}
            />
            <label className="usa-checkbox__label" htmlFor={`role-${role}`}>
              {inWords(role)}
            </label>
          </div>
        ))}
      </fieldset>
      {asksOffice && <TextField id="office" label="Office" hint="2 to 5 capital letters, such as ELP." value={office} change={setOffice} />}
      <button type="submit" className="usa-button" disabled={chosen.length === 0}>
        Sign in
      </button>
    </form>
  );
}

const toldOf = ({ errors, detail, title }: Problem): string =>
  errors.length > 0
    ? errors.map(({ pointer, message }) => (pointer === undefined ? message : `${inWords(pointer.slice(1))}: ${message}`)).join(' ')
    : (detail ?? title);

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly change: (text: string) => void;
  readonly most?: number;
}

function TextField({ id, label, hint, value, change, most }: TextFieldProps): ReactNode {
  return (
    <>
      <label className="usa-label" htmlFor={id}>
        {label}
      </label>
      <span className="usa-hint" id={`${id}-hint`}>
        {hint}
      </span>
      <input
        className="usa-input"
        id={id}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        required
        maxLength={most}
        value={value}
        onChange={({ target }) => change(target.value)}
      />
    </>
  );
}

function OidcSignIn({ issuer, again }: { readonly issuer: Issuer; readonly again: Session | null }): ReactNode {
  const signedIn = useSignedIn();
  const [fault, setFault] = useState('');
  const [path] = useLocation();
  useEffect(() => {
    if (again === null) return;
    return awaitToken(token => signedIn(token, sessionOf(token, null).sub === again.sub ? again.purpose : null));
  });
  const enter = () => {
    if (again !== null) {
      window.open(AGAIN, '_blank');
      return;
    }
    import('./oidc').then(({ goToIssuer }) => goToIssuer(issuer, path)).catch(() => setFault(ISSUER_AWAY));
  };
  return (
    <form
      className="usa-form sign-in"
      aria-label="Sign in"
      onSubmit={event => {
        event.preventDefault();
        enter();
      }}
    >
      <div aria-live="assertive">{fault !== '' && <span className="usa-error-message">{fault}</span>}</div>
      {again === null ? (
        <p>You sign in at {new URL(issuer.issuer).host}.</p>
      ) : (
        <p>Another tab opens, and closes when you have signed in.</p>
      )}
      <button type="submit" className="usa-button">
        Sign in
      </button>
    </form>
  );
}

const ISSUER_AWAY = 'The sign-in service does not answer. Try again.';

/** Signs out at the issuer too, where it has a place for that. */
export async function leaveIssuer(): Promise<void> {
  const way = await wayOfSigningIn().catch(() => null);
  if (way?.kind === 'oidc') await (await import('./oidc')).leave(way);
}

/** A tab that goes to the issuer for another one. */
export function SignInAgain(): ReactNode {
  const going = useQuery({
    queryKey: ['sign-in-again'],
    retry: false,
    queryFn: async () => {
      const way = await wayOfSigningIn();
      if (way.kind === 'oidc') await (await import('./oidc')).goToIssuer(way, AGAIN);
      return null;
    },
  });
  return going.isError ? (
    <Failed error={new Error(ISSUER_AWAY)} again={() => void going.refetch()} />
  ) : (
    <Loading what="the sign-in service" />
  );
}

/** Where an issuer sends people back to. */
export function SignedIn(): ReactNode {
  const signedIn = useSignedIn();
  const [, go] = useLocation();
  const coming = useQuery({
    queryKey: ['signed-in'],
    retry: false,
    staleTime: Infinity,
    queryFn: async () => {
      const way = await wayOfSigningIn();
      return way.kind === 'local' ? null : (await import('./oidc')).comeBack(way);
    },
  });
  useEffect(() => {
    if (coming.data === undefined) return;
    if (coming.data === null) return go('/', { replace: true });
    const { token, returnTo } = coming.data;
    if (returnTo === null) {
      handOver(token);
      window.close();
    } else {
      signedIn(token, null);
      go(returnTo, { replace: true });
    }
  }, [coming.data]);
  if (coming.isError)
    return <Failed error={new Error('Signing in did not come to an end. Sign in anew.')} again={() => go('/', { replace: true })} />;
  return coming.data?.returnTo === null ? (
    <p role="status">You are signed in again. This tab can be closed.</p>
  ) : (
    <Loading what="the sign-in" />
  );
}

/** An auditor says what for before anything is read. */
export function AskPurpose({ who }: { readonly who: Session }): ReactNode {
  const [purpose, setPurpose] = useState('');
  return (
    <form
      className="usa-form sign-in"
      aria-label="Purpose"
      onSubmit={event => {
        event.preventDefault();
        if (purpose.trim() !== '') session.set({ ...who, purpose });
      }}
    >
      <TextField
        id="purpose"
        label="Purpose"
        hint="What you read for. It is kept with each file that you see."
        value={purpose}
        change={setPurpose}
        most={200}
      />
      <button type="submit" className="usa-button">
        Go on
      </button>
    </form>
  );
}
