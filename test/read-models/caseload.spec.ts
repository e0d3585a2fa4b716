import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import { EXTENSION_SCHEMAS } from '../../src/database/extensions.js';
import { ValidationFailed } from '../../src/fields/validation.js';
import { caseloadProjection } from '../../src/read-models/caseload/caseload.projection.js';
import { type CaseSearch, narrowed, SORTS } from '../../src/read-models/caseload/case-filter.js';
import { ListCases, ListCasesHandler } from '../../src/read-models/caseload/caseload.query.js';
import { search } from '../../src/read-models/caseload/searching.js';
import { SummariseCaseload, SummariseCaseloadHandler } from '../../src/read-models/caseload/summary.query.js';
import { follow, type Following } from './following.js';
import { accepted, at, anEvent, opened, requested } from './histories.js';

let following: Following;
let handler: ListCasesHandler;
// One database for all: each test looks at an office of its own.
beforeAll(async () => {
  following = await follow(caseloadProjection, kinds => kinds.register(caseStream));
  handler = new ListCasesHandler(following.readModels, following.personalData);
});
afterAll(() => following.stop());

const list = (filter: CaseSearch = {}, onlyOffice: string | null = null) =>
  handler.execute(new ListCases(filter, { sub: 'cw-me', onlyOffice }));
const idsOf = async (filter: CaseSearch, onlyOffice: string | null = null) =>
  (await list(filter, onlyOffice)).rows.map(({ caseId }) => caseId);

async function open(opening: Parameters<typeof opened>[0], ...events: ReturnType<typeof anEvent>[]): Promise<string> {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened(opening), ...events);
  return caseId;
}

test('whoever was entered with a birth date that no calendar has is found all the same', async () => {
  const caseId = await open({ office: 'NIL', familyName: 'Synthetic', birthDate: '0000-05-17' });
  expect(await idsOf({ q: 'synthetic' }, 'NIL')).toEqual([caseId]);
});

test('a row shows what a caseworker needs to choose', async () => {
  const caseId = await open(
    { office: 'ROW', givenNames: 'María José', familyName: 'Hernández', alienNumber: 'A200000001' },
    anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-ana' } }),
    requested('2020-01-13T16:00:00Z'),
    anEvent({ type: 'TransferHoldPlaced', data: { holdId: randomUUID(), kind: 'medical' } }),
    anEvent({ type: 'TransferHoldPlaced', data: { holdId: randomUUID(), kind: 'medical' } }),
  );
  const other = await open({ office: 'ROW', openedAt: '2020-01-14T15:00:00Z' });
  expect(await list({}, 'ROW')).toEqual({
    rows: [
      expect.objectContaining({
        caseId: other,
        revision: 0,
        status: 'opened',
        assignedTo: null,
        holds: [],
        dueAt: null,
        country: null,
        alienNumber: null,
      }),
      {
        caseId,
        revision: 4,
        status: 'transfer-requested',
        office: 'ROW',
        assignedTo: 'cw-ana',
        openedAt: '2020-01-13T15:00:00Z',
        country: 'GT',
        holds: ['medical'],
        dueAt: '2020-01-27T15:00:00Z',
        applicant: { givenNames: 'María José', familyName: 'Hernández' },
        alienNumber: 'A200000001',
        minorAtEncounter: false,
        ageDisputed: false,
        openAlerts: 0,
        followUpOverdue: false,
      },
    ],
    nextCursor: null,
  });
});

test('the earliest of what is due counts, until it is done', async () => {
  const caseId = await open({ office: 'DUE' }, requested('2020-01-13T16:00:00Z'));
  const dueAt = async () => (await list({}, 'DUE')).rows[0]?.dueAt;
  await following.given(`case-${caseId}`, accepted('2020-01-14T16:00:00Z'));
  expect(await dueAt()).toBe('2020-03-16T15:00:00Z');
  await following.given(
    `case-${caseId}`,
    anEvent({ type: 'ProtectionAlertRaised', data: { alertId: randomUUID(), cause: 'fear' } }, at('2020-01-15T16:00:00Z')),
  );
  expect((await list({}, 'DUE')).rows[0]).toMatchObject({ dueAt: '2020-01-15T16:00:00Z', openAlerts: 1 });
});

test('every filter narrows the list', async () => {
  const one = await open(
    { office: 'FIL' },
    anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-fil' } }),
    requested('2020-01-13T16:00:00Z'),
  );
  const two = await open({ office: 'FIL' }, anEvent({ type: 'TransferHoldPlaced', data: { holdId: randomUUID(), kind: 'court-order' } }));
  expect(await idsOf({ office: ['FIL'], status: ['transfer-requested'] })).toEqual([one]);
  expect(await idsOf({ assignee: 'cw-fil' })).toEqual([one]);
  for (const sort of SORTS) expect(await idsOf({ assignee: 'cw-fil', sort })).toEqual([one]);
  expect(await idsOf({ office: ['FIL'], country: 'GT' })).toEqual([one]);
  expect(await idsOf({ office: ['FIL'], hold: 'court-order' })).toEqual([two]);
  expect(await idsOf({ office: ['FIL'], dueBefore: '2020-01-28' })).toEqual([one]);
  expect(await idsOf({ office: ['FIL'], dueBefore: '2020-01-27' })).toEqual([]);
  expect(await idsOf({ office: ['FIL'], status: ['opened'], hold: 'medical' })).toEqual([]);
});

test('an office sees its own cases alone, and loses one that it hands over', async () => {
  const ours = await open({ office: 'OWN' });
  const theirs = await open({ office: 'FAR' });
  expect(await idsOf({}, 'OWN')).toEqual([ours]);
  expect(await idsOf({ office: ['FAR'] }, 'OWN')).toEqual([]);
  expect(await idsOf({ office: ['FAR'] }, null)).toEqual([theirs]);
  expect(await idsOf({ q: theirs }, 'OWN')).toEqual([]);
  await following.given(
    `case-${ours}`,
    anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'OWN', toOffice: 'FAR', reasonCode: 'moved' } }),
  );
  expect(await idsOf({}, 'OWN')).toEqual([]);
  expect(await idsOf({}, 'FAR')).toHaveLength(2);
});

test.each<[string, CaseSearch]>([
  ['another office than their own', { office: ['ELSEWHERE'] }],
  ['what is open and closed at once', { status: ['closed'], open: true }],
])('whoever asks for %s gets nothing, and no case is looked at', async (_, filter) => {
  await open({ office: 'ALONE' });
  for (const sort of SORTS) expect(await idsOf({ ...filter, sort }, 'ALONE')).toEqual([]);
  expect(narrowed(filter, { sub: 'cw-me', onlyOffice: 'ALONE' }).where()).toMatch(/\bfalse\b/);
});

test('q finds parts of names in any case and accent, alien numbers and case ids', async () => {
  const maria = await open({ office: 'QQQ', givenNames: 'María Elena', familyName: 'Núñez de Hernández', alienNumber: 'A200000077' });
  const pedro = await open({ office: 'QQQ', givenNames: 'Pedro', familyName: "O'Brien", alienNumber: 'A020000008' });
  const find = (q: string) => idsOf({ q }, 'QQQ');
  for (const q of [
    'nunez',
    'NÚÑEZ',
    'ernánd',
    'maria hernandez',
    'Hernandez, María',
    'el',
    'm',
    'A200000077',
    'a-200 000 077',
    '20000007',
    maria,
    maria.toUpperCase(),
    maria.slice(0, 9),
  ]) {
    expect([q, await find(q)]).toEqual([q, [maria]]);
  }
  for (const q of ['obrien', 'O’Brien', 'pedro o', 'A20000008']) expect([q, await find(q)]).toEqual([q, [pedro]]);
  expect((await find('A2000000')).sort()).toEqual([maria, pedro].sort());
  // Numbers and one or two letters are looked for where a word begins; signs alone name nobody.
  expect(await find('0077')).toEqual([maria]);
  expect(await find('Elena 0000077')).toEqual([maria]);
  for (const q of ['077', 'ez', 'maria pedro', '%', '_', '!!', '00000000-0000-0000-0000-000000000000'])
    expect([q, await find(q)]).toEqual([q, []]);
});

test('names and numbers that were corrected, and others of the person, are found and not shown', async () => {
  const otherNames = [{ givenNames: 'Lucha' }];
  const caseId = await open({ office: 'COR', familyName: 'Alvarado', alienNumber: 'A098765432', otherNames });
  await following.given(
    `case-${caseId}`,
    anEvent({
      type: 'ApplicantCorrected',
      data: {
        applicant: {},
        fields: ['applicant.alienNumber', 'applicant.familyName', 'applicant.otherAlienNumbers'],
        reasonCode: 'misspelt',
        minorAtEncounter: false,
      },
      personal: { applicant: { familyName: 'Zelaya', alienNumber: 'A300000001', otherAlienNumbers: ['A300000002'] } },
    }),
  );
  for (const q of ['zelaya', 'alvarado', 'lucha', 'A98765432', '098.765.432', '#300-000-001', '300000002'])
    expect([q, await idsOf({ q }, 'COR')]).toEqual([q, [caseId]]);
  const [row] = (await list({ q: 'alvarado' }, 'COR')).rows;
  expect(row).toMatchObject({ applicant: { familyName: 'Zelaya' }, alienNumber: 'A300000001' });
});

test('of a person who is not known any more nothing personal is kept', async () => {
  const caseId = await open({ office: 'ERA', familyName: 'Xochitlan', alienNumber: 'A299999999' });
  const {
    rows: [row],
  } = await following.database.query<{ schema: string }>("SELECT schemaname AS schema FROM pg_tables WHERE tablename = 'people'");
  const tx = {
    query: (text: string, values?: readonly unknown[]) =>
      following.database.query(text.replace(/\b(cases|people)\b/g, `${row?.schema}.$1`), values),
  };
  const state = (applicant: object | null) => ({ ...caseStream.initial, office: 'ERA', openedAt: '2020-01-13T15:00:00Z', applicant });
  // As it is read once the key is destroyed: the person is unknown before and after.
  const change = { event: { stream: `case-${caseId}`, revision: 1 }, position: '', before: state(null), after: state(null) };
  await caseloadProjection.project([change] as never, tx as never);
  const [shown] = (await list({}, 'ERA')).rows;
  expect(shown).toMatchObject({ caseId, applicant: null, alienNumber: null });
  const kept = await following.database.query(
    `SELECT c::text, p::text FROM ${row?.schema}.cases c LEFT JOIN ${row?.schema}.people p USING (case_id) WHERE case_id = $1`,
    [caseId],
  );
  expect(JSON.stringify(kept.rows)).not.toMatch(/xochitlan|299999999/i);
});

test.each([
  ['-openedAt', [3, 2, 1, 0]],
  ['openedAt', [0, 1, 2, 3]],
  ['dueAt', [2, 0]],
  ['-dueAt', [0, 2]],
  ['familyName', [1, 0, 3, 2]],
  ['-familyName', [2, 3, 0, 1]],
] as const)('sorted by %s, page by page', async (sort, order) => {
  const office = `S${sort.replace('-', 'x')}`;
  const names = ['Benítez', 'Ábrego', 'Zuniga', 'castro'];
  const due = ['2020-02-20T00:00:00Z', undefined, '2020-02-10T00:00:00Z', undefined];
  const ids: string[] = [];
  for (const [index, familyName] of names.entries()) {
    const dueAt = due[index];
    ids.push(
      await open(
        { office, familyName, openedAt: `2020-01-1${index}T15:00:00Z` },
        ...(dueAt ? [requested('2020-01-20T00:00:00Z', dueAt)] : []),
      ),
    );
  }
  const seen: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
    const page = await list({ sort, limit: 1, cursor }, office);
    seen.push(...page.rows.map(({ caseId }) => caseId));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(seen).toHaveLength(4);
  expect(seen.slice(0, order.length)).toEqual(order.map(index => ids[index]));
  expect(new Set(seen).size).toBe(4);
});

test('pages do not shift while cases are opened', async () => {
  const first: string[] = [];
  for (let index = 0; index < 5; index++) first.push(await open({ office: 'PAG', openedAt: `2020-01-1${index}T15:00:00Z` }));
  const { rows, nextCursor } = await list({ limit: 2 }, 'PAG');
  await open({ office: 'PAG', openedAt: '2020-01-19T15:00:00Z' });
  await following.given(`case-${rows[1]?.caseId}`, anEvent({ type: 'NoteAdded', data: {}, personal: { text: 'a note' } }));
  const rest = await list({ limit: 50, cursor: nextCursor ?? undefined }, 'PAG');
  expect([...rows, ...rest.rows].map(({ caseId }) => caseId)).toEqual([...first].reverse());
});

test('a cursor that this list did not give is refused, and names no person', async () => {
  for (let index = 0; index < 2; index++) await open({ office: 'CUR', familyName: 'Quetzalcoatl' });
  const { nextCursor } = await list({ sort: 'familyName', limit: 1 }, 'CUR');
  expect(Buffer.from(nextCursor ?? '', 'base64url').toString()).not.toMatch(/quetzalcoatl/i);
  const encoded = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
  for (const cursor of [
    nextCursor ?? '',
    'x',
    encoded(null),
    encoded(['-openedAt', 'x', 'y']),
    encoded(['-openedAt', randomUUID(), "'; DROP"]),
  ]) {
    await expect(list({ cursor }, 'CUR')).rejects.toThrow(ValidationFailed);
  }
});

test('q finds letters that are no accents, whatever dashes and apostrophes are written, dates and ends of numbers', async () => {
  const caseId = await open({
    office: 'FOL',
    givenNames: 'Łukasz Đorđe',
    familyName: 'Ærøskøbing\u2010D\u02bcStraße',
    birthDate: '1990-05-17',
    alienNumber: 'A098765432',
  });
  for (const q of [
    'lukasz',
    'ŁUKASZ',
    'dorde',
    'aeroskobing',
    'Aerøskøbing-dstrasse',
    'D’Straße',
    'lu\u200bkasz',
    'l\u0301ukasz',
    '1990-05-17',
    '17/05/1990',
    '05.17.1990',
    'Lukasz 1990-05-17',
    'a 098-765-432',
    '#98.765.432',
    '98765432',
    '5432',
    'strasse 5432',
    'l' + '\u0301'.repeat(200) + 'ukasz',
  ]) {
    expect([q, await idsOf({ q }, 'FOL')]).toEqual([q, [caseId]]);
  }
  for (const q of ['1990-05-18', '432', '%', '_', '\\', '1234', Array.from({ length: 200 }, (_, n) => `wort${n}`).join(' ')])
    expect([q, await idsOf({ q }, 'FOL')]).toEqual([q, []]);
  expect(await idsOf({ birthDate: '1990-05-17' }, 'FOL')).toEqual([caseId]);
  expect(await idsOf({ birthDate: '1990-05-18' }, 'FOL')).toEqual([]);
});

test('where few fit, those follow whose names sound or look alike, and say so', async () => {
  const gonzales = await open({ office: 'SIM', givenNames: 'Marta', familyName: 'Gonzales' });
  const gonzalez = await open({ office: 'SIM', givenNames: 'Marta', familyName: 'González' });
  const martinez = await open({ office: 'SIM', givenNames: 'Julio', familyName: 'Martínez' });
  await open({ office: 'OTH', familyName: 'Gonzales' });
  const found = async (q: string) => (await list({ q }, 'SIM')).rows.map(({ caseId, similar }) => [caseId, similar]);
  expect(await found('Gonzales')).toEqual([
    [gonzales, undefined],
    [gonzalez, true],
  ]);
  expect(await found('gonzalez marta')).toEqual([
    [gonzalez, undefined],
    [gonzales, true],
  ]);
  expect(await found('Matinez')).toEqual([[martinez, true]]);
  expect(await found('Xolotl')).toEqual([]);
});

test('filters take several values, and say who, how old, from where and when', async () => {
  const mine = await open(
    { office: 'MAN', openedAt: '2020-01-10T23:00:00Z', nationalities: ['SV', 'HN'] },
    anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-me' } }),
  );
  const free = await open({ office: 'MAO', openedAt: '2020-01-11T15:00:00Z' }, anEvent({ type: 'AgeDisputed', data: {} }));
  const closed = await open(
    { office: 'MAO', openedAt: '2020-01-12T15:00:00Z' },
    anEvent({ type: 'CaseClosed', data: { reasonCode: 'other' } }),
  );
  const office = ['MAN', 'MAO'];
  expect(await idsOf({ office })).toEqual([closed, free, mine]);
  expect(await idsOf({ office, status: ['opened', 'closed'] })).toEqual([closed, free, mine]);
  expect(await idsOf({ office, open: true })).toEqual([free, mine]);
  expect(await idsOf({ office, open: false })).toEqual([closed]);
  expect(await idsOf({ office, assignee: 'me' })).toEqual([mine]);
  expect(await idsOf({ office, assignee: 'none' })).toEqual([closed, free]);
  expect(await idsOf({ office, minor: true })).toEqual([free]);
  expect(await idsOf({ office, nationality: 'SV' })).toEqual([mine]);
  expect(await idsOf({ office, openedFrom: '2020-01-11' })).toEqual([closed, free]);
  expect(await idsOf({ office, openedTo: '2020-01-11' })).toEqual([free, mine]);
  expect(await idsOf({ office, openedTo: '2020-01-10T22:00:00Z' })).toEqual([]);
  expect(await list({ office, limit: 1, count: true })).toMatchObject({ total: 3, rows: [{ caseId: closed }] });
  const summary = new SummariseCaseloadHandler(following.readModels, following.clock);
  const asked = (id: string, role: string) => summary.execute(new SummariseCaseload({ id, roles: [role], office: 'MAN' }));
  const share = { open: 1, overdue: 0, oldestDays: 9 };
  const whole = { open: 1, overdue: 0, unassigned: 0, byStatus: { opened: 1 }, byAssignee: [{ assignee: 'cw-me', ...share }] };
  expect(await asked('su-1', 'supervisor')).toEqual(whole);
  expect(await asked('cw-me', 'caseworker')).toEqual({ ...whole, mine: share });
  expect(await asked('cw-new', 'caseworker')).toEqual({ ...whole, mine: { open: 0, overdue: 0, oldestDays: null } });
  // Opened by a process whose time is ahead.
  const ahead = anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-me' } });
  await following.given(`case-${await open({ office: 'AHEAD', openedAt: '2999-01-01T00:00:00Z' })}`, ahead);
  expect(await summary.execute(new SummariseCaseload({ id: 'cw-me', roles: ['caseworker'], office: 'AHEAD' }))).toMatchObject({
    mine: { open: 1, oldestDays: 0 },
  });
});

test('a page of names goes on where it ended although its last row was renamed', async () => {
  const ids: string[] = [];
  for (const familyName of ['Alfa', 'Bravo', 'Carlos', 'Delta']) ids.push(await open({ office: 'REN', familyName }));
  const { rows, nextCursor } = await list({ sort: 'familyName', limit: 2 }, 'REN');
  await following.given(
    `case-${ids[1]}`,
    anEvent({
      type: 'ApplicantCorrected',
      data: { applicant: {}, fields: ['applicant.familyName'], reasonCode: 'misspelt', minorAtEncounter: false },
      personal: { applicant: { familyName: 'Zulu' } },
    }),
  );
  const next = await list({ sort: 'familyName', limit: 1, cursor: nextCursor ?? undefined }, 'REN');
  expect([...rows, ...next.rows].map(({ caseId }) => caseId)).toEqual(ids.slice(0, 3));
});

test('a whole number is looked for once, a part of one by its end and its beginning', () => {
  expect(search('#200.004.321').terms).toEqual([['%200004321 %']]);
  expect(search('A 200-004-321').terms).toEqual([['%200004321 %']]);
  expect(search('A2000043').terms).toEqual([['%2000043 %', '% a2000043%', '% a02000043%']]);
});

test('a number, a birth date and a case id are told whatever they were copied from', () => {
  const forms = [
    '200\u2212004\u2212321',
    '200\u201100\u00ad4321',
    '\u202a200004\u200b321\u202c',
    '２００００４３２１',
    'a\u2060 200\ufeff004321',
  ];
  for (const form of forms) expect([form, search(form).terms]).toEqual([form, [['%200004321 %']]]);
  for (const day of ['2000\u201102\u201129', '2000\u221202\u200b-29', '29.02.２０００', '29-02-2000', '29\u201302\u20132000'])
    expect([day, search(day)]).toMatchObject([day, { terms: [], birthDates: ['2000-02-29'] }]);
  expect(search('febfa30d\u201045ff\u00ad\u20115e44').ids).toEqual(search('febfa30d-45ff-5e44').ids);
  expect(search('febfa30d-45ff-5e44').ids).not.toBeNull();
});

test('the planner tells a term that fits one of many people from one that fits many, and has no workers read ahead', async () => {
  await following.database.transaction(async tx => {
    await tx.query('CREATE SCHEMA many');
    await tx.query(`SELECT set_config('search_path', concat_ws(', ', 'many', 'public', ${EXTENSION_SCHEMAS}), true)`);
    await tx.query(caseloadProjection.tables);
    await tx.query(`INSERT INTO people (case_id, words, sounds)
      SELECT gen_random_uuid(), format(' person a2%s ', lpad(n::text, 8, '0')), '{}'
      FROM generate_series(0, 1000) AS n`);
    await tx.query('ANALYZE people');
    const { rows } = await tx.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
      "EXPLAIN (FORMAT JSON) SELECT FROM people WHERE words LIKE '%00000010 %'",
    );
    expect(rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows']).toBeLessThan(5);
    await tx.query('SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0');
    const alone = await tx.query('EXPLAIN SELECT FROM people JOIN cases USING (case_id)');
    expect(JSON.stringify(alone.rows)).not.toContain('Gather');
  });
});
