import { createHash, generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, type JWTVerifyResult, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config.js';
import { madeOnce } from '../local-keys.js';
import { SYSTEM } from '../event-store/actor.js';
import { type Actor, StoreUnavailable } from '../event-store/event-store.js';
import { OFFICE, PERSON_ID } from '../fields/formats.js';
import type { HealthRegistry } from './health.js';
import { IssuerKeys, type Verifies, verifiedBy } from './issuer-keys.js';
import type { Metrics } from './metrics.js';
import { isRole, OFFICE_ROLES, type Role } from './roles.js';

/** No token, or none that holds. The answer never says which check failed. */
export class Unauthenticated extends Error {
  /** @param sent whether there was anything that was to be a token */
  constructor(readonly sent = true) {
    super('A valid bearer token is needed.');
    this.name = 'Unauthenticated';
  }
}

const LOCAL = { issuer: 'urn:caseledger:local', audience: 'caseledger' };
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt'];
/** How far the issuer's clock may be ahead of ours. */
const CLOCK_TOLERANCE_S = 5;
const REMEMBERED = 5000;
const REMEMBERED_MS = 60_000;

/** Checks bearer tokens of the configured issuer. Expiry is judged on real time, in a training copy too. */
export class Authentication {
  private readonly keys: Verifies;
  private readonly issuer: string;
  private readonly audience: string;
  // Checking a signature costs more than most requests, so a checked token is remembered for a while.
  private readonly known = new LRUCache<string, { readonly actor: Actor; readonly expiresAt: number }>({
    max: REMEMBERED,
    ttl: REMEMBERED_MS,
  });

  constructor(config: Config) {
    const { issuer } = config;
    this.issuer = issuer.kind === 'oidc' ? issuer.issuer : LOCAL.issuer;
    this.audience = issuer.kind === 'oidc' ? issuer.audience : LOCAL.audience;
    this.keys = issuer.kind === 'oidc' ? new IssuerKeys(issuer.jwksUrl) : localKeys(config.dataDir);
  }

  /** Where tokens come from elsewhere, shows how their issuer was found. */
  watch(health: HealthRegistry, metrics: Metrics): void {
    if (this.keys instanceof IssuerKeys) this.keys.watch(health, metrics);
  }

  /** The caller, when the token was checked a short while ago. */
  remembered(header: string | undefined): Actor | undefined {
    const found = header === undefined ? undefined : this.known.get(header);
    return found && found.expiresAt > Date.now() ? found.actor : undefined;
  }

  /**
   * @param header the Authorization header
   * @throws Unauthenticated, or StoreUnavailable when the issuer's keys cannot be fetched
   */
  async check(header: string | undefined): Promise<Actor> {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
    if (header === undefined || token === undefined) throw new Unauthenticated(header !== undefined);
    const claims = await this.claims(token);
    const actor = actorOf(claims);
    this.known.set(header, { actor, expiresAt: (claims.exp ?? 0) * 1000 });
    return actor;
  }

  private async claims(token: string): Promise<JWTPayload> {
    try {
      const verified = await this.keys.verify(token, {
        issuer: this.issuer,
        audience: this.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      return timely(verified);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      throw new Unauthenticated();
    }
  }
}

export interface LocalToken {
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly office?: string;
  /** Seconds; eight hours unless told. */
  readonly lifetime?: number;
}

/** A token of the local issuer. @throws ConfigError when DATA_DIR cannot be used, Error when tokens come from elsewhere */
export async function issueLocalToken(
  config: Pick<Config, 'dataDir' | 'issuer'>,
  { sub, roles, office, lifetime = 8 * 3600 }: LocalToken,
): Promise<string> {
  if (config.issuer.kind !== 'local') throw new Error('AUTH_ISSUER is set: tokens come from there');
  assertTakable({ sub, roles, office });
  const key = localKeyPair(config.dataDir);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ roles: [...roles], ...(office !== undefined && { office }) })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' })
    .setIssuer(LOCAL.issuer)
    .setAudience(LOCAL.audience)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(await importJWK(key, 'EdDSA'));
}

/** @throws Error where the service would not take a token with these claims */
function assertTakable(claims: Pick<LocalToken, 'sub' | 'roles' | 'office'>): void {
  try {
    actorOf({ ...claims });
  } catch (error) {
    const needed =
      'sub must be 1 to 200 letters, digits and . _ @ | : + -, and not the name of the system; ' +
      `office 2 to 5 capital letters, and is needed for ${OFFICE_ROLES.join(', ')}`;
    throw new Error(needed, { cause: error });
  }
}

function localKeyPair(dataDir: string): JWK {
  return JSON.parse(
    madeOnce(dataDir, 'token-issuer.jwk', () => {
      const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
      const kid = createHash('sha256').update(String(jwk['x'])).digest('base64url').slice(0, 16);
      return JSON.stringify({ ...jwk, kid, alg: 'EdDSA', use: 'sig' });
    }),
  ) as JWK;
}

function localKeys(dataDir: string): Verifies {
  const keys = createLocalJWKSet({ keys: [publicPart(localKeyPair(dataDir))] });
  return { verify: (token, options) => verifiedBy(keys, token, options) };
}

const publicPart = ({ kty, crv, x, kid, alg, use }: JWK): JWK => ({ kty, crv, x, kid, alg, use });

/** An access token, issued by now; its end is not put off by what clocks may differ. @throws Unauthenticated */
function timely({ payload, protectedHeader }: JWTVerifyResult): JWTPayload {
  const now = Date.now() / 1000;
  const { iat = now, exp = 0 } = payload;
  if (!TYPES.includes(typeOf(protectedHeader)) || exp <= now || iat > now + CLOCK_TOLERANCE_S) throw new Unauthenticated();
  return payload;
}

/** Media types are compared without case, and `application/` may be left out (RFC 7515, 4.1.9). */
const typeOf = ({ typ }: JWTHeaderParameters): unknown => (typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ);

// It would give the claimant no power, but pass for the service itself in whatever shows who acted.
const isReserved = (sub: string): boolean => sub.toLowerCase() === SYSTEM.id;

/** @throws Unauthenticated where the claims cannot be an actor's; roles that we do not know are passed over */
function actorOf({ sub, roles, office }: JWTPayload & { readonly roles?: unknown; readonly office?: unknown }): Actor {
  if (typeof sub !== 'string' || !PERSON_ID.test(sub) || isReserved(sub)) throw new Unauthenticated();
  if (roles !== undefined && !Array.isArray(roles)) throw new Unauthenticated();
  const known = Array.isArray(roles) ? [...new Set(roles)].filter(isRole) : [];
  const needsOffice = known.some(role => OFFICE_ROLES.includes(role));
  const none = office === undefined || office === null;
  if (none ? needsOffice : typeof office !== 'string' || !OFFICE.test(office)) throw new Unauthenticated();
  return Object.freeze({ id: sub, roles: Object.freeze(known), office: none ? null : String(office) });
}
