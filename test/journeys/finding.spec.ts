import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packed } from '../../src/audit/access.events.js';
import { listingsOf } from '../../src/audit/access-records.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, refused, World } from '../support/world.js';

/* Finding, listing and counting cases over HTTP. */

let caseledger: Caseledger;
let world: World;
let caseId: string;
let token: string;
beforeAll(async () => {
  caseledger = await startCaseledger({ RATE_LIMIT: '100000' });
  world = await World.in(caseledger);
  caseId = await world.caseAt('screening');
  token = (await world.staff.worker.post(`cases/${caseId}/add-note`, { text: 'x' })).headers.get('consistency-token') ?? '';
});
afterAll(() => caseledger.stop());

test('a search is a body, answered and recorded as the list is', async () => {
  const { worker } = world.staff;
  const found = await worker.post('cases/search', { q: caseId.slice(0, 13), status: ['opened', 'screening'], count: true }, { token });
  expect(done(found).body).toMatchObject({ rows: [{ caseId, assignedTo: worker.sub }], total: 1, nextCursor: null });
  const listed = await worker.get(`/v1/cases?status=opened&status=screening&assignee=me&open=true&count=true`, { token });
  expect(done(listed).body).toMatchObject({ rows: [{ caseId }], total: 1 });
  const auditor = await caseledger.person('aud-find', 'auditor');
  expect(done(await auditor.post('cases/search', { q: caseId }, { token })).body).toMatchObject({ rows: [{ caseId }] });
  expect(await auditor.post('cases/search', { q: caseId }, { headers: { 'x-purpose': '' } })).toMatchObject({
    status: 400,
    body: { code: 'purpose-missing' },
  });
  const recorded: unknown[] = [];
  for await (const events of caseledger.app.get(EventStore).readStream(listingsOf(worker.sub)))
    recorded.push(...events.map(({ data }) => data));
  expect(recorded).toEqual([
    {
      list: 'search',
      cases: packed([caseId]),
      filters: { status: 'opened,screening', count: 'true' },
      q: expect.stringMatching(/^[\w-]{43}$/),
    },
    { list: 'caseload', cases: packed([caseId]), filters: { status: 'opened,screening', assignee: 'me', open: 'true', count: 'true' } },
  ]);
});

test('what does not fit is a 400 at its field, and who may not is told so', async () => {
  const { worker } = world.staff;
  const wrong = await worker.post('cases/search', {
    q: ' ',
    status: ['gone'],
    birthDate: '1990-02-30',
    nationality: 'xx',
    limit: 0,
    name: 'x',
  });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  expect((wrong.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
    '/birthDate',
    '/limit',
    '/name',
    '/nationality',
    '/q',
    '/status/0',
  ]);
  const analyst = await caseledger.person('rep-find', 'reporting');
  refused(await analyst.post('cases/search', {}), 403, 'role-not-allowed');
  refused(await analyst.get('/v1/cases/summary'), 403, 'role-not-allowed');
});

test('no name gets into what a list was narrowed to, which is kept in the open for good', async () => {
  const { worker } = world.staff;
  for (const path of ['cases?office=Quispe', 'cases?assignee=Rosa+Quispe', 'deadlines?office=Quispe'])
    refused(await worker.get(`/v1/${path}`), 400, 'validation-failed');
  refused(await worker.post('cases/search', { office: ['ELP', 'Quispe'] }), 400, 'validation-failed');
});

test('the same rows are given as CSV', async () => {
  const answer = await world.staff.worker.post('cases/search', { assignee: 'me' }, { token, headers: { accept: 'text/csv' } });
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const [head, row, ...rest] = answer.text.split('\r\n');
  expect(head).toMatch(/^caseId,revision,status,office,/);
  expect(row).toMatch(new RegExp(`^${caseId},\\d+,`));
  expect(rest).toEqual(['']);
});

test('the summary counts the office, and what is the own of a caseworker', async () => {
  const { worker } = world.staff;
  const summary = done(await worker.get('/v1/cases/summary', { token })).body;
  expect(summary).toMatchObject({ open: 1, overdue: 0, unassigned: 0, mine: { open: 1 }, byAssignee: [{ assignee: worker.sub, open: 1 }] });
});

test('names in an address are deprecated', async () => {
  const document = (await (await fetch(`${caseledger.url}/openapi.json`)).json()) as {
    paths: Record<string, { get: { parameters: { name?: string; deprecated?: boolean; schema?: { deprecated?: boolean } }[] } }>;
  };
  const q = document.paths['/v1/cases']?.get.parameters.find(({ name }) => name === 'q');
  expect(q?.deprecated ?? q?.schema?.deprecated).toBe(true);
});

test('a list as CSV tells in a header how to go on, and every header that is sent stands in the document', async () => {
  const { worker } = world.staff;
  await world.open();
  const csv = { headers: { accept: 'text/csv' }, token: await caseledger.app.get(EventStore).newest() };
  const first = done(await worker.get('/v1/cases?limit=1', csv));
  const cursor = first.headers.get('next-cursor') ?? '';
  const last = done(await worker.post('cases/search', { limit: 1, cursor }, csv));
  const [rows, rest] = [first, last].map(({ text }) => text.split('\r\n').slice(1, -1));
  expect([rows?.length, rest?.length, last.headers.has('next-cursor')]).toEqual([1, 1, false]);
  expect(rows).not.toEqual(rest);
  expect(first.headers.get('ratelimit-limit')).toBe('100000');
});
