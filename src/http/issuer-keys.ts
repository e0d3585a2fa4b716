import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { StoreUnavailable } from '../event-store/event-store.js';
import type { HealthRegistry } from './health.js';
import type { Metrics } from './metrics.js';

/** The least time between the starts of two looks at the issuer. */
const FLOOR_MS = 2_000;
/** Keys this old are fetched again in the background: one that the issuer took back does not count for long. */
const OLD_MS = 60_000;
/** What `ready` and the metrics tell was seen this long ago at most. */
const TOLD_MS = 10_000;
const ANSWERS_WITHIN_MS = 5_000;
/** Less than a health check may take. */
const TELLS_WITHIN_MS = 2_000;

type Keys = JWTVerifyGetKey;
export interface Verifies {
  /** @throws what `jose` throws for a token that does not hold, StoreUnavailable where the issuer's keys would be needed to tell */
  verify(token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult>;
}

/** Whichever of the keys that may have signed it did: of its `kid`, else all of its algorithm. */
export async function verifiedBy(keys: Keys, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (fault) {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** The keys of an issuer elsewhere. While it is away, however long, the last known ones go on to count. */
export class IssuerKeys implements Verifies {
  private readonly logger = new Logger('token-issuer');
  private keys: Keys | undefined;
  private fetchedAt: Date | undefined;
  private awaySince: Date | undefined;
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;

  constructor(private readonly url: URL) {}

  async verify(token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
    if (this.keys === undefined) await this.lookNow();
    else if (this.sinceLook() > OLD_MS) void this.look();
    try {
      return await verifiedBy(this.known(), token, options);
    } catch (error) {
      if (!mayBeOfNewKey(error, token)) throw error;
      await this.lookNow();
      return verifiedBy(this.known(), token, options);
    }
  }

  /** Shows how the issuer was found. That it is away is no reason to send nobody here, unless no key was ever seen. */
  watch(health: HealthRegistry, metrics: Metrics): void {
    health.add('token-issuer', async () => {
      await this.lookForTelling();
      return {
        up: this.keys !== undefined,
        issuer: this.awaySince === undefined ? 'reachable' : 'away',
        ...(this.awaySince && { awaySince: this.awaySince.toISOString() }),
        ...(this.fetchedAt && { keysFrom: this.fetchedAt.toISOString() }),
      };
    });
    const tell = (name: string, help: string, value: () => number): void =>
      metrics.watch({ name, help }, async () => {
        await this.lookForTelling();
        return [{ value: value() }];
      });
    tell('token_issuer_away', '1 while the keys of the token issuer cannot be fetched', () => (this.awaySince === undefined ? 0 : 1));
    tell('token_issuer_keys_age_seconds', 'Time since the keys of the token issuer were fetched', () =>
      this.fetchedAt === undefined ? Number.NaN : (Date.now() - this.fetchedAt.getTime()) / 1000,
    );
  }

  private known(): Keys {
    if (this.keys === undefined) throw this.unavailable();
    return this.keys;
  }

  /** Without asking an issuer again that was away a moment ago. @throws StoreUnavailable */
  private async lookNow(): Promise<void> {
    const justAway = this.awaySince !== undefined && this.looking === undefined && this.sinceLook() < FLOOR_MS;
    if (!justAway) await this.look();
    if (this.awaySince !== undefined) throw this.unavailable();
  }

  private async lookForTelling(): Promise<void> {
    if (this.sinceLook() > TOLD_MS) await Promise.race([this.look(), delay(TELLS_WITHIN_MS, undefined, { ref: false })]);
  }

  /** All who ask before a look has begun share it. Never rejects. */
  private look(): Promise<void> {
    return (this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    }));
  }

  private async lookOnce(): Promise<void> {
    const wait = FLOOR_MS - this.sinceLook();
    if (wait > 0) await delay(wait);
    this.lookedAt = performance.now();
    try {
      this.keys = await fetchKeys(this.url);
      if (this.awaySince !== undefined) this.logger.log('the keys of the token issuer can be fetched again');
      this.fetchedAt = new Date();
      this.awaySince = undefined;
    } catch (error) {
      if (this.awaySince === undefined) this.logger.warn(`the keys of the token issuer cannot be fetched: ${reasonOf(error)}`);
      this.awaySince ??= new Date();
    }
  }

  private sinceLook(): number {
    return performance.now() - this.lookedAt;
  }

  private unavailable(): StoreUnavailable {
    return new StoreUnavailable('The keys of the token issuer cannot be fetched.');
  }
}

/** An issuer in trouble may answer with no keys at all: that is no news of its keys. */
async function fetchKeys(url: URL): Promise<Keys> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  const set = (await response.json()) as JSONWebKeySet;
  const keys = createLocalJWKSet(set);
  if (set.keys.length === 0) throw new Error('no keys');
  return keys;
}

/** A key id that is not known, or no key id and no key that fits: either may be of a key made since the last look. */
function mayBeOfNewKey(error: unknown, token: string): boolean {
  if (error instanceof errors.JWKSNoMatchingKey) return true;
  return error instanceof errors.JWSSignatureVerificationFailed && decodeProtectedHeader(token).kid === undefined;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})` : message;
}
