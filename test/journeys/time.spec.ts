import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { plusDays, plusHours } from '../../src/fields/time.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, faultsOf, MARK, refused, World, type File } from '../support/world.js';

/* What follows when time passes: each at its own instant, in the order in which it was due, once. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const transferOf = async (caseId: string): Promise<NonNullable<File['transfer']>> => {
  const { transfer } = await world.file(caseId);
  if (!transfer) throw new Error('there is no transfer');
  return transfer;
};
/** What was recorded of this type, and when. */
const whenOf = async (caseId: string, type: string): Promise<string[]> =>
  (await world.events(caseId)).filter(event => event.type === type).map(({ metadata }) => metadata.recordedAt);

/** Everything that the system did in the store, in its order, since so many events. */
async function bySystem(since: number): Promise<StoredEvent[]> {
  return (await stored()).slice(since).filter(({ metadata }) => metadata.actor.id === 'system');
}
async function stored(): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const batch of caseledger.app.get(EventStore).readAll()) events.push(...batch);
  return events;
}

describe('a request that nobody answers', () => {
  it('lapses at the very instant when the reply was due, however far the clock moves', async () => {
    const caseId = await world.caseAt('requested');
    const { replyDueAt } = await transferOf(caseId);
    expect(replyDueAt).toBe(plusDays(world.now, 14));
    await world.moveTo(plusHours(replyDueAt, -1));
    expect(await world.statusOf(caseId)).toBe('transfer-requested');
    await world.pass({ days: 10 });
    const lapsed = (await world.events(caseId)).at(-1);
    expect(lapsed).toMatchObject({
      type: 'TransferRequestLapsed',
      metadata: { recordedAt: replyDueAt, occurredAt: replyDueAt, actor: { id: 'system' }, ruleSet: { country: 'GT', version: 1 } },
    });
    expect(await world.file(caseId)).toMatchObject({ status: 'amenable', transfer: { reply: 'lapsed' } });
    refused(
      await world.staff.liaison.post(`cases/${caseId}/record-transfer-reply`, { reply: 'accepted', reference: MARK }),
      409,
      'wrong-status',
    );
  });

  it('new rules count from their publication: for requests made after it', async () => {
    const before = await world.caseAt('requested');
    await world.agree('GT', 'publish-rules', {
      replyDays: 3,
      acceptanceValidDays: 60,
      clearanceValidHours: 24,
      followUp: ['PT72H', 'P30D', 'P90D'],
    });
    const after = await world.caseAt('requested');
    const [first, second] = [await transferOf(before), await transferOf(after)];
    expect([first.replyDueAt, second.replyDueAt]).toEqual([plusDays(world.now, 14), plusDays(world.now, 3)]);
    await world.pass({ days: 20 });
    expect(await whenOf(before, 'TransferRequestLapsed')).toEqual([first.replyDueAt]);
    expect(await whenOf(after, 'TransferRequestLapsed')).toEqual([second.replyDueAt]);
    expect((await world.events(after)).at(-1)?.metadata.ruleSet).toEqual({ country: 'GT', version: 2 });
  });
});

describe('an acceptance that runs out', () => {
  it('ends the transfer at that instant, and frees seat and place', async () => {
    const caseId = await world.caseAt('accepted');
    const validUntil = (await transferOf(caseId)).validUntil ?? '';
    const flight = await world.schedule([caseId], { departsAt: plusDays(validUntil, 3) });
    const since = (await stored()).length;
    await world.moveTo(plusDays(validUntil, 2));
    expect((await world.events(caseId)).find(({ type }) => type === 'TransferAborted')).toMatchObject({
      data: { reasonCode: 'acceptance-expired', manifestId: flight.manifestId },
      metadata: { recordedAt: validUntil },
    });
    expect(await world.file(caseId)).toMatchObject({ status: 'amenable', transfer: { manifestId: null } });
    const followed = await bySystem(since);
    expect(followed.map(({ type }) => type)).toEqual(['TransferAborted', 'PassengerRemoved', 'PlaceReleased', 'TransferUnscheduled']);
    expect(new Set(followed.map(({ metadata }) => metadata.recordedAt))).toEqual(new Set([validUntil]));
    expect(await world.places(flight.week)).toMatchObject({ reserved: 0 });
  });
});

describe('silence after the arrival', () => {
  it('is noted at each milestone, in order', async () => {
    const caseId = await world.caseAt('transferred');
    const arrivedAt = (await transferOf(caseId)).arrivedAt ?? '';
    await world.pass({ days: 200 });
    const noted = (await world.events(caseId)).filter(({ type }) => type === 'FollowUpOverdue');
    expect(noted.map(({ data, metadata }) => [data['milestone'], metadata.recordedAt])).toEqual([
      ['PT72H', plusHours(arrivedAt, 72)],
      ['P30D', plusDays(arrivedAt, 30)],
      ['P90D', plusDays(arrivedAt, 90)],
    ]);
    expect((await world.file(caseId)).followUp).toEqual({ overdue: ['PT72H', 'P30D', 'P90D'] });
    expect(await world.read(world.staff.reporting, '/v1/reports/outcomes')).toMatchObject({ total: { silent: 1 } });
  });

  it('is noted at the milestones of the newest rules, for those who arrived before them too', async () => {
    const [caseId, heard] = [await world.caseAt('transferred'), await world.caseAt('transferred')];
    const arrivedAt = (await transferOf(caseId)).arrivedAt ?? '';
    await world.take(heard, 'applied', { from: 'transferred' });
    await world.pass({ days: 20 });
    const publish = (followUp: readonly string[]) =>
      world.agree('GT', 'publish-rules', { replyDays: 3, acceptanceValidDays: 60, clearanceValidHours: 24, followUp });
    await publish(['P2W', 'P30D', 'P60D']);
    const publishedAt = world.now;
    expect((await world.file(caseId)).followUp).toEqual({ overdue: ['PT72H', 'P2W'] });
    await world.pass({ days: 50 });
    expect(await whenOf(caseId, 'FollowUpOverdue')).toEqual([
      plusHours(arrivedAt, 72),
      publishedAt,
      plusDays(arrivedAt, 30),
      plusDays(arrivedAt, 60),
    ]);
    expect((await world.file(heard)).followUp).toEqual({ overdue: [] });
    await publish(['PT72H', 'P30D', 'P90D']);
  });
});

describe('the clock', () => {
  it('one move lets all timers of all cases run down, in the order in which they are due', async () => {
    const arrived = await world.caseAt('transferred');
    const accepted = await world.caseAt('accepted');
    const requested = [await world.caseAt('requested'), await world.caseAt('requested')];
    await world.pass({ hours: 5 });
    const later = await world.caseAt('requested');
    const since = (await stored()).length;
    const [begun, ended] = [world.now, world.in(120 * 24)];
    await world.moveTo(ended);
    const ids = [arrived, accepted, ...requested, later].map(caseId => `case-${caseId}`);
    const followed = (await bySystem(since)).filter(({ stream }) => ids.includes(stream));
    const told = followed.map(
      ({ stream, type, data }) => `${ids.indexOf(stream)} ${type}${data['milestone'] ? ` ${String(data['milestone'])}` : ''}`,
    );
    // The rules of this world: a reply within three days since their publication above.
    expect(new Set(told.slice(0, 3))).toEqual(new Set(['0 FollowUpOverdue PT72H', '2 TransferRequestLapsed', '3 TransferRequestLapsed']));
    expect(told.slice(3)).toEqual(['4 TransferRequestLapsed', '0 FollowUpOverdue P30D', '1 TransferAborted', '0 FollowUpOverdue P90D']);
    const times = followed.map(({ metadata }) => metadata.recordedAt);
    expect(times).toEqual([...times].sort());
    const { arrivedAt } = await transferOf(arrived);
    const hoursAfter = times.map(time => (Date.parse(time) - Date.parse(arrivedAt ?? '')) / 3_600_000);
    // Requested when the other arrived, and five hours later; the acceptance of that day is valid for sixty.
    expect(hoursAfter).toEqual([72, 72, 72, 77, 30 * 24, 60 * 24, 90 * 24]);
    expect(times.every(time => time > begun && time < ended)).toBe(true);
  });

  it('only an admin moves it, and forwards only', async () => {
    const { admin, supervisor, auditor } = world.staff;
    const before = world.now;
    refused(await supervisor.put('/v1/clock', { now: plusDays(before, 1) }), 403, 'role-not-allowed');
    refused(await auditor.put('/v1/clock', { now: plusDays(before, 1) }), 403, 'role-not-allowed');
    expect(faultsOf(refused(await admin.put('/v1/clock', { now: plusHours(before, -1) }), 400, 'validation-failed'))).toEqual([
      '/now invalid',
    ]);
    expect(faultsOf(refused(await admin.put('/v1/clock', { now: 'tomorrow', surprise: 1 }), 400, 'validation-failed')).sort()).toEqual([
      '/now invalid',
      '/surprise unknown-field',
    ]);
    expect(faultsOf(refused(await admin.put('/v1/clock', {}), 400, 'validation-failed'))).toEqual(['/now missing']);
    // What is due some days later would be in a year of five digits, which no deadline can be told by.
    expect(faultsOf(refused(await admin.put('/v1/clock', { now: '9999-12-31T23:59:59Z' }), 400, 'validation-failed'))).toEqual([
      '/now invalid',
    ]);
    expect(done(await admin.put('/v1/clock', { now: before })).body).toEqual({ now: before });
    const answer = await supervisor.get('/v1/agreements/GT');
    expect(answer.headers.get('x-training-copy')).toBe(before);
    refused(await world.staff.worker.post('cases', { ...world.intake(), occurredAt: plusHours(before, 1) }), 400, 'validation-failed');
  });
});

describe('a restart', () => {
  let database: TestDatabase;
  let dataDir: string;
  beforeAll(async () => {
    database = await startTestDatabase();
    dataDir = mkdtempSync(join(tmpdir(), 'caseledger-'));
  });
  afterAll(async () => {
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('loses neither the time nor a timer, nor that this is a training copy, whether or not it is told so again', async () => {
    const env = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, DATA_DIR: dataDir };
    const first = await startCaseledger(env);
    const told = await World.in(first);
    const [requested, accepted] = [await told.caseAt('requested'), await told.caseAt('accepted')];
    const { replyDueAt } = (await told.file(requested)).transfer ?? {};
    const { validUntil } = (await told.file(accepted)).transfer ?? {};
    await told.host.calm();
    const time = told.now;
    await first.stop();

    const logged: string[] = [];
    const second = await startCaseledger({ ...env, CLOCK: 'system', LOG_LEVEL: 'info' }, line => void logged.push(line));
    // Before the database is open, nobody knows.
    logged.length = 0;
    try {
      const admin = await second.person('adm-hal', 'admin');
      const auditor = await second.person('aud-ivy', 'auditor');
      expect((await admin.get('/v1/agreements/GT')).headers.get('x-training-copy')).toBe(time);
      for (const path of ['/openapi.json', '/docs']) expect((await admin.get(path)).text).toContain('training copy');
      expect(logged.length).toBeGreaterThan(2);
      expect(logged.filter(line => (JSON.parse(line) as { training?: boolean }).training !== true)).toEqual([]);
      refused(await admin.put('/v1/clock', { now: plusHours(time, -1) }), 400, 'validation-failed');
      done(await admin.put('/v1/clock', { now: plusDays(time, 100) }));
      const lastOf = async (caseId: string) =>
        (done(await auditor.get(`/v1/audit/cases/${caseId}/events`)).body['events'] as StoredEvent[]).at(-1);
      expect(await lastOf(requested)).toMatchObject({ type: 'TransferRequestLapsed', metadata: { recordedAt: replyDueAt } });
      expect(await lastOf(accepted)).toMatchObject({ type: 'TransferAborted', metadata: { recordedAt: validUntil } });
    } finally {
      await second.stop();
    }
  });
});
