import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Type } from '@nestjs/common';
import { verifyDossier } from '../../src/audit/dossier/verify.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { fieldsOf } from '../../src/fields/field-registry.js';
import { kebabCase } from '../../src/http/command-routes.js';
import { examine } from '../../src/operating/doctor.js';
import { Repair } from '../../src/operating/repair.js';
import { ALL } from '../support/all-use-cases.js';
import { inBatchesOf } from '../support/by-stream.js';
import { startCaseledger, type Caseledger, type Person } from '../support/caseledger.js';
import { columnsWith as columnsIn } from '../support/columns-with.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { plusHours } from '../../src/fields/time.js';
import { done, MARK, refused, World, type Json } from '../support/world.js';

/*
 * Every personal field of every command is sent with a value that is searched for in every column of every table, bytes as text too,
 * and so are the headers that may hold any text: it stands nowhere but in the names, numbers and search words of those who are not
 * erased, and nowhere once everybody is.
 */

/** In each text that is nobody's name. */
const TEXT = `${MARK} spoke`;
const NUMBER = '29900000';
const BORN = '1971-07-23';
/** With every command, where anybody may say anything. */
const SAID_BESIDE = Object.fromEntries(['user-agent', 'referer', 'tracestate', 'baggage'].map(name => [name, `${MARK}-too`]));
const IN_THE_OPEN = [
  'case-file.people.keys',
  'case-file.people.names',
  'case-file.people.numbers',
  'caseload.cases.family_key',
  'caseload.people.alien_number',
  'caseload.people.birth_date',
  'caseload.people.family_name',
  'caseload.people.given_names',
  'caseload.people.words',
];

let database: TestDatabase;
let owner: Database;
let service: Caseledger;
let world: World;
let told: string;
const lines: string[] = [];
/** `command field`, of what was sent with a marked value and taken. */
const sent = new Set<string>();

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, LOG_LEVEL: 'trace' }, line =>
    lines.push(line),
  );
  world = await World.in({ ...service, person: async (...who) => listeningTo(await service.person(...who)) });
  told = await everythingSaid();
  await world.file(told);
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
});

const listeningTo = (person: Person): Person => ({
  ...person,
  post: async (path, body, options) => {
    const answer = await person.post(path, body, { ...options, purpose: TEXT, headers: { ...SAID_BESIDE, ...options?.headers } });
    const [resource = '', , command = ''] = path.split('/');
    if (answer.status < 300) for (const field of markedIn(body)) sent.add(`${resource} ${command} ${field}`);
    return answer;
  },
});

const isMarked = (value: unknown): boolean => typeof value === 'string' && [MARK, NUMBER, BORN].some(mark => value.includes(mark));
function markedIn(body: unknown, path = ''): string[] {
  if (isMarked(body)) return [path];
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => markedIn(value, Array.isArray(body) ? path : `${path}/${name}`));
}

function personalIn(target: Type, path = ''): string[] {
  return [...fieldsOf(target)].flatMap(([name, { personal, nested }]) =>
    nested ? personalIn(nested(), `${path}/${name}`) : personal ? [`${path}/${name}`] : [],
  );
}

const identity: Json = {
  givenNames: `${MARK} Eva`,
  familyName: `Synthetic-${MARK}`,
  otherNames: [{ givenNames: `${MARK} Evita`, familyName: `Other-${MARK}` }],
  birthDate: BORN,
  sex: TEXT,
  alienNumber: `A${NUMBER}1`,
  otherAlienNumbers: [`A${NUMBER}2`],
  contact: TEXT,
};

/** One case is told as much as can be, others what the procedure would not let this one be told. */
async function everythingSaid(): Promise<string> {
  const { worker, supervisor, supervisorElsewhere, liaison, secondSupervisor } = world.staff;
  const told = await world.open(identity);
  const say = (by: Person, command: string, body: Json, caseId = told) => world.act(by, caseId, command, body);
  await say(worker, 'record-protection-claim', { protection: 'asylum', statement: TEXT });
  await say(worker, 'record-representative', { name: TEXT, contact: TEXT });
  await say(worker, 'record-vulnerability', { kind: 'medical', detail: TEXT });
  await say(worker, 'record-evidence', { evidenceId: randomUUID(), description: TEXT });
  await say(worker, 'attach-document', {
    documentId: randomUUID(),
    mediaType: 'application/pdf',
    byteLength: 1,
    sha256: '0'.repeat(64),
    name: TEXT,
    location: TEXT,
  });
  await say(worker, 'add-note', { text: TEXT });
  await say(supervisor, 'place-legal-hold', { reference: TEXT });
  await say(supervisor, 'release-legal-hold', { reference: TEXT });
  await say(supervisor, 'place-legal-hold', { reference: `${TEXT} again` });
  await say(worker, 'dispute-age', { basis: TEXT });
  await say(supervisor, 'decide-age', { minor: false, basis: TEXT });
  await say(worker, 'correct-applicant', {
    applicant: {
      ...identity,
      givenNames: `${MARK} Eve`,
      sex: `${TEXT} too`,
      contact: `${TEXT} too`,
      otherAlienNumbers: [`A${NUMBER}3`],
      birthDate: '1971-07-24',
      familyName: `Synthetic-too-${MARK}`,
      otherNames: [{ givenNames: `${MARK} E`, familyName: `O-${MARK}` }],
      alienNumber: `A${NUMBER}4`,
    },
    reasonCode: 'typing-error',
  });
  await say(worker, 'correct-applicant', { applicant: { birthDate: BORN }, reasonCode: 'typing-error' });
  await say(supervisor, 'hand-over-case', { toOffice: 'LRD', reasonCode: 'capacity', note: TEXT });
  await say(supervisorElsewhere, 'hand-over-case', { toOffice: 'ELP', reasonCode: 'capacity', note: TEXT });
  await say(worker, 'assign-case', { caseworkerId: worker.sub });
  await say(worker, 'start-screening', { country: 'GT', language: 'es' });
  await say(worker, 'serve-notice', { notice: 'transfer-to-gt', language: 'es', readBack: true });
  await say(worker, 'record-fear-inquiry', { fearsPartnerCountry: true, language: 'es', account: TEXT });
  await say(worker, 'express-fear', { country: 'GT', account: TEXT });
  await say(worker, 'assess-fear', { persecution: true, torture: false, reasons: TEXT });
  await say(secondSupervisor, 'establish-exception', { ground: 'public-interest', evidence: TEXT });
  const judged = async (command: string) => {
    await say(worker, 'submit-determination', { outcome: 'not-amenable', reasons: TEXT });
    const determinationId = (await world.file(told)).screening?.determination?.determinationId;
    await say(supervisor, command, { determinationId, reasons: TEXT });
  };
  await judged('return-determination');
  await judged('confirm-determination');
  const placed = await say(liaison, 'place-hold', { kind: 'court-order', reference: TEXT, note: TEXT });
  await say(supervisor, 'release-hold', {
    holdId: placed.body['holdId'] ?? (await world.file(told)).holds[0]?.holdId,
    reference: TEXT,
    note: TEXT,
  });
  await say(liaison, 'place-hold', { kind: 'medical', note: TEXT });
  await say(worker, 'withdraw-claim', { voluntary: true, language: 'es', statement: TEXT });
  await say(worker, 'revoke-withdrawal', { statement: TEXT });
  await say(supervisor, 'refer-to-us-procedure', { ground: 'fear-established', note: TEXT });
  await say(worker, 'refer-to-programme', { programme: 'resettlement', note: TEXT });
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: TEXT, caseIds: [told] }), 201);

  const { familyUnitId } = done(await worker.post('families', {}), 201).body;
  const other = await world.caseAt('amenable');
  for (const caseId of [told, other])
    done(await worker.post(`families/${String(familyUnitId)}/add-member`, { caseId, relationshipCode: 'sibling' }));
  done(await supervisor.post(`families/${String(familyUnitId)}/propose-separation`, { caseIds: [other], reasons: TEXT }));

  const aborted = await world.caseAt('requested');
  await say(liaison, 'record-transfer-reply', { reply: 'accepted', reference: TEXT }, aborted);
  await say(liaison, 'abort-transfer', { reasonCode: 'travel-impossible', note: TEXT }, aborted);

  const gone = await world.caseAt('accepted');
  await say(liaison, 'record-departure', { flight: 'GT900', irregular: { explanation: TEXT } }, gone);
  await say(liaison, 'confirm-arrival', { country: 'GT', receivedBy: TEXT }, gone);
  await say(worker, 'express-fear', { country: 'GT', account: TEXT }, gone);
  const alerts = (await world.read<{ protectionAlerts: { alertId: string }[] }>(supervisor, `/v1/cases/${gone}`)).protectionAlerts;
  await say(supervisor, 'answer-protection-alert', { alertId: alerts[0]?.alertId, answer: TEXT }, gone);
  await say(liaison, 'record-asylum-application', { country: 'GT', authority: 'national asylum office', reference: TEXT }, gone);
  await say(liaison, 'record-asylum-decision', { outcome: 'granted', final: true, reference: TEXT }, gone);

  const flight = world.flightOf(await world.caseAt('departed'));
  await world.moveTo(plusHours(flight.departsAt, 4));
  done(await liaison.post(`manifests/${flight.manifestId}/confirm-arrival`, { arrived: flight.caseIds, receivedBy: TEXT }));
  return told;
}

const columnsWith = (...marks: readonly string[]): Promise<string[]> => columnsIn(owner, marks);

const PATHS: Readonly<Record<string, string>> = { case: 'cases', manifest: 'manifests', family: 'families', order: 'hold-orders' };

test('every personal field of every command was sent', () => {
  const all = ALL.flatMap(({ category, lines }) =>
    lines
      .filter(({ roles }) => roles.length > 0)
      .flatMap(({ command, creates }) =>
        personalIn(command).map(field => `${PATHS[category]} ${creates ? '' : kebabCase(command.type)} ${field}`),
      ),
  );
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter(field => !sent.has(field))).toEqual([]);
});

test('what was said stands nowhere in the open', async () => {
  expect(await columnsWith(TEXT)).toEqual([]);
});

test('names, numbers and search words alone stand in the open', async () => {
  expect(await columnsWith(MARK, NUMBER, BORN)).toEqual(IN_THE_OPEN);
});

const read = async (path: string) => (await world.staff.auditor.get(path, { purpose: `${TEXT} why` })).text;
const pathsOf = (caseId: string): readonly string[] => [
  ...['', '/notes', '/timeline', '/possible-duplicates'].map(path => `/v1/cases/${caseId}${path}`),
  ...['events', 'state', 'state?revision=0', 'diff?from=0&to=3', 'access', 'dossier', 'dossier/verdict'].map(
    path => `/v1/audit/cases/${caseId}/${path}`,
  ),
];
const figures = async (): Promise<readonly Json[]> => {
  const reports = ['outcomes', 'outcomes?by=nationality', 'screening', 'safeguards', 'workload'];
  const found = await Promise.all(reports.map(report => world.read(world.staff.reporting, `/v1/reports/${report}`)));
  return found.map(report => ({ ...report, asOfPosition: undefined }));
};
const feed = () => world.read<{ rows: readonly Json[] }>(world.staff.reporting, '/v1/feeds/case-facts?limit=1000');

test('whoever may read it reads it, until all of it is erased', async () => {
  const before = await read(`/v1/cases/${told}`);
  expect(before.split(TEXT).length).toBeGreaterThan(20);
  expect(await read(`/v1/cases/${told}/notes`)).toContain(TEXT);
  expect(await read(`/v1/audit/cases/${told}/events`)).toContain(TEXT);
});

describe('once everybody is erased', () => {
  const AFTER = 'told after it';
  const erased: string[] = [];
  let [kept, publicKey]: string[] = [];
  let before: { readonly figures: readonly Json[]; readonly feed: readonly Json[] };

  beforeAll(async () => {
    const { supervisor, secondSupervisor, auditor, liaison } = world.staff;
    await world.act(supervisor, told, 'release-legal-hold', { reference: TEXT });
    const { rows } = await owner.query<{ stream: string }>("SELECT stream FROM ledger.events WHERE type = 'CaseOpened'");
    erased.push(...rows.map(({ stream }) => stream.slice('case-'.length)));
    for (const caseId of erased) {
      await world.act(liaison, caseId, 'record-death');
      await world.act(supervisor, caseId, 'request-erasure', { legalBasis: 'retention period ended' });
    }
    await service.settled();
    kept = await read(`/v1/audit/cases/${told}/dossier`);
    publicKey = String((await world.read(auditor, '/v1/audit/log/checkpoint'))['publicKey']);
    before = { figures: await figures(), feed: (await feed()).rows };
    for (const caseId of erased) await world.act(secondSupervisor, caseId, 'erase-personal-data');
    await service.settled();
    await world.file(told);
  });
  const verified = (dossier: string | undefined = '') =>
    verifyDossier(Readable.from([Buffer.from(dossier)]), { key: VerifierKey.parse(publicKey ?? '') });

  test('none of it stands in any table, log line or answer', async () => {
    expect(await columnsWith(TEXT, MARK, NUMBER, BORN)).toEqual([]);
    expect(lines.length).toBeGreaterThan(100);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain('http_requests_total');
    const shown = [...lines, metrics, ...(await Promise.all(erased.flatMap(pathsOf).map(read)))].join('\n');
    // Why somebody reads it now is not of then.
    expect(shown.replaceAll(`${TEXT} why`, '')).not.toMatch(new RegExp(`${MARK}|${NUMBER}|${BORN}`, 'i'));
    expect(JSON.parse(await read(`/v1/cases/${told}`))).toMatchObject({
      status: 'closed',
      applicant: null,
      remarks: [],
      representative: { name: null, contact: null },
      noteCount: 1,
      erasedAt: expect.any(String),
      erasureRequest: null,
      legalHold: null,
    });
    expect(JSON.parse(await read(`/v1/audit/cases/${told}/state?revision=0`))).toMatchObject({ state: { applicant: null } });
  });

  test('of every stream: the keys of orders, families and flights are destroyed with the last of those they name', async () => {
    const { rows } = await owner.query<{ stream: string }>(
      `SELECT DISTINCT stream FROM ledger.events JOIN ledger.data_keys ON key_id = (metadata ->> 'keyId')::uuid
       WHERE wrapped IS NOT NULL AND stream !~ '^access-'`,
    );
    expect(rows).toEqual([]);
    const { rows: lists } = await owner.query('SELECT FROM ledger.process_lists WHERE process = $1', [
      'when-number-shared-flag-duplicates',
    ]);
    expect(lists).toEqual([]);
  });

  test('every figure, fact and proof is what it was', async () => {
    expect(await figures()).toEqual(before.figures);
    expect((await feed()).rows.slice(0, before.feed.length)).toEqual(before.feed);
    await expect(verified(kept)).resolves.toMatchObject({ caseId: told, erased: 0 });
    const { opened, erased: gone } = await verified(await read(`/v1/audit/cases/${told}/dossier`));
    expect([opened, gone > 20]).toEqual([0, true]);
    const { lines: found } = await examine(service.app, { deep: true });
    expect(found.filter(line => !line.startsWith('ok'))).toEqual([]);
    expect(found).toContain(`ok      erasures: nothing opens what was erased, ${erased.length} times`);
  });

  test('nothing of it comes back with a read model that is built anew', async () => {
    // Stream by stream, in transactions that many a stream does not fit into.
    const written = async (_: number, place: string): Promise<boolean> =>
      (await owner.query("SELECT FROM ledger.read_models WHERE state = 'building' AND position < $1", [place])).rows.length === 0;
    const reading = inBatchesOf(25, service.app.get(EventStore), async (...last) => {
      while (!(await written(...last))) await new Promise(resolve => setTimeout(resolve, 5));
    });
    await service.app.get(Repair).rebuild('all');
    expect(reading).toHaveBeenCalled();
    expect((await examine(service.app, { deep: true })).lines.filter(line => !line.startsWith('ok'))).toEqual([]);
    expect(await columnsWith(TEXT, MARK, NUMBER, BORN)).toEqual([]);
    expect(await figures()).toEqual(before.figures);
    expect((await feed()).rows.slice(0, before.feed.length)).toEqual(before.feed);
  });

  test('what protects somebody is taken and read, and erased by another request', async () => {
    const { supervisor, secondSupervisor, liaison } = world.staff;
    await world.act(liaison, told, 'express-fear', { country: 'HN', account: AFTER });
    await world.act(liaison, told, 'add-note', { text: AFTER });
    await world.file(told);
    expect(await read(`/v1/cases/${told}`)).toContain(AFTER);
    expect(await read(`/v1/audit/cases/${told}/events?limit=200`)).toContain(AFTER);
    expect(await columnsWith(TEXT, MARK, NUMBER, BORN)).toEqual([]);
    refused(await secondSupervisor.post(`cases/${told}/erase-personal-data`), 409, 'wrong-status');
    await world.act(supervisor, told, 'request-erasure', { legalBasis: 'retention period ended' });
    await world.act(secondSupervisor, told, 'erase-personal-data');
    await world.file(told);
    for (const path of pathsOf(told)) expect(await read(path)).not.toContain(AFTER);
  });

  test('the doctor names a case of which a key was not destroyed', async () => {
    const { rows } = await owner.query<{ keyId: string; revision: number }>(
      `SELECT metadata ->> 'keyId' AS "keyId",
        (SELECT min(revision) FROM ledger.events WHERE stream = $1 AND type = 'PersonalDataErased') AS revision
       FROM ledger.events WHERE stream = $1 AND revision = 0`,
      [`case-${told}`],
    );
    const [opening] = rows;
    await owner.query(
      `UPDATE ledger.data_keys SET destroyed_at = NULL, wrapped = (SELECT wrapped FROM ledger.data_keys WHERE wrapped IS NOT NULL LIMIT 1)
       WHERE key_id = $1`,
      [opening?.keyId],
    );
    const { lines: found } = await examine(service.app);
    expect(found.filter(line => line.startsWith('not ok  erasures'))).toEqual(
      expect.arrayContaining([
        `not ok  erasures: case-${told} at revision ${opening?.revision}: erased, and 1 of its keys are not destroyed: does a service run?`,
      ]),
    );
  });
});
