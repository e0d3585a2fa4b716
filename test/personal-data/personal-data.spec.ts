import { randomBytes, randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { Database } from '../../src/database/database.js';
import type { StoredEvent } from '../../src/event-store/event-store.js';
import { DataKeys, KeyMissing, type DataKey } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { seal, SealBroken } from '../../src/personal-data/sealing.js';
import { startTestDatabase } from '../support/postgres.js';

const masterKey = randomBytes(32);
let server: Awaited<ReturnType<typeof startTestDatabase>>;
let database: Database;
let keys: DataKeys;

beforeAll(async () => {
  server = await startTestDatabase();
  database = Database.open({ url: server.url, applicationName: 'test' });
  keys = new DataKeys(database, masterKey);
  await keys.start();
});
afterAll(async () => {
  await keys.close();
  await database.close();
  await server.stop();
});

/** Another process: it remembers nothing. */
const reader = (): PersonalData => new PersonalData(new DataKeys(database, masterKey));

function stored(stream: string, revision: number, personal?: object, by?: DataKey): StoredEvent {
  const id = randomUUID();
  const type = 'ApplicantDescribed';
  return {
    id,
    type,
    schemaVersion: 1,
    stream,
    revision,
    position: String(revision),
    data: {},
    ...(personal && by && { personal: seal(by.key, { stream, eventId: id, type, keyId: by.keyId }, personal) }),
    metadata: {
      actor: { id: 'worker-1', roles: ['caseworker'], office: 'ELP' },
      commandId: id,
      commandHash: 'hash',
      correlationId: id,
      causationId: id,
      occurredAt: '2026-01-02T03:04:05Z',
      recordedAt: '2026-01-02T03:04:05Z',
      ...(by && { keyId: by.keyId }),
    },
  };
}

describe('opening events', () => {
  it('gives each event its own data in its place, whatever mix of streams and keys', async () => {
    const pool = await Promise.all(Array.from({ length: 5 }, () => keys.take()));
    const erased = pool[4] as DataKey;
    await keys.destroy([erased.keyId]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.string())), async mix => {
        const expected = mix.map(([which, name]) => (which < 4 ? { name } : null));
        const events = mix.map(([which, name], revision) =>
          stored(`case-${which}`, revision, which === 5 ? undefined : { name }, pool[which]),
        );
        expect(await reader().openAll(events)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('asks for nothing where nothing is sealed, even if a key is named', async () => {
    const unknown = { keyId: randomUUID(), key: randomBytes(32) };
    expect(await reader().openAll([])).toEqual([]);
    expect(await reader().openAll([stored('case-1', 0), stored('case-1', 1, undefined, unknown)])).toEqual([null, null]);
  });

  it('shows an erased case as empty and a later fact under a new key', async () => {
    const [first, second] = await Promise.all([keys.take(), keys.take()]);
    const events = [stored('case-1', 0, { name: 'before' }, first), stored('case-1', 1), stored('case-1', 2, { alert: 'after' }, second)];
    await keys.destroy([first.keyId]);
    expect(await reader().openAll(events)).toEqual([null, null, { alert: 'after' }]);
  });

  it('stops where a key is missing', async () => {
    const known = await keys.take();
    const lost = { keyId: randomUUID(), key: randomBytes(32) };
    const events = [stored('case-1', 0, { name: 'x' }, known), stored('case-1', 1, { name: 'x' }, lost)];
    await expect(reader().openAll(events)).rejects.toThrow(KeyMissing);
  });

  it('stops at what was altered, moved or names no key, and says where but not what', async () => {
    const key = await keys.take();
    const event = stored('case-1', 41, { name: 'Planted-Name-7316' }, key);
    expect(event.metadata.keyId).toBe(key.keyId);
    for (const altered of [
      { ...event, stream: 'case-2' },
      { ...event, id: randomUUID() },
      { ...event, type: 'AgeDisputed' },
      { ...event, personal: `${event.personal?.slice(0, -4)}AAAA` },
      { ...event, metadata: { ...event.metadata, keyId: (await keys.take()).keyId } },
      { ...event, metadata: { ...event.metadata, keyId: undefined } },
    ]) {
      const error = (await reader()
        .openAll([altered])
        .catch((reason: unknown) => reason)) as Error;
      expect(error).toBeInstanceOf(SealBroken);
      expect(error).toMatchObject({ stream: altered.stream, revision: 41 });
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('Planted');
      expect(error.message).not.toContain(event.personal);
    }
  });
});
