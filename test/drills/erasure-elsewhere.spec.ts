// Guarded in every run by journeys/sealed-at-rest, personal-data/data-keys.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { verifyDossier, type Verified } from '../../src/audit/dossier/verify.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { examine } from '../../src/operating/doctor.js';
import { Repair } from '../../src/operating/repair.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { columnsWith } from '../support/columns-with.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { done, eventually, MARK, World, type Json } from '../support/world.js';

/*
 * An erasure where events are kept in EventStoreDB and keys in PostgreSQL: nothing opens what was erased, in no process, and not after
 * the database went back to a copy that holds the keys.
 */

const SLOW = 60_000;
const REMEMBERED_MS = 60_000;

let server: StandIn;
let postgres: OwnPostgres;
let owner: Database;
let service: Caseledger;
let second: Caseledger;
let world: World;
let caseId: string;
let keyIds: readonly string[];
let kept: string;
let publicKey: string;
let figures: readonly Json[];
let clock: { mockRestore(): void } | undefined;

beforeAll(async () => {
  [server, postgres] = await Promise.all([StandIn.start(), OwnPostgres.start()]);
  owner = Database.open({ url: postgres.ownerUrl, applicationName: 'spec owner', max: 1 });
  const settings = {
    DATABASE_URL: postgres.url,
    MIGRATION_DATABASE_URL: postgres.ownerUrl,
    EVENT_STORE_URL: `esdb://${server.address}?tls=false`,
    MASTER_KEY: randomBytes(32).toString('base64'),
    LOG_KEY: randomBytes(32).toString('base64'),
  };
  service = await startCaseledger(settings);
  // One that is told nothing: whoever answers an erasure forgets its keys at once.
  second = await startCaseledger({ ...settings, ROLE: 'api' });
  world = await World.in(service);
  const { supervisor, liaison } = world.staff;
  caseId = await world.caseAt('submitted');
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: `${MARK} order`, caseIds: [caseId] }), 201);
  await service.settled();
  await world.act(liaison, caseId, 'record-death');
  await world.act(supervisor, caseId, 'request-erasure', { legalBasis: 'retention period ended' });
  await world.file(caseId);
  kept = await dossier(service);
  publicKey = String((await world.read(world.staff.auditor, '/v1/audit/log/checkpoint'))['publicKey']);
  figures = await reports();
  keyIds = await namedKeys();
}, 2 * SLOW);
afterAll(async () => {
  await second.stop();
  await service.stop();
  await owner.close();
  await postgres.stop();
  await server.kill();
  clock?.mockRestore();
});

/** Time that passes for this process at once. It never goes back: whoever has looked at the clock would wait until it is there again. */
function pass(ms: number): void {
  const now = performance.now.bind(performance);
  clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

interface Ready {
  readonly details?: { readonly 'read-models'?: { readonly models?: readonly { readonly building?: string }[] } };
}
const readModels = async () => {
  const { details } = (await (await fetch(`${service.url}/health/ready`)).json()) as Ready;
  return details?.['read-models']?.models ?? [];
};
const auditorOf = (of: Caseledger) => of.person('aud-ivy', 'auditor');
const dossier = async (of: Caseledger): Promise<string> => (await (await auditorOf(of)).get(`/v1/audit/cases/${caseId}/dossier`)).text;
const verified = (text: string): Promise<Verified> =>
  verifyDossier(Readable.from([Buffer.from(text)]), { key: VerifierKey.parse(publicKey) });
const shown = async (of: Caseledger): Promise<string> => {
  const auditor = await auditorOf(of);
  const paths = ['', '/notes', '/timeline'].map(path => `/v1/cases/${caseId}${path}`);
  const past = ['events', 'state?revision=0', 'diff?from=0&to=3', 'access'].map(path => `/v1/audit/cases/${caseId}/${path}`);
  return (await Promise.all([...paths, ...past].map(async path => (await auditor.get(path)).text))).join('\n');
};
const reports = async (): Promise<readonly Json[]> =>
  Promise.all(
    ['outcomes', 'screening', 'safeguards', 'workload'].map(async report => ({
      ...(await world.read(world.staff.reporting, `/v1/reports/${report}`)),
      asOfPosition: undefined,
    })),
  );
/** Of the case, of who read it and of the order that names it. */
async function namedKeys(): Promise<readonly string[]> {
  const named = new Set<string>();
  for await (const batch of service.app.get(EventStore).readAll())
    for (const { stream, metadata } of batch)
      if (metadata.keyId && (stream.endsWith(caseId) || stream.startsWith('order-'))) named.add(metadata.keyId);
  return [...named];
}
/** As that process knows them. */
const keysOf = async (of: Caseledger) => new Set((await of.app.get(DataKeys).get(keyIds)).values());
const standing = async (): Promise<number> => keyIds.length - (await service.app.get(DataKeys).unusable(keyIds)).size;
const nothingStands = () => eventually('the keys are destroyed', standing, count => count === 0, SLOW);
const ofErasures = async (): Promise<readonly string[]> => (await examine(service.app)).lines.filter(line => line.includes(' erasures: '));

test(
  'destroys every key, though events lie elsewhere; proofs and figures stay',
  async () => {
    expect(await columnsWith(owner, [MARK])).not.toEqual([]);
    expect(keyIds.length).toBeGreaterThanOrEqual(3);
    expect(await standing()).toBe(keyIds.length);
    await postgres.copy();
    await eventually(
      'it answers again',
      async () => (await world.staff.worker.get('/v1/cases')).status,
      status => status === 200,
      SLOW,
    );

    // The second process remembers what it has just opened.
    expect(await shown(second)).toContain(MARK);
    await keysOf(second);
    await world.act(world.staff.secondSupervisor, caseId, 'erase-personal-data');
    await nothingStands();
    // At once: on a busy machine all that follows here takes longer than the minute. Without it nothing is shown of what a minute does.
    expect(await keysOf(second)).not.toEqual(new Set(['destroyed']));
    await service.settled();
    await world.file(caseId);
    expect(await columnsWith(owner, [MARK])).toEqual([]);
    expect(await shown(service)).not.toContain(MARK);
    const { opened, erased } = await verified(await dossier(service));
    expect([opened, erased > 3]).toEqual([0, true]);
    await expect(verified(kept)).resolves.toMatchObject({ caseId, erased: 0 });
    expect(await reports()).toEqual(figures);
    const readable = server.log.all.map(({ data, metadata }) => Buffer.concat([data, metadata]).toString('utf8')).join('\n');
    expect([readable.includes(caseId), readable.includes(MARK)]).toEqual([true, false]);
    expect(await ofErasures()).toEqual(['ok      erasures: nothing opens what was erased, 1 times']);
    await service.app.get(Repair).rebuild('all');
    expect(await columnsWith(owner, [MARK])).toEqual([]);
  },
  2 * SLOW,
);

test('no other process remembers a key for longer than a minute', async () => {
  pass(REMEMBERED_MS);
  // What asks the time anew waits for the next turn.
  await sleep(5);
  expect(await keysOf(second)).toEqual(new Set(['destroyed']));
  expect(await shown(second)).not.toContain(MARK);
  await expect(verified(await dossier(second))).resolves.toMatchObject({ opened: 0 });
});

test(
  'is carried out again where the database goes back to a copy that holds the keys',
  async () => {
    await postgres.goBack();
    await nothingStands();
    // It may be ready while read models are built anew beside those that came with the copy.
    await eventually(
      'it is in step',
      readModels,
      models => models.length > 0 && models.every(({ building }) => building === undefined),
      SLOW,
    );
    await service.settled();
    await world.file(caseId);
    expect(await columnsWith(owner, [MARK])).toEqual([]);
    expect(await shown(service)).not.toContain(MARK);
    await expect(verified(kept)).resolves.toMatchObject({ caseId, erased: 0 });
    expect(await reports()).toEqual(figures);
    expect(await ofErasures()).toEqual(['ok      erasures: nothing opens what was erased, 1 times']);
  },
  2 * SLOW,
);
