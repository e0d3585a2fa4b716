import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, MARK, refused, World } from '../support/world.js';

/* What reporting jobs read over HTTP: figures without personal data, in three forms. */

let caseledger: Caseledger;
let world: World;
beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  const { worker, liaison } = world.staff;
  await world.caseAt('boarding');
  const caseId = await world.caseAt('screening');
  await world.act(worker, caseId, 'express-fear', { country: 'GT', account: `${MARK} account` });
  await world.act(worker, caseId, 'establish-exception', { ground: 'valid-visa', evidence: `${MARK} evidence` });
  await world.act(worker, caseId, 'place-hold', { kind: 'court-order', reference: `${MARK}-ORDER` });
  await world.act(worker, caseId, 'place-hold', { kind: 'medical' });
  refused(
    await worker.post(`cases/${caseId}/withdraw-claim`, { voluntary: false, language: 'es', statement: MARK }),
    409,
    'withdrawal-not-voluntary',
  );
  refused(await liaison.post(`cases/${caseId}/record-departure`, { flight: 'GT101' }), 409, 'not-cleared');
  await world.act(liaison, caseId, 'record-departure', { flight: 'GT101', irregular: { explanation: `${MARK} left` } });
  await world.act(worker, caseId, 'record-vulnerability', { kind: 'illness', detail: MARK });
  await world.pass({ hours: 3 });
  await world.act(worker, caseId, 'add-note', { text: MARK });
});
afterAll(() => caseledger.stop());

const asOf = { asOfPosition: expect.any(String), codeVersion: expect.stringMatching(/^\d+\.\d+\.\d+\+\d+$/) };
const FIGURES = {
  screening: {
    screened: 2,
    exceptions: { 'valid-visa': 1 },
    fearExpressed: 1,
    fearEstablished: 0,
    returned: 0,
    medianHours: { screening: 0, review: 0 },
  },
  safeguards: {
    refusals: { 'withdrawal-not-voluntary': 1 },
    blockedDepartures: Object.fromEntries(
      [
        'acceptance-not-valid',
        'destination-not-told',
        'determination-not-confirmed',
        'exception-established',
        'fear-not-assessed',
        'hold-standing',
        'manifest-not-approved',
        'not-cleared',
        'place-not-reserved',
      ].map(code => [code, 1]),
    ),
    irregularDepartures: 1,
    holds: { 'court-order': 1, medical: 1 },
    longestOpenHours: 3,
    protectionAlerts: { raised: 1, open: 1 },
    disclosuresWithoutConsent: 0,
    duplicatesMerged: 0,
  },
};
const ROWS = [{ office: 'ELP', caseworker: 'cw-ana', open: 2, oldestDays: 1, overdue: 1 }];
const PATHS = ['screening', 'safeguards', 'workload'].map(name => `/v1/reports/${name}`);
const text = async (path: string, accept: string) => done(await world.staff.reporting.get(path, { headers: { accept } }), 200);

it.each(Object.entries(FIGURES))('%s as JSON, CSV and NDJSON', async (name, figures) => {
  const path = `/v1/reports/${name}`;
  expect(await world.read(world.staff.reporting, path)).toEqual({ ...figures, ...asOf });
  const ndjson = await text(path, 'application/x-ndjson');
  expect(JSON.parse(ndjson.text)).toEqual(figures);
  expect(ndjson.headers.get('as-of-position')).toMatch(/^\d+$/);
  expect(ndjson.headers.get('code-version')).toMatch(/\+\d+$/);
});

it('a CSV cell that counts by code has the codes in order; what is nested has a column of its own', async () => {
  expect((await text('/v1/reports/screening', 'text/csv')).text).toBe(
    'screened,exceptions,fearExpressed,fearEstablished,returned,medianHours.screening,medianHours.review\r\n2,valid-visa=1,1,0,0,0,0\r\n',
  );
  expect((await text('/v1/reports/safeguards?from=2020-01-01&to=2020-01-02', 'text/csv')).text).toBe(
    'refusals,blockedDepartures,irregularDepartures,holds,longestOpenHours,protectionAlerts.raised,' +
      'protectionAlerts.open,disclosuresWithoutConsent,duplicatesMerged\r\n,,0,,,0,0,0,0\r\n',
  );
  expect((await text('/v1/reports/safeguards', 'text/csv')).text).toContain(',1,court-order=1 medical=1,3,1,1,0,0\r\n');
});

it('workload has a row for each caseworker, in every form', async () => {
  const report = await world.read<{ rows: { oldestDays: number }[] }>(world.staff.reporting, '/v1/reports/workload');
  const rows = ROWS.map((row, index) => ({ ...row, oldestDays: report.rows[index]?.oldestDays }));
  expect(report).toEqual({ rows, ...asOf });
  expect((await text('/v1/reports/workload', 'application/x-ndjson')).text).toBe(rows.map(row => `${JSON.stringify(row)}\n`).join(''));
  expect((await text('/v1/reports/workload?country=HN', 'text/csv')).text).toBe('office,caseworker,open,oldestDays,overdue\r\n');
});

it.each(PATHS)('%s is for reporting and auditors, holds nothing personal, and is the same at the same position', async path => {
  for (const person of [world.staff.worker, world.staff.supervisor, world.staff.liaison, world.staff.admin])
    refused(await person.get(path), 403, 'role-not-allowed');
  const [one, two] = [await text(path, 'application/json'), done(await world.staff.auditor.get(path), 200)];
  await world.pass({ hours: 1 });
  expect([two.text, (await text(path, 'application/json')).text]).toEqual([one.text, one.text]);
  expect(one.text).not.toContain(MARK);
  refused(await world.staff.reporting.get(`${path}?from=2020-13-01`), 400, 'validation-failed');
  refused(await world.staff.reporting.get(`${path}?country=US`), 400, 'validation-failed');
});

test.each(['outcomes', 'screening', 'safeguards', 'workload'])(
  '%s of days that end before they begin, or of a year 0, is a 400',
  async report => {
    const analyst = await caseledger.person('rep-days', 'reporting');
    refused(await analyst.get(`/v1/reports/${report}?from=0000-12-31`), 400, 'validation-failed');
    expect((await analyst.get(`/v1/reports/${report}?from=0001-01-01&to=9999-12-31`)).status).toBe(200);
    const answer = await analyst.get(`/v1/reports/${report}?from=2020-02-02&to=2020-02-01`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ pointer: '/from' }] } });
    expect((await analyst.get(`/v1/reports/${report}?from=2020-02-01&to=2020-02-01`)).status).toBe(200);
  },
);

test('for the public the outcomes are null in JSON and NDJSON, and * in CSV, where nobody may see them', async () => {
  const path = '/v1/reports/outcomes?by=country&disclosure=public';
  const hidden = { requested: null, accepted: null, transferred: 0, appliedRate: null };
  const report = await world.read<{ rows: object[]; total: object }>(world.staff.reporting, path);
  expect(report).toMatchObject({ rows: [{ group: 'GT', ...hidden }], total: hidden, ...asOf });
  expect(JSON.parse((await text(path, 'application/x-ndjson')).text)).toEqual(report.rows[0]);
  expect((await text(path, 'text/csv')).text.split('\r\n')[1]).toBe('GT,*,*,0,0,0,0,0,0,0,0,0,0,');
  for (const wrong of ['from=2020-01-02', 'to=2020-01-30', 'by=office', 'disclosure=all'])
    refused(await world.staff.reporting.get(`${path}&${wrong}`), 400, 'validation-failed');
});

test('of the other reports the public sees neither small counts nor what is of single people, and nothing of workload', async () => {
  const hidden = { screened: null, exceptions: { 'valid-visa': null }, fearEstablished: 0, medianHours: { screening: null, review: null } };
  const path = '/v1/reports/screening?disclosure=public';
  expect(await world.read(world.staff.reporting, path)).toMatchObject({ ...hidden, ...asOf });
  expect((await text(path, 'text/csv')).text.split('\r\n')[1]).toBe('*,valid-visa=*,*,0,0,*,*');
  const safeguards = '/v1/reports/safeguards?country=GT&disclosure=public';
  expect(await world.read(world.staff.reporting, safeguards)).toMatchObject({
    refusals: { 'withdrawal-not-voluntary': null },
    longestOpenHours: null,
    protectionAlerts: { raised: null, open: null },
    disclosuresWithoutConsent: 0,
  });
  for (const other of ['screening', 'safeguards'])
    refused(await world.staff.reporting.get(`/v1/reports/${other}?disclosure=public&from=2020-01-02`), 400, 'validation-failed');
  refused(await world.staff.reporting.get('/v1/reports/workload?disclosure=public'), 400, 'validation-failed');
});

test('Accept is weighed by its q-values, and what is not served is a 406', async () => {
  const type = async (accept: string) => (await text('/v1/reports/workload', accept)).headers.get('content-type');
  expect(await type('text/csv;q=0.4, application/x-ndjson;q=0.8, text/html')).toContain('application/x-ndjson');
  expect(await type('text/*, application/json;q=0.9')).toContain('text/csv');
  expect(await type('application/json;q=0, */*;q=0.1')).toContain('text/csv');
  for (const path of [...PATHS, '/v1/reports/outcomes', '/v1/feeds/case-facts'])
    for (const accept of ['application/xml', 'text/csv;q=0', 'image/*'])
      refused(await world.staff.reporting.get(path, { headers: { accept } }), 406, 'not-acceptable');
});
