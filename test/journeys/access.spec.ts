import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { Followers } from '../../src/operating/followers.js';
import type { Role } from '../../src/http/roles.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { startCaseledger, type Answer, type Caseledger, type Person } from '../support/caseledger.js';
import { done, MARK, refused, World, type Json } from '../support/world.js';

/* Who looked: everything that anybody is shown of a case, the auditors' own questions too. */

interface Row {
  readonly actor: { readonly id: string; readonly roles: readonly string[]; readonly office: string | null };
  readonly caseId: string | null;
  readonly what: string;
  readonly revision: number | null;
  readonly at: string;
  readonly purpose: string | null;
  readonly filters: Json | null;
  readonly record: string;
}
interface Page {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

let caseledger: Caseledger;
let world: World;
let flight: string;
let mother: string;
let child: string;
let other: string;
let family: string;
let looks: Record<'worker' | 'supervisor' | 'liaison' | 'auditor' | 'second', Person>;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  mother = await world.caseAt('accepted');
  [child, other] = [await world.open({ birthDate: '2012-03-01', accompaniedBy: 'parent' }), await world.open()];
  const { worker } = world.staff;
  family = String(done(await worker.post('families', {}), 201).body['familyUnitId']);
  done(await worker.post(`families/${family}/add-member`, { caseId: mother, relationshipCode: 'parent' }));
  done(await worker.post(`families/${family}/add-member`, { caseId: child, relationshipCode: 'child' }));
  flight = (await world.draft([mother])).manifestId;
  await world.host.calm();
  looks = {
    worker: await caseledger.person('cw-looks', 'caseworker'),
    supervisor: await caseledger.person('sup-looks', ['supervisor', 'caseworker']),
    liaison: await caseledger.person('li-looks', 'liaison', 'LRD'),
    auditor: await caseledger.person('aud-looks', 'auditor'),
    second: await caseledger.person('aud-second', 'auditor'),
  };
});
afterAll(() => caseledger.stop());

const page = async (by: Person, path: string): Promise<Page> => done(await by.get(path)).body as unknown as Page;

/** Page after page. */
async function all(by: Person, path: string, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor = '';
  do {
    const { rows: more, nextCursor } = await page(by, `${path}?limit=${limit}${cursor}`);
    expect(more.length).toBeLessThanOrEqual(limit);
    rows.push(...more);
    cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
  } while (cursor !== '');
  return rows;
}

const told = ({ actor, what, caseId, revision, purpose }: Row) => [actor.id, what, caseId, revision, purpose];

test('every kind of read, by whoever it is, stands in the audit by case and by actor', async () => {
  const { worker, supervisor, liaison, auditor, second } = looks;
  const revision = (await world.file(mother)).revision;
  const opened: (readonly [Person, what: string, path: string, purpose?: string])[] = [
    [worker, 'case-file', `/v1/cases/${mother}`, `${MARK} asked by counsel`],
    [worker, 'notes', `/v1/cases/${mother}/notes`],
    [supervisor, 'timeline', `/v1/cases/${mother}/timeline`],
    [supervisor, 'possible-duplicates', `/v1/cases/${mother}/possible-duplicates`],
    [liaison, 'allowed-commands', `/v1/cases/${mother}/allowed-commands`],
    [auditor, 'events', `/v1/audit/cases/${mother}/events?limit=200`, 'yearly inspection'],
    [auditor, 'events', `/v1/audit/cases/${mother}/events?from=1000`, 'yearly inspection'],
    [auditor, 'state', `/v1/audit/cases/${mother}/state`, 'yearly inspection'],
    [auditor, 'diff', `/v1/audit/cases/${mother}/diff?from=0&to=${revision}`, 'yearly inspection'],
    [auditor, 'dossier', `/v1/audit/cases/${mother}/dossier`, 'yearly inspection'],
    [auditor, 'dossier', `/v1/audit/cases/${mother}/dossier/verdict`, 'yearly inspection'],
    [auditor, 'access', `/v1/audit/cases/${mother}/access`, 'yearly inspection'],
  ];
  const token = await world.host.calm();
  const ask = async (by: Person, path: string, purpose?: string): Promise<Answer> =>
    done(await by.get(path, { token, ...(purpose && { headers: { 'x-purpose': purpose } }) }), 200);
  for (const [by, , path, purpose] of opened) await ask(by, path, purpose);
  await ask(worker, '/v1/cases?status=opened&status=transfer-accepted&sort=familyName&limit=1');
  const { nextCursor } = (await ask(worker, '/v1/cases?sort=familyName&limit=1')).body;
  await ask(worker, `/v1/cases?sort=familyName&limit=1&cursor=${String(nextCursor)}`);
  done(await worker.post('cases/search', { q: mother }, { token, headers: { 'x-purpose': 'to find her' } }));
  done(await worker.post('cases/search', { q: 'Nobody' }, { token }));
  await ask(supervisor, '/v1/deadlines?limit=200');
  await ask(liaison, '/v1/manifests');
  await ask(liaison, `/v1/manifests/${flight}`);
  await ask(liaison, `/v1/families/${family}`);
  await ask(auditor, `/v1/audit/actors/${worker.sub}/access`, 'yearly inspection');

  const byActor = async (by: Person): Promise<unknown[]> => (await all(second, `/v1/audit/actors/${by.sub}/access`, 3)).map(told).reverse();
  const own = (by: Person): unknown[] =>
    opened.filter(([who]) => who === by).map(([, what, , purpose]) => [by.sub, what, mother, revision, purpose ?? null]);
  expect(await byActor(worker)).toEqual([
    ...own(worker),
    [worker.sub, 'caseload', mother, null, null],
    [worker.sub, 'caseload', mother, null, null],
    [worker.sub, 'caseload', child, null, null],
    [worker.sub, 'search', mother, null, 'to find her'],
    [worker.sub, 'search', null, null, null],
  ]);
  expect(await byActor(supervisor)).toEqual([...own(supervisor), [supervisor.sub, 'deadlines', mother, null, null]]);
  const together = [mother, child].map(caseId => JSON.stringify([liaison.sub, 'family', caseId, null, null]));
  const byLiaison = await byActor(liaison);
  expect(byLiaison.slice(0, 3)).toEqual([
    ...own(liaison),
    [liaison.sub, 'manifests', mother, null, null],
    [liaison.sub, 'manifests', mother, null, null],
  ]);
  expect(new Set(byLiaison.slice(3).map(row => JSON.stringify(row)))).toEqual(new Set(together));
  expect(await byActor(auditor)).toEqual([
    ...own(auditor),
    ...[mother, child].map(caseId => [auditor.sub, 'actor-access', caseId, null, 'yearly inspection']).reverse(),
  ]);

  const people = new Set(Object.values(looks).map(({ sub }) => sub));
  const byCase = (await all(second, `/v1/audit/cases/${mother}/access`, 4)).filter(({ actor }) => people.has(actor.id)).reverse();
  expect(byCase.filter(({ actor }) => actor.id !== second.sub).map(told)).toEqual([
    ...opened.map(([by, what, , purpose]) => [by.sub, what, mother, revision, purpose ?? null]),
    [worker.sub, 'caseload', mother, null, null],
    [worker.sub, 'caseload', mother, null, null],
    [worker.sub, 'search', mother, null, 'to find her'],
    [supervisor.sub, 'deadlines', mother, null, null],
    [liaison.sub, 'manifests', mother, null, null],
    [liaison.sub, 'manifests', mother, null, null],
    [liaison.sub, 'family', mother, null, null],
    [auditor.sub, 'actor-access', mother, null, 'yearly inspection'],
  ]);
  // What the second auditor asked is there as well: what showed her before, and the pages that have just been turned.
  expect(new Set(byCase.filter(({ actor }) => actor.id === second.sub).map(({ what }) => what))).toEqual(new Set(['actor-access']));
  const { rows: newest } = await page(auditor, `/v1/audit/cases/${mother}/access?limit=2`);
  expect(newest.map(told)).toEqual(Array.from({ length: 2 }, () => [second.sub, 'access', mother, revision, 'test']));
  const [first] = byCase;
  expect(first).toMatchObject({ actor: { id: worker.sub, roles: ['caseworker'], office: 'ELP' }, filters: null });
  expect(byCase.find(({ what }) => what === 'caseload')?.filters).toEqual({
    status: 'opened,transfer-accepted',
    sort: 'familyName',
    limit: '1',
  });
});

test('pages do not move while others look, and a period narrows them', async () => {
  const { auditor } = looks;
  const path = `/v1/audit/cases/${other}/access`;
  for (let time = 0; time < 4; time++) done(await looks.worker.get(`/v1/cases/${other}`));
  const first = await page(auditor, `${path}?limit=2`);
  const records = first.rows.map(({ record }) => record);
  for (let time = 0; time < 3; time++) done(await looks.worker.get(`/v1/cases/${other}`));
  const next = await page(auditor, `${path}?limit=2&cursor=${first.nextCursor}`);
  expect(next.rows).toHaveLength(2);
  expect(next.rows.filter(({ record }) => records.includes(record))).toEqual([]);
  await world.pass({ hours: 1 });
  done(await looks.supervisor.get(`/v1/cases/${other}`));
  expect((await page(auditor, `${path}?from=${world.now}`)).rows.map(({ actor, what }) => [actor.id, what])).toEqual([
    [looks.supervisor.sub, 'case-file'],
  ]);
  expect((await page(auditor, `${path}?to=${world.now}&limit=200`)).rows.every(({ at }) => at < world.now)).toBe(true);
});

test('who opens far more files, of other offices or without a purpose, than the others of the role is told with figures', async () => {
  const { auditor } = looks;
  await world.pass({ days: 1 });
  const cases = await Promise.all(Array.from({ length: 12 }, () => world.open()));
  const day = world.now.slice(0, 10);
  const token = await world.host.calm();
  const reads = async (sub: string, roles: Role, count: number, office: string, purpose: string): Promise<void> => {
    const by = await caseledger.person(sub, roles, office);
    for (const caseId of [...cases.slice(0, count), ...cases.slice(0, count)])
      done(await by.get(`/v1/cases/${caseId}`, { token, ...(purpose && { headers: { 'x-purpose': purpose } }) }));
  };
  for (let one = 0; one < 6; one++) {
    await reads(`cw-${one}`, 'caseworker', 2, 'ELP', 'my case');
    await reads(`li-${one}`, 'liaison', 2, 'ELP', 'a flight');
  }
  await reads('cw-nosy', 'caseworker', 12, 'ELP', '');
  await reads('li-nosy', 'liaison', 7, 'LRD', 'a flight');
  await reads('sup-only', 'supervisor', 12, 'ELP', '');
  // Whose files they are later is nothing that those who read before could know.
  for (const caseId of cases.slice(0, 2))
    await world.act(world.staff.supervisor, caseId, 'hand-over-case', { toOffice: 'LRD', reasonCode: 'moved' });

  const path = '/v1/audit/access/unusual';
  const { body } = done(await auditor.get(`${path}?from=${day}&to=${day}`));
  expect(body).toEqual({
    rows: [
      { sub: 'cw-nosy', role: 'caseworker', measure: 'no-purpose', count: 12, median: 0, spread: 1, score: 12, times: null, others: 6 },
      { sub: 'cw-nosy', role: 'caseworker', measure: 'files', count: 12, median: 2, spread: 1.4, score: 7.1, times: 6, others: 6 },
      { sub: 'li-nosy', role: 'liaison', measure: 'other-offices', count: 7, median: 0, spread: 1, score: 7, times: null, others: 6 },
      { sub: 'li-nosy', role: 'liaison', measure: 'files', count: 7, median: 2, spread: 1.4, score: 3.5, times: 3.5, others: 6 },
    ],
    roles: [
      { role: 'caseworker', callers: 7, compared: true },
      { role: 'liaison', callers: 7, compared: true },
      { role: 'supervisor', callers: 1, compared: false },
    ],
  });
  expect((await page(auditor, `/v1/audit/actors/${auditor.sub}/access?limit=1`)).rows[0]).toMatchObject({
    what: 'unusual-access',
    caseId: null,
    filters: { from: day, to: day },
  });
  expect(done(await auditor.get(`${path}?from=2019-01-01&to=2019-01-02`)).body).toEqual({ rows: [], roles: [] });
  refused(await auditor.get(`${path}?from=2020-01-02&to=2020-01-01`), 400, 'validation-failed');
  refused(await auditor.get(`${path}?from=2018-01-02&to=2020-01-01`), 400, 'validation-failed');
  refused(await auditor.get(`${path}?from=2020-01-02`), 400, 'validation-failed');
  refused(await looks.supervisor.get(`${path}?from=${day}&to=${day}`), 403, 'role-not-allowed');
});

test('whoever asks amiss is told so, and nobody but an auditor may ask', async () => {
  const { auditor, supervisor } = looks;
  const path = `/v1/audit/cases/${mother}/access`;
  refused(await auditor.get('/v1/audit/cases/00000000-0000-4000-8000-000000000000/access'), 404, 'not-found');
  refused(await auditor.get(path, { headers: { 'x-purpose': ' ' } }), 400, 'purpose-missing');
  refused(await auditor.get(`${path}?cursor=x`), 400, 'validation-failed');
  refused(await auditor.get('/v1/audit/actors/-x/access'), 400, 'validation-failed');
  refused(await supervisor.get(path), 403, 'role-not-allowed');
  refused(await supervisor.get(`/v1/audit/actors/${supervisor.sub}/access`), 403, 'role-not-allowed');
  expect(await page(auditor, '/v1/audit/actors/nobody-ever/access')).toEqual({ rows: [], nextCursor: null });
});

test('what was recorded in the first form is told as well', async () => {
  const store = caseledger.app.get(EventStore);
  const now = world.now;
  const id = 'a4b0c1d2-1111-4111-8111-111111111111';
  await store.append([
    {
      stream: `access-${id}`,
      expectedRevision: 'any',
      events: [
        {
          id,
          type: 'CasesListed',
          schemaVersion: 1,
          data: { caseIds: [other, child], filters: { list: 'manifests', manifestId: flight } },
          metadata: {
            actor: { id: 'li-of-old', roles: ['liaison'], office: 'ELP' },
            commandId: id,
            commandHash: '',
            correlationId: id,
            causationId: id,
            occurredAt: now,
            recordedAt: now,
          },
        },
      ],
    },
  ]);
  const { rows } = await page(looks.auditor, '/v1/audit/actors/li-of-old/access');
  expect(rows.map(({ caseId, what, filters }) => [caseId, what, filters])).toEqual([
    [other, 'manifests', { manifestId: flight }],
    [child, 'manifests', { manifestId: flight }],
  ]);
  expect((await page(looks.auditor, `/v1/audit/cases/${other}/access?limit=1`)).rows[0]?.actor.id).toBe(looks.auditor.sub);
  expect((await page(looks.auditor, `/v1/audit/cases/${child}/access?limit=3`)).rows.map(({ record }) => record)).toContain(id);
});

test('where the key of a purpose was destroyed, the row stays without it; the index holds no purpose', async () => {
  const database = caseledger.app.get(Database);
  const store = caseledger.app.get(EventStore);
  const secret = `${MARK} of counsel`;
  done(await looks.worker.get(`/v1/cases/${child}`, { purpose: secret }));
  const newest = async (): Promise<Row | undefined> =>
    (await page(looks.auditor, `/v1/audit/actors/${looks.worker.sub}/access?limit=1`)).rows[0];
  expect(await newest()).toMatchObject({ caseId: child, purpose: secret });
  const { rows: dumped } = await database.query<{ row: string }>(
    `SELECT r::text AS row FROM "${await schema()}".records r UNION ALL SELECT s::text FROM "${await schema()}".shown s`,
  );
  expect(dumped.length).toBeGreaterThan(20);
  expect(JSON.stringify(dumped)).not.toContain(MARK);
  for await (const [last] of store.readStream(`access-${child}`, { direction: 'backwards' })) {
    await caseledger.app.get(DataKeys).destroy([last?.metadata.keyId ?? '']);
    break;
  }
  expect(await newest()).toMatchObject({ caseId: child, what: 'case-file', purpose: null });

  async function schema(): Promise<string> {
    const { rows } = await database.query<{ schema: string }>(
      "SELECT 'rm_' || name || '_' || generation AS schema FROM ledger.read_models WHERE name = 'access' AND state = 'live'",
    );
    return rows[0]?.schema ?? '';
  }
});

test('while the index has not seen what was recorded, nobody is told that nobody looked', async () => {
  const { app } = caseledger;
  const late = await caseledger.person('cw-late', 'caseworker');
  await app.get(Followers).stop();
  try {
    done(await late.get(`/v1/cases/${child}`, { purpose: `${MARK} is asked about` }));
    const asked = [`cases/${child}/access`, `actors/${late.sub}/access`, 'access/unusual?from=2020-01-01&to=2020-01-31'];
    // Each waits for some seconds.
    const answers = await Promise.all(asked.map(path => looks.auditor.get(`/v1/audit/${path}`)));
    for (const answer of answers) {
      expect(refused(answer, 503, 'read-model-behind').body).not.toHaveProperty('rows');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  } finally {
    await app.get(Followers).start();
  }
  const { rows } = await page(looks.auditor, `/v1/audit/actors/${late.sub}/access`);
  expect(rows.map(({ caseId, what }) => [caseId, what])).toEqual([[child, 'case-file']]);
});
