// Guarded in every run by event-store/ledger.
import { randomUUID } from 'node:crypto';
import { EventStore, type Position, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { ProjectionStatus } from '../../src/operating/projection-status.js';
import { Repair } from '../../src/operating/repair.js';
import type { Answer, Caseledger } from '../support/caseledger.js';
import { startCaseledger } from '../support/caseledger.js';
import { serveStandIn, type Served } from '../support/eventstoredb/served.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { done, eventually, MARK, World } from '../support/world.js';

/*
 * PostgreSQL goes back to an older copy beneath a running service, as after a restore or a failover to a standby that
 * lagged: what is acknowledged from then on is kept and can be read, and nothing is answered that the database has not.
 */

const SLOW = 60_000;
/** As many files as keys in a pool: after so many, none of those that are ready was there before. */
const MANY = 256;

let postgres: OwnPostgres;
let served: Served | undefined;
let caseledger: Caseledger;

afterEach(async () => {
  await caseledger.stop();
  await served?.stop();
  served = undefined;
  await postgres.stop();
});

const start = async (): Promise<World> => {
  postgres = await OwnPostgres.start();
  caseledger = await startCaseledger({
    DATABASE_URL: postgres.url,
    MIGRATION_DATABASE_URL: postgres.ownerUrl,
    ...(served && { EVENT_STORE_URL: served.url }),
  });
  return World.in(caseledger);
};

/** Sent again for as long as the answer says that it may be. */
const acknowledged = (send: () => Promise<Answer>): Promise<Answer> =>
  eventually('the service answers', send, ({ status }) => status !== 503, SLOW);

/** Their ids. */
const openMany = (world: World): Promise<string[]> =>
  Promise.all(
    Array.from({ length: MANY }, async () =>
      String(done(await acknowledged(() => world.staff.worker.post('cases', world.intake())), 201).body['caseId']),
    ),
  );

/** The data keys that events name; asked for again where the event store is late. */
const keysNamed = async (after = START): Promise<string[]> => {
  const read = (): Promise<string[] | undefined> =>
    keysRead(after).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    });
  return (await eventually('the events are read', read)) ?? [];
};

const keysRead = async (after: Position): Promise<string[]> => {
  const keyIds = new Set<string>();
  for await (const batch of caseledger.app.get(EventStore).readAll({ after }))
    for (const {
      metadata: { keyId },
    } of batch)
      if (keyId) keyIds.add(keyId);
  return [...keyIds];
};

/** Those of them that are gone, whatever this process remembers. */
const gone = (keyIds: readonly string[]): Promise<ReadonlySet<string>> => caseledger.app.get(DataKeys).unusable(keyIds);

const readable = async ({ staff: { worker } }: World, caseId: string): Promise<string> =>
  (
    await eventually(
      'the file is shown',
      () => worker.get(`/v1/cases/${caseId}`),
      ({ status }) => status === 200,
      SLOW,
    )
  ).text;

const healthy = (): Promise<unknown> =>
  eventually(
    'everything is in step',
    async () => (await fetch(`${caseledger.url}/health/ready`)).status,
    status => status === 200,
    SLOW,
  );

const inStep = (): Promise<unknown> =>
  eventually(
    'read models are in step',
    () => caseledger.app.get(ProjectionStatus).status(),
    models => models.every(({ caughtUp, stopped }) => caughtUp && stopped === undefined),
    SLOW,
  );

test(
  'with its events: all that follows is decided and kept as if the lost had never been',
  async () => {
    const world = await start();
    const { worker, auditor } = world.staff;
    const kept = await world.open();
    await readable(world, kept);
    await caseledger.settled();
    await postgres.copy();

    const [noteKey, openingKey] = [randomUUID(), randomUUID()];
    const note = (): Promise<Answer> => worker.post(`cases/${kept}/add-note`, { text: `${MARK} is ill` }, { key: noteKey });
    const intake = world.intake();
    const open = (): Promise<Answer> => worker.post('cases', intake, { key: openingKey });
    const [noted, opened] = [done(await acknowledged(note)), done(await acknowledged(open), 201)];
    for (let n = 0; n < 3; n++) await world.act(worker, kept, 'add-note', { text: `${MARK} ${n}` });
    const [lost = ''] = await openMany(world);
    await readable(world, lost);
    const twin = world.intake();
    const duplicatesNow = async (): Promise<unknown> =>
      done(await acknowledged(() => worker.post('cases', twin)), 201).body['possibleDuplicates'];
    expect(await duplicatesNow()).toEqual([]);
    expect(await duplicatesNow()).toHaveLength(1);
    // For a purpose, which is sealed too.
    done(await auditor.get(`/v1/cases/${kept}`));

    await postgres.goBack();
    const again = done(await acknowledged(note));
    expect(again.body['revision']).toBe(noted.body['revision']);
    const anew = done(await acknowledged(open), 201);
    expect(anew.body['caseId']).toBe(opened.body['caseId']);
    const afterwards = await openMany(world);
    expect((await worker.post(`cases/${lost}/add-note`, { text: MARK })).status).toBe(404);
    // What this process remembers of openings that are gone is no other file of the person.
    expect(await duplicatesNow()).toEqual([]);
    expect(await duplicatesNow()).toHaveLength(1);
    await eventually(
      'the file is shown to an auditor',
      () => auditor.get(`/v1/cases/${kept}`),
      ({ status }) => status === 200,
      SLOW,
    );

    expect((await gone(await keysNamed())).size).toBe(0);
    await healthy();
    await inStep();
    for (const caseId of [kept, String(opened.body['caseId']), ...afterwards]) expect(await readable(world, caseId)).toContain(MARK);
    expect((await worker.get(`/v1/cases/${lost}`)).status).toBe(404);
    const events: string[] = [];
    for await (const batch of caseledger.app.get(EventStore).readStream(`case-${kept}`)) events.push(...batch.map(({ type }) => type));
    expect(events).toEqual(['CaseOpened', 'NoteAdded']);

    const list = async (): Promise<unknown> => (await worker.get('/v1/cases?limit=100')).body['rows'];
    const before = await list();
    await caseledger.app.get(Repair).rebuild('all');
    expect(await list()).toEqual(before);
  },
  4 * SLOW,
);

test(
  'beside an event store that stays: no event goes there without its key',
  async () => {
    served = await serveStandIn();
    const world = await start();
    await postgres.copy();
    await healthy();
    await openMany(world);
    const before = await caseledger.app.get(EventStore).newest();

    await postgres.goBack();
    const afterwards = await openMany(world);
    const named = await keysNamed(before);
    expect(named).toHaveLength(afterwards.length);
    expect((await gone(named)).size).toBe(0);
  },
  4 * SLOW,
);
