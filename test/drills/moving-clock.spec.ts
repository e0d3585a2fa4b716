// Guarded in every run by journeys/time, database/clocks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { plusDays, plusHours } from '../../src/fields/time.js';
import { startCaseledger, type Caseledger, type Person } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, World } from '../support/world.js';

/* Two services on one database, and the time that is moved beneath both: each timer runs down at its own instant, once. */

let database: TestDatabase;
let owner: Database;
let first: Caseledger;
let second: Caseledger;
let told: World;
const dataDir = mkdtempSync(join(tmpdir(), 'caseledger-'));
beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 2 });
  const env = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, DATA_DIR: dataDir };
  [first, second] = [await startCaseledger(env), await startCaseledger(env)];
  told = await World.in(first);
});
afterAll(async () => {
  for (const service of [first, second]) await service.stop();
  await owner.close();
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a command under way while the time is moved is stored before: its timer runs down at its own instant', async () => {
  const [caseId, begun] = [await told.caseAt('amenable'), told.now];
  await told.host.calm();
  const waiting = async () =>
    (
      await owner.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE " +
          'datname = current_database())',
      )
    ).rows.length;
  const requested = await owner.transaction(async tx => {
    // Whoever appends waits for this.
    await tx.query('SELECT pg_advisory_xact_lock(1667330917, 1)');
    const asked = told.staff.liaison.post(`cases/${caseId}/request-transfer`, { country: 'GT' });
    await eventually('the request waits to be stored', waiting, n => n === 1);
    const admin = await second.person('adm-hal', 'admin');
    const moved = admin.put('/v1/clock', { now: plusDays(begun, 40) });
    await Promise.race([moved, eventually('the mover waits too', waiting, n => n === 2)]);
    return { asked, moved };
  });
  done(await requested.asked);
  done(await requested.moved);
  await told.moveTo(plusDays(begun, 40));
  const events = await told.events(caseId);
  const replyDueAt = events.find(({ type }) => type === 'TransferRequested')?.data['replyDueAt'];
  expect(replyDueAt).toBe(plusDays(begun, 14));
  expect(events.find(({ type }) => type === 'TransferRequestLapsed')?.metadata.recordedAt).toBe(replyDueAt);
});

it('ten moves at once, while others work: each timer runs down at its own instant', async () => {
  const cases = [await told.caseAt('transferred'), await told.caseAt('requested'), await told.caseAt('accepted')];
  const { arrivedAt } = (await told.file(cases[0] as string)).transfer ?? {};
  const { replyDueAt } = (await told.file(cases[1] as string)).transfer ?? {};
  const { validUntil } = (await told.file(cases[2] as string)).transfer ?? {};
  const begun = told.now;
  const ended = new AbortController();
  const work = Promise.all(
    [first, second].map(async service => {
      const worker = await service.person('cw-ana', 'caseworker');
      for (; !ended.signal.aborted; await sleep(20)) done(await worker.post('cases', told.intake()), 201);
    }),
  );
  const admins = await Promise.all([first, second].map(service => service.person('adm-hal', 'admin')));
  const instants = Array.from({ length: 10 }, (_, turn) => plusDays(begun, 11 * (turn + 1)));
  const answers = await Promise.all(instants.map((now, turn) => (admins[turn % 2] as Person).put('/v1/clock', { now })));
  ended.abort();
  await work;
  // Who came after a later instant had been reached is told so.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(answers.some(({ status }) => status === 400) ? [200, 400] : [200]));
  answers.forEach(({ status, body }, turn) => {
    if (status === 200) expect(body).toEqual({ now: instants[turn] });
  });
  expect((await first.person('aud-ivy', 'auditor').then(auditor => auditor.get('/v1/agreements/GT'))).headers.get('x-training-copy')).toBe(
    instants.at(-1),
  );
  const timesOf = async (caseId: string, type: string) =>
    (await told.events(caseId)).filter(event => event.type === type).map(({ metadata }) => metadata.recordedAt);
  expect(await timesOf(cases[0] as string, 'FollowUpOverdue')).toEqual([
    plusHours(arrivedAt ?? '', 72),
    plusDays(arrivedAt ?? '', 30),
    plusDays(arrivedAt ?? '', 90),
  ]);
  expect(await timesOf(cases[1] as string, 'TransferRequestLapsed')).toEqual([replyDueAt]);
  expect(await timesOf(cases[2] as string, 'TransferAborted')).toEqual([validUntil]);
});
