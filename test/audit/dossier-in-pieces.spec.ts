import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Config } from '../../src/config.js';
import { verifyDossier } from '../../src/audit/dossier/verify.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { uuidV5 } from '../../src/event-store/command-identity.js';
import { EventStore, StoreUnavailable, type NewEvent, type StoredEvent } from '../../src/event-store/event-store.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';

/* A dossier of 18 MB, more than sockets hold: it is made as it is taken, and no longer than somebody takes it. */

const [APPENDS, IN_ONE] = [36, 50];

let caseledger: Caseledger;
let world: World;
let store: EventStore;
let readStream: EventStore['readStream'];
let caseId: string;
let revision: number;
let key: VerifierKey;
let token: string;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  store = caseledger.app.get(EventStore);
  readStream = store.readStream.bind(store);
  caseId = await world.caseAt('opened');
  const history = await stored(`case-${caseId}`);
  const { metadata } = history[0] as StoredEvent;
  revision = history.length - 1;
  for (let append = 0; append < APPENDS; append++) {
    const events = Array.from({ length: IN_ONE }, (_, at): NewEvent => {
      const id = uuidV5(`${append} ${at}`, caseId);
      const data = { filler: 'x'.repeat(10_000) };
      return { id, type: 'NoteAdded', schemaVersion: 1, data, metadata: { ...metadata, keyId: undefined, commandId: id } };
    });
    await store.append([
      { stream: `case-${caseId}`, expectedRevision: revision, events: JSON.parse(JSON.stringify(events)) as NewEvent[] },
    ]);
    revision += IN_ONE;
  }
  const { publicKey } = await world.read<{ publicKey: string }>(world.staff.auditor, '/v1/audit/log/checkpoint');
  key = VerifierKey.parse(publicKey);
  token = await issueLocalToken(caseledger.app.get(Config), { sub: 'aud-piece', roles: ['auditor'], office: 'ELP' });
});
afterEach(() => {
  store.readStream = readStream;
});
afterAll(() => caseledger.stop());

async function stored(stream: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const batch of readStream(stream)) events.push(...batch);
  return events;
}

/** As soon as its headers are there. */
const dossier = (headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const url = `${caseledger.url}/v1/audit/cases/${caseId}/dossier`;
    get(url, { agent: false, headers: { authorization: `Bearer ${token}`, 'x-purpose': 'pieces', ...headers } }, resolve).on(
      'error',
      reject,
    );
  });

/** Counts the readings of the case that are under way, and what they gave. */
function watched(each: (given: number) => void = () => undefined) {
  const seen = { underWay: 0, given: 0 };
  store.readStream = async function* read(stream, range) {
    seen.underWay++;
    try {
      for await (const batch of readStream(stream, range)) {
        if (stream === `case-${caseId}`) each((seen.given += batch.length));
        yield batch;
      }
    } finally {
      seen.underWay--;
    }
  };
  return seen;
}

it('is sound when it is taken as it comes, and the read stands recorded before its first byte', async () => {
  const answer = await dossier();
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'transfer-encoding': 'chunked' });
  const reads = await stored(`access-${caseId}`);
  expect(reads.at(-1)).toMatchObject({
    type: 'CaseFileRead',
    data: { what: 'dossier', revision },
    metadata: { actor: { id: 'aud-piece' } },
  });
  await expect(verifyDossier(answer, { key })).resolves.toMatchObject({ caseId, events: revision + 1 });
});

it('nothing goes on for somebody who goes away', async () => {
  const seen = watched();
  const answer = await dossier({ 'accept-encoding': 'identity' });
  const [first] = (await once(answer)) as [Buffer];
  expect(first.toString()).toContain(`{"caseId":"${caseId}"`);
  expect(seen.underWay).toBe(1);
  answer.destroy();
  for (; seen.underWay > 0; await sleep(20));
  // All of it was read once for the keys, and of the second reading what fits on the way.
  expect(seen.given).toBeLessThan(2 * (revision + 1));
});

it('breaks off, and is not sound, where the store fails on the way', async () => {
  watched(given => {
    if (given > revision + 500) throw new StoreUnavailable('away');
  });
  const answer = await dossier();
  expect(answer.statusCode).toBe(200);
  await expect(verifyDossier(answer, { key })).rejects.toThrow('aborted');
  store.readStream = readStream;
  await expect(verifyDossier(await dossier(), { key })).resolves.toMatchObject({ caseId });
});

const once = (answer: IncomingMessage): Promise<unknown[]> => new Promise(resolve => answer.once('data', (...given) => resolve(given)));
