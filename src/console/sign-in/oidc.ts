import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { Schemas } from '../api/client';
import { AGAIN } from './again';

type Issuer = Pick<Schemas['AtIssuerElsewhere'], 'issuer' | 'clientId'>;

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

/** Goes to where the issuer ends what was begun there; an issuer without such a place, or away, keeps nobody here. */
export async function leave(issuer: Issuer): Promise<void> {
  const manager = managerFor(issuer);
  const at = await manager.metadataService.getEndSessionEndpoint().catch(() => undefined);
  if (at !== undefined) await manager.signoutRedirect({ post_logout_redirect_uri: `${location.origin}/` });
}

export interface CameBack {
  readonly token: string;
  /** Null in a tab that was opened to sign in again for another. */
  readonly returnTo: string | null;
}

/** @throws Error where the issuer refused, or was not asked from this tab */
export async function comeBack(issuer: Issuer): Promise<CameBack> {
  const { access_token, state } = await managerFor(issuer).signinRedirectCallback();
  const path = typeof state === 'string' && /^\/(?!\/)/.test(state) ? state : '/';
  return { token: access_token, returnTo: path === AGAIN ? null : path };
}
