import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** An issuer of tokens elsewhere: a certified OpenID Provider. Whoever signs in there is who they say they are. */
export class Issuer {
  /** Of the tokens that it issues from now on, in seconds. */
  lifetime = 600;

  private constructor(
    readonly url: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Issuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
  }

  /** What the service is started with. */
  get settings(): Readonly<Record<string, string>> {
    return { AUTH_ISSUER: this.url, AUTH_AUDIENCE: 'caseledger', AUTH_JWKS_URL: `${this.url}/jwks` };
  }

  /**
   * @param console where the console is
   * @param claims what the tokens of somebody say beside who they are
   */
  serve(console: string, claims: (sub: string) => Readonly<Record<string, unknown>>): void {
    const provider = new Provider(this.url, {
      clients: [
        {
          client_id: 'caseledger-console',
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: [`${console}/signed-in`],
          post_logout_redirect_uris: [`${console}/`],
        },
      ],
      clientBasedCORS: (_, origin) => origin === console,
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
      extraTokenClaims: (_, token) => ('accountId' in token && token.accountId ? claims(token.accountId) : undefined),
      ttl: { AccessToken: () => this.lifetime, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      features: {
        resourceIndicators: {
          enabled: true,
          defaultResource: () => 'urn:caseledger',
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({ scope: 'openid', audience: 'caseledger', accessTokenFormat: 'jwt' }),
        },
      },
    });
    const answer = provider.callback();
    this.server.on('request', (request, response) => void answer(request, response));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => {
      this.server.close(resolve);
    });
  }
}
