import { caseStream } from '../../src/cases/case.stream.js';
import { newestVersion } from '../../src/event-store/stream-kind.js';
import jsonPatch from 'fast-json-patch';
import { EventStore } from '../../src/event-store/event-store.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { startCaseledger, type Answer, type Caseledger, type Person } from '../support/caseledger.js';
import { codesOf, done, MARK, refused, World, type Flight, type Json } from '../support/world.js';

/*
 * One synthetic person on the whole road, from the opening of the case to asylum granted on appeal.
 * Told in one piece: every part stands on the one before.
 */

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const FIELDS = [
  'caseId',
  'revision',
  'status',
  'office',
  'assignedTo',
  'openedAt',
  'previousCaseIds',
  'possibleDuplicates',
  'applicant',
  'minorAtEncounter',
  'encounter',
  'documents',
  'representative',
  'consents',
  'claim',
  'screening',
  'transfer',
  'asylum',
  'holds',
  'familyUnitId',
  'vulnerabilities',
  'evidence',
  'attachments',
  'notes',
  'remarks',
  'corrections',
  'disclosures',
  'followUp',
  'whereabouts',
  'withdrawal',
  'protectionAlerts',
  'legalHold',
  'erasedAt',
];
const UNDER_RULES = [
  'ScreeningStarted',
  'DeterminationConfirmed',
  'TransferRequested',
  'TransferAccepted',
  'TransferScheduled',
  'BoardingCleared',
  'ApplicantDeparted',
  'TransferredToGuatemala',
];

let caseledger: Caseledger;
let world: World;
let caseId: string;
let flight: Flight;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

/** Sends the command, and expects one event of this type, and what the file then shows. */
async function act(by: Person, command: string, body: Json, type: string, shows: Json): Promise<Answer> {
  const before = await world.file(caseId);
  const answer = await world.act(by, caseId, command, body);
  const revision = before.revision + 1;
  expect(answer.body).toEqual({ caseId, revision, events: [{ id: expect.stringMatching(/^[0-9a-f-]{36}$/), type, revision }] });
  expect(answer.headers.get('etag')).toBe(`"${revision}"`);
  expect(answer.headers.get('consistency-token')).toBeTruthy();
  expect(await world.file(caseId)).toMatchObject({ revision, ...shows });
  return answer;
}

async function allowed(by: Person): Promise<string[]> {
  return (await world.read<{ allowed: string[] }>(by, `/v1/cases/${caseId}/allowed-commands`)).allowed;
}

async function standsInTheWayOf(by: Person, command: string): Promise<readonly string[] | undefined> {
  const { refused: all } = await world.read<{ refused: { command: string; codes: string[] }[] }>(
    by,
    `/v1/cases/${caseId}/allowed-commands`,
  );
  return all.find(refusal => refusal.command === command)?.codes;
}

const deadlines = async (
  by = world.staff.supervisor,
): Promise<{ caseId: string; kind: string; dueAt: string; milestone: string | null; office: string; assignedTo: string | null }[]> =>
  (await world.read<{ rows: [] }>(by, '/v1/deadlines')).rows;

const outcomes = (query = ''): Promise<{ rows: Json[]; total: Json; asOfPosition: string; codeVersion: string }> =>
  world.read(world.staff.reporting, `/v1/reports/outcomes?${query}`);

it('opens: the caseworker takes in who the person is', async () => {
  const { worker } = world.staff;
  const intake = world.intake();
  const answer = done(await worker.post('cases', intake), 201);
  caseId = String(answer.body['caseId']);
  expect(answer.body).toEqual({
    caseId,
    revision: 0,
    events: [{ id: expect.any(String), type: 'CaseOpened', revision: 0 }],
    possibleDuplicates: [],
  });
  expect(answer.headers.get('location')).toBe(`/v1/cases/${caseId}`);
  expect(answer.headers.get('x-training-copy')).toBe(world.now);
  // The command's own token is enough to see it.
  const file = done(await worker.get(`/v1/cases/${caseId}`, { token: answer.headers.get('consistency-token') ?? '' })).body;
  for (const field of FIELDS) expect(file).toHaveProperty(field);
  expect(file).toMatchObject({
    caseId,
    revision: 0,
    status: 'opened',
    office: 'ELP',
    assignedTo: null,
    openedAt: world.now,
    possibleDuplicates: [],
    minorAtEncounter: false,
    transfer: null,
    ...intake,
  });
});

it('screens: claim, notice, fear inquiry, determination', async () => {
  const { worker, otherWorker, supervisor } = world.staff;
  expect(await standsInTheWayOf(worker, 'StartScreening')).toEqual(['not-assigned', 'claim-not-recorded']);
  expect(await standsInTheWayOf(worker, 'ServeNotice')).toEqual(['wrong-status']);
  await act(
    worker,
    'record-protection-claim',
    { protection: 'asylum', statement: `${MARK} statement`, occurredAt: world.in(-20) },
    'ProtectionClaimRecorded',
    { claim: { protection: 'asylum', statement: `${MARK} statement` } },
  );
  await act(worker, 'assign-case', { caseworkerId: worker.sub }, 'CaseAssigned', { assignedTo: worker.sub });
  expect(await allowed(worker)).toContain('StartScreening');
  expect(await allowed(otherWorker)).not.toContain('StartScreening');
  await act(worker, 'start-screening', { country: 'GT', language: 'es' }, 'ScreeningStarted', {
    status: 'screening',
    screening: { country: 'GT', determination: null },
  });
  expect(await standsInTheWayOf(worker, 'SubmitDetermination')).toEqual(['notice-not-served', 'fear-inquiry-missing']);
  await act(worker, 'serve-notice', { notice: 'transfer-to-gt', language: 'es-HN', readBack: true }, 'NoticeServed', {
    screening: { notice: { readBack: true, language: 'es-HN' } },
  });
  await act(worker, 'record-fear-inquiry', { fearsPartnerCountry: false, language: 'es', account: `${MARK} account` }, 'FearInquiryMade', {
    screening: { fear: { expressed: false } },
  });
  await act(worker, 'submit-determination', { outcome: 'amenable', reasons: `${MARK} reasons` }, 'DeterminationSubmitted', {
    status: 'awaiting-review',
    screening: { determination: { status: 'submitted', submittedBy: worker.sub } },
  });
  const { screening } = await world.file(caseId);
  expect(await allowed(supervisor)).toEqual(expect.arrayContaining(['ConfirmDetermination', 'ReturnDetermination']));
  refused(
    await worker.post(`cases/${caseId}/confirm-determination`, { determinationId: screening?.determination?.determinationId }),
    403,
    'role-not-allowed',
  );
  await act(supervisor, 'confirm-determination', { determinationId: screening?.determination?.determinationId }, 'DeterminationConfirmed', {
    status: 'amenable',
    screening: { determination: { status: 'confirmed', outcome: 'amenable', confirmedBy: supervisor.sub } },
  });
});

it('requests the transfer, and is answered', async () => {
  const { liaison, worker } = world.staff;
  const replyDueAt = world.in(14 * 24);
  await act(liaison, 'request-transfer', { country: 'GT' }, 'TransferRequested', {
    status: 'transfer-requested',
    transfer: { country: 'GT', requestedAt: world.now, replyDueAt, reply: null },
  });
  expect(await deadlines()).toEqual([
    {
      deadlineId: expect.any(String),
      caseId,
      kind: 'transfer-reply',
      milestone: null,
      dueAt: replyDueAt,
      office: 'ELP',
      assignedTo: worker.sub,
    },
  ]);
  await world.pass({ days: 3 });
  const occurredAt = world.in(-5);
  const validUntil = world.in(60 * 24 - 5);
  await act(liaison, 'record-transfer-reply', { reply: 'accepted', reference: `${MARK}-REPLY`, occurredAt }, 'TransferAccepted', {
    status: 'transfer-accepted',
    transfer: { reply: 'accepted', validUntil },
  });
  expect(await deadlines()).toMatchObject([{ kind: 'acceptance-expiry', dueAt: validUntil }]);
  expect((await world.read<{ rows: Json[] }>(liaison, `/v1/cases?status=transfer-accepted`)).rows).toMatchObject([
    { caseId, country: 'GT', dueAt: validUntil },
  ]);
});

it('flies: manifest, place, boarding, departure, arrival', async () => {
  const { liaison, supervisor } = world.staff;
  flight = await world.draft([caseId]);
  expect(await world.manifest(flight.manifestId)).toMatchObject({
    status: 'drafted',
    draftedBy: liaison.sub,
    passengers: [{ caseId, status: 'transfer-accepted', ready: true, cleared: false }],
  });
  done(await world.approve(flight));
  expect(await world.file(caseId)).toMatchObject({
    status: 'transfer-scheduled',
    transfer: { manifestId: flight.manifestId, placeWeek: flight.week, departsAt: flight.departsAt },
  });
  expect(await world.manifest(flight.manifestId)).toMatchObject({
    status: 'approved',
    approvedBy: supervisor.sub,
    passengers: [{ caseId, status: 'transfer-scheduled', ready: true }],
  });
  expect(await world.places(flight.week)).toEqual({ week: flight.week, declared: 40, reserved: 1, free: 39 });
  expect(await standsInTheWayOf(liaison, 'ClearForBoarding')).toEqual(['destination-not-told']);
  await world.board(flight);
  expect(await world.file(caseId)).toMatchObject({
    status: 'transfer-scheduled',
    transfer: { clearedUntil: world.in(24), lastBlocked: null },
  });
  expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'boarding', passengers: [{ caseId, cleared: true }] });
  await world.depart(flight);
  expect(await world.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { departedAt: flight.departsAt } });
  expect(await deadlines()).toEqual([]);
  await world.arrive(flight);
  expect(await world.file(caseId)).toMatchObject({ status: 'transferred', transfer: { arrivedAt: world.now }, followUp: { overdue: [] } });
  expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'arrived', boarded: [caseId], arrived: [caseId] });
  expect(await world.places(flight.week)).toMatchObject({ reserved: 1, free: 39 });
  expect(await deadlines()).toMatchObject([
    { kind: 'follow-up', milestone: 'PT72H', dueAt: world.in(72) },
    { kind: 'follow-up', milestone: 'P30D', dueAt: world.in(30 * 24) },
    { kind: 'follow-up', milestone: 'P90D', dueAt: world.in(90 * 24) },
  ]);
});

it('asks for asylum there: denied, and granted on appeal', async () => {
  const { liaison } = world.staff;
  await world.pass({ hours: 5 });
  await act(liaison, 'record-asylum-intention', { country: 'GT' }, 'AsylumIntentionExpressed', {
    status: 'transferred',
    asylum: { country: 'GT', intentionAt: world.now, appliedAt: null },
  });
  expect(await deadlines()).toEqual([]);
  await world.pass({ hours: 24 });
  await act(
    liaison,
    'record-asylum-application',
    { country: 'GT', authority: 'national asylum office', reference: `${MARK}-APPLICATION` },
    'AsylumApplied',
    { status: 'asylum-pending', asylum: { appliedAt: world.now } },
  );
  await world.pass({ days: 100 });
  expect(await world.typesOf(caseId)).not.toContain('FollowUpOverdue');
  const early = await liaison.post(`cases/${caseId}/record-asylum-decision`, {
    outcome: 'denied',
    final: false,
    reference: MARK,
    occurredAt: world.in(-101 * 24),
  });
  refused(early, 409, 'date-out-of-order');
  await act(liaison, 'record-asylum-decision', { outcome: 'denied', final: false, reference: `${MARK}-DENIED` }, 'AsylumDenied', {
    status: 'asylum-denied',
    asylum: { outcome: 'denied', final: false },
  });
  expect(await outcomes()).toMatchObject({ total: { transferred: 1, applied: 1, denied: 1, granted: 0 } });
  await world.pass({ days: 30 });
  await act(liaison, 'record-asylum-decision', { outcome: 'granted', final: true, reference: `${MARK}-GRANTED` }, 'AsylumGranted', {
    status: 'asylum-granted',
    asylum: { outcome: 'granted', final: true },
  });
  const again = await liaison.post(`cases/${caseId}/record-asylum-decision`, { outcome: 'denied', final: true, reference: MARK });
  refused(again, 409, 'wrong-status');
  expect(codesOf(again)).toEqual(['wrong-status']);
  expect(again.body).toMatchObject({ currentStatus: 'asylum-granted', allowedCommands: await allowed(liaison) });
});

it('is counted', async () => {
  const figures = {
    requested: 1,
    accepted: 1,
    refused: 0,
    lapsed: 0,
    transferred: 1,
    intended: 1,
    applied: 1,
    granted: 1,
    denied: 1,
    abandoned: 0,
    onward: 0,
    silent: 0,
    appliedRate: 100,
  };
  const report = await outcomes('by=nationality');
  expect(report).toMatchObject({
    rows: [{ group: 'HN', ...figures }],
    total: figures,
    asOfPosition: expect.any(String),
    codeVersion: expect.any(String),
  });
  expect((await outcomes('country=HN')).total).toMatchObject({ transferred: 0, appliedRate: null });
  const csv = await world.staff.reporting.get('/v1/reports/outcomes?by=nationality', { headers: { accept: 'text/csv' } });
  expect(csv.text.split('\r\n').slice(0, 2)).toEqual([
    ['group', ...Object.keys(figures)].join(','),
    ['HN', ...Object.values(figures)].join(','),
  ]);
  expect(csv.headers.get('as-of-position')).toBe(report.asOfPosition);
  expect(JSON.stringify(report)).not.toContain(MARK);
});

it('is told in words, without a word of what the person is called or said', async () => {
  const { rows } = await world.read<{ rows: { at: string; recordedAt: string; event: string; summary: string; actor: string }[] }>(
    world.staff.worker,
    `/v1/cases/${caseId}/timeline?limit=200`,
  );
  const events = await world.events(caseId);
  expect(rows.map(({ event, at, recordedAt, actor }) => ({ event, at, recordedAt, actor }))).toEqual(
    events.map(({ type, metadata: { occurredAt, recordedAt, actor } }) => ({ event: type, at: occurredAt, recordedAt, actor: actor.id })),
  );
  expect(rows.map(({ summary }) => summary)).toContain('Asylum granted, finally');
  expect(JSON.stringify(rows)).not.toContain(MARK);
});

it('every event says by whom, when and on what ground', async () => {
  const events = await world.events(caseId);
  expect(events.map(({ type }) => type)).toEqual([
    'CaseOpened',
    'ProtectionClaimRecorded',
    'CaseAssigned',
    'ScreeningStarted',
    'NoticeServed',
    'FearInquiryMade',
    'DeterminationSubmitted',
    'DeterminationConfirmed',
    'TransferRequested',
    'TransferAccepted',
    'TransferScheduled',
    'DestinationTold',
    'BoardingCleared',
    'ApplicantDeparted',
    'TransferredToGuatemala',
    'AsylumIntentionExpressed',
    'AsylumApplied',
    'AsylumDenied',
    'AsylumGranted',
  ]);
  for (const { type, revision, metadata, ...event } of events) {
    expect({ type, ...metadata }).toMatchObject({
      type,
      commandId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlationId: expect.any(String),
      causationId: expect.any(String),
      occurredAt: expect.stringMatching(RFC_3339_UTC),
      recordedAt: expect.stringMatching(RFC_3339_UTC),
      actor: { id: expect.any(String), roles: expect.any(Array) },
    });
    expect(Date.parse(metadata.occurredAt)).toBeLessThanOrEqual(Date.parse(metadata.recordedAt));
    expect(event).toMatchObject({ stream: `case-${caseId}`, schemaVersion: newestVersion(caseStream, type) });
    if (UNDER_RULES.includes(type)) expect({ type, ruleSet: metadata.ruleSet }).toEqual({ type, ruleSet: { country: 'GT', version: 1 } });
    if (revision > 0)
      expect(Date.parse(metadata.recordedAt)).toBeGreaterThanOrEqual(Date.parse(events[revision - 1]?.metadata.recordedAt ?? ''));
  }
  const byType = (type: string) => events.find(event => event.type === type);
  expect(byType('ScreeningStarted')?.metadata.basedOn).toEqual({ 'agreement-GT': 3 });
  expect(byType('TransferScheduled')?.metadata.actor.id).toBe('system');
  expect(byType('BoardingCleared')?.metadata.basedOn).toEqual({
    'agreement-GT': 3,
    [`manifest-${flight.manifestId}`]: expect.any(Number),
    'reception-GT': expect.any(Number),
  });
  expect(byType('ApplicantDeparted')?.metadata).toMatchObject({ actor: { id: 'system' }, occurredAt: flight.departsAt });
  expect(byType('CaseOpened')?.personal).toMatchObject({ applicant: { givenNames: `${MARK} Ana` } });
  expect(JSON.stringify(events.map(({ data, metadata }) => ({ data, metadata })))).not.toContain(MARK);
});

it('is replayed by the auditor: the newest state is the file, a patch leads from one revision to another', async () => {
  const { auditor, supervisor } = world.staff;
  const path = `/v1/audit/cases/${caseId}`;
  const { possibleDuplicates: _, familyUnitId: __, ...file } = await world.file(caseId, supervisor);
  const newest = await world.read<{ revision: number; state: Json }>(auditor, `${path}/state`);
  expect(newest).toEqual({ revision: file.revision, state: file });
  const at = (revision: number): Promise<{ state: Json }> => world.read(auditor, `${path}/state?revision=${revision}`);
  for (const [from, to] of [
    [0, file.revision],
    [3, 8],
    [8, 15],
    [7, 7],
  ] as const) {
    const { patch, changes } = await world.read<{ patch: []; changes: Json[] }>(auditor, `${path}/diff?from=${from}&to=${to}`);
    const patched = jsonPatch.applyPatch(structuredClone((await at(from)).state), patch).newDocument;
    expect(patched).toEqual((await at(to)).state);
    expect(changes.map(({ revision }) => revision)).toEqual(Array.from({ length: to - from }, (_each, index) => from + 1 + index));
  }
  // The reply was given five hours before it was recorded: known only later, true already then.
  const accepted = (await world.events(caseId)).find(({ type }) => type === 'TransferAccepted')?.metadata;
  const between = new Date(Date.parse(accepted?.occurredAt ?? '') + 3_600_000).toISOString();
  expect(await world.read(auditor, `${path}/state?recordedAt=${between}`)).toMatchObject({ state: { status: 'transfer-requested' } });
  expect(await world.read(auditor, `${path}/state?occurredAt=${between}`)).toMatchObject({ state: { status: 'transfer-accepted' } });
  expect(await world.read(auditor, `${path}/state?recordedAt=2019-12-01T00:00:00Z`)).toEqual({ revision: -1, state: null });
  refused(await auditor.get(`${path}/state`, { headers: { 'x-purpose': ' ' } }), 400, 'purpose-missing');
});

it('keeps who read it: whom, what, at which revision, why', async () => {
  const { app } = caseledger;
  done(await world.staff.auditor.get(`/v1/cases/${caseId}`, { purpose: `${MARK} inspection` }));
  const reads = [];
  for await (const batch of app.get(EventStore).readStream(`access-${caseId}`)) {
    const opened = await app.get(PersonalData).openAll(batch);
    reads.push(
      ...batch.map(({ type, data, metadata }, index) => ({
        type,
        data,
        by: metadata.actor.id,
        at: metadata.recordedAt,
        personal: opened[index],
      })),
    );
  }
  const { revision } = await world.file(caseId, world.staff.liaison);
  expect(reads.at(-1)).toEqual({
    type: 'CaseFileRead',
    data: { what: 'case-file', revision },
    by: 'aud-ivy',
    at: world.now,
    personal: { purpose: `${MARK} inspection` },
  });
  expect(new Set(reads.map(({ data }) => data['what']))).toEqual(
    new Set(['case-file', 'timeline', 'allowed-commands', 'events', 'state', 'diff']),
  );
  expect(new Set(reads.map(({ by }) => by))).toEqual(new Set(['cw-ana', 'cw-beto', 'sup-dina', 'li-gus', 'aud-ivy']));
  expect(JSON.stringify(reads.map(({ data }) => data))).not.toContain(MARK);
});

it('shows a liaison the file without what the person said', async () => {
  const file = await world.file(caseId, world.staff.liaison);
  expect(file).toMatchObject({
    status: 'asylum-granted',
    claim: { statement: null },
    screening: { fearInquiry: { account: null }, determination: { reasons: null } },
  });
  const { applicant, ...rest } = file;
  expect(applicant).toMatchObject({ givenNames: `${MARK} Ana` });
  expect(JSON.stringify(rest)).not.toContain(MARK);
});
