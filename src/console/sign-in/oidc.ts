import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';

export interface Issuer {
  readonly issuer: string;
  readonly clientId: string;
}

const managerFor = ({ issuer, clientId }: Issuer): UserManager =>
  new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: `${location.origin}/signed-in`,
    scope: 'openid',
    // What must outlive the way to the issuer and back, and no token.
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    monitorSession: false,
    automaticSilentRenew: false,
  });

/** Goes to the issuer, which sends back to `/signed-in`; then the page at `returnTo` is shown again. */
export const goToIssuer = (issuer: Issuer, returnTo: string): Promise<void> => managerFor(issuer).signinRedirect({ state: returnTo });

/** @throws Error where the issuer refused, or was not asked from this tab */
export async function comeBack(issuer: Issuer): Promise<{ readonly token: string; readonly returnTo: string }> {
  const { access_token, state } = await managerFor(issuer).signinRedirectCallback();
  return { token: access_token, returnTo: typeof state === 'string' && /^\/(?!\/)/.test(state) ? state : '/' };
}
