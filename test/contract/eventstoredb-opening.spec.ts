import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/config-error.js';
import { ConnectionString } from '../../src/event-store/eventstoredb/connection-string.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { AUTHORITY, CERTIFICATE, KEY } from '../support/eventstoredb/certificates.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { append, collect, ids, newEvents, newStream } from './store-under-test.js';

describe('opening EVENT_STORE_URL', () => {
  let secured: StandIn;
  let folder: string;
  const authority = () => encodeURIComponent(join(folder, 'authority.pem'));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'caseledger-tls-'));
    writeFileSync(join(folder, 'authority.pem'), AUTHORITY);
    secured = await StandIn.start({
      tls: { certificate: CERTIFICATE, key: KEY },
      users: { admin: { password: 'chang/e:it?', readsAll: true }, visitor: { password: 'visitor', readsAll: false } },
    });
  });
  afterAll(async () => {
    await secured.kill();
    rmSync(folder, { recursive: true });
  });

  const user = `admin:${encodeURIComponent('chang/e:it?')}`;

  it('works with TLS, an authority of its own and a password', async () => {
    const store = await openEventStoreDb(`esdb://${user}@${secured.address}?tlsCAFile=${authority()}`);
    const [stream, events] = [newStream(), newEvents(3)];
    expect(await append(store, stream, 'no-stream', events)).toMatchObject({ outcome: 'ok' });
    expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    await store.close();
  });

  const wrong: readonly (readonly [string, () => string, RegExp])[] = [
    ['nothing listens', () => 'esdb://localhost:1?tls=false', /no server that answers/],
    ['nobody of several listens', () => 'esdb://localhost:1,localhost:2?tls=false', /no server that answers/],
    ['the host does not exist', () => 'esdb://nowhere.invalid:2113?tls=false', /no server that answers/],
    [
      'the password is wrong',
      () => `esdb://admin:secret-word@${secured.address}?tlsCAFile=${authority()}`,
      /wrong credentials, or no access to \$all/,
    ],
    ['there is no password', () => `esdb://${secured.address}?tlsCAFile=${authority()}`, /wrong credentials, or no access to \$all/],
    [
      'the user may not read everything',
      () => `esdb://visitor:visitor@${secured.address}?tlsCAFile=${authority()}`,
      /wrong credentials, or no access to \$all/,
    ],
    ['nobody vouches for the certificate', () => `esdb://${user}@${secured.address}`, /certificate cannot be verified/],
    [
      'the file of the authority is not there',
      () => `esdb://${user}@${secured.address}?tlsCAFile=${authority()}x`,
      /names a certificate file that cannot be read/,
    ],
    ['the server speaks TLS and the URL does not', () => `esdb://${secured.address}?tls=false`, /no server that answers/],
    ['an option is misspelt', () => `esdb://admin:secret-word@${secured.address}?tsl=false`, /option that is not known/],
    [
      'verification is switched off, which this client cannot',
      () => `esdb://admin:secret-word@${secured.address}?tlsVerifyCert=false`,
      /tlsCAFile/,
    ],
    ['it is no connection string', () => 'esdb://admin:secret-word@:x', /no connection string/],
    ['a value is none', () => `esdb://admin:secret-word@${secured.address}?nodePreference=best`, /no connection string/],
  ];
  // All at once: the service waits a while for a server that may be starting.
  const failures = new Map<string, Promise<Error | undefined>>();
  beforeAll(() => {
    for (const [what, url] of wrong)
      failures.set(
        what,
        openEventStoreDb(url()).then(
          () => undefined,
          (error: unknown) => error as Error,
        ),
      );
  });

  it.each(wrong)('says so in one line when %s', async (what, _, reason) => {
    const failure = await failures.get(what);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure!.message).toMatch(/^EVENT_STORE_URL [^\n]*$/);
    expect(failure!.message).toMatch(reason);
    expect(failure!.message).not.toContain('secret');
  });

  it('does not load both packages into one process', async () => {
    await expect(openEventStoreDb('kurrentdb://localhost:1?tls=false')).rejects.toThrow('kurrentdb:// speaks to both servers');
  });

  it('gives each kind of use a connection of its own, and decides at the leader', () => {
    const url = new ConnectionString('esdb+discover://user:pass@host:2113/?node_preference=follower&keepalivetimeout=20000');
    expect(url.for('write')).toBe('esdb+discover://user:pass@host:2113?nodePreference=leader&keepAliveTimeout=20000');
    expect(url.for('read')).toBe('esdb+discover://user:pass@host:2113?nodePreference=leader&keepAliveTimeout=20001');
    expect(url.for('follow')).toBe('esdb+discover://user:pass@host:2113?nodePreference=follower&keepAliveTimeout=20002');
  });
});
