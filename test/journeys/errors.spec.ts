import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { dayOf } from '../../src/fields/time.js';
import { ROLES, type Role } from '../../src/http/roles.js';
import { startCaseledger, type Answer, type Caseledger, type Person, type SendOptions } from '../support/caseledger.js';
import { generated } from '../support/generated.js';
import { codesOf, done, faultsOf, MARK, refused, World, type Json } from '../support/world.js';

/* Whatever is sent, nothing is stored that was refused, and no answer and no line of the log says what was in it. */

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly 'x-roles': readonly Role[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: Schema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': { readonly schema: Schema; readonly examples?: { readonly example: { readonly value: Json } } };
    };
  };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const NOWHERE = '00000000-0000-4000-8000-000000000000';
/** Who may send what to a case, as the office has agreed it; a supervisor may do all that a caseworker may. */
const CASE_ROLES: Readonly<Record<string, readonly string[]>> = {
  'caseworker supervisor': [
    'record-protection-claim',
    'assign-case',
    'release-case',
    'record-representative',
    'record-consent',
    'correct-applicant',
    'dispute-age',
    'start-screening',
    'serve-notice',
    'record-fear-inquiry',
    'establish-exception',
    'assess-fear',
    'submit-determination',
    'withdraw-claim',
    'revoke-withdrawal',
  ],
  'caseworker supervisor liaison': [
    'record-vulnerability',
    'record-death',
    'record-evidence',
    'return-evidence',
    'attach-document',
    'add-note',
    'express-fear',
    'refer-to-programme',
    'place-hold',
    'record-disclosure',
  ],
  supervisor: [
    'hand-over-case',
    'decide-age',
    'mark-as-duplicate',
    'dismiss-duplicate',
    'confirm-determination',
    'return-determination',
    'refer-to-us-procedure',
    'release-hold',
    'answer-protection-alert',
    'retract-entry',
    'close-case',
    'reopen-case',
    'place-legal-hold',
    'release-legal-hold',
    'request-erasure',
    'erase-personal-data',
  ],
  liaison: [
    'request-transfer',
    'record-transfer-reply',
    'tell-destination',
    'clear-for-boarding',
    'record-departure',
    'confirm-arrival',
    'abort-transfer',
    'record-return',
    'record-asylum-intention',
    'record-asylum-application',
    'record-asylum-decision',
    'record-abandonment',
    'report-onward-departure',
    'record-whereabouts-unknown',
    'record-contact',
  ],
};
const OF_THE_SYSTEM = ['lapse-transfer-request', 'schedule-transfer', 'unschedule-transfer', 'record-follow-up-overdue'];
/** Protective facts are taken from any office. */
const FROM_ANYWHERE = ['record-death', 'record-vulnerability', 'record-evidence', 'add-note', 'express-fear', 'place-hold'];

let caseledger: Caseledger;
let world: World;
let document: Document;
let caseId: string;
let manifestId: string;
const lines: string[] = [];
const answers: Answer[] = [];
/** Asks, and does nothing. */
const SEARCH = '/v1/cases/search';
const people = new Map<string, Person>();

beforeAll(async () => {
  caseledger = await startCaseledger({ LOG_LEVEL: 'trace' }, line => void lines.push(line));
  world = await World.in(caseledger);
  caseId = await world.caseAt('accepted');
  ({ manifestId } = await world.draft([]));
  await world.host.calm();
  document = JSON.parse(done(await world.staff.worker.get('/openapi.json', { headers: { accept: '*/*' } }), 200).text) as Document;
  for (const office of ['ELP', 'LRD'])
    for (const role of ROLES) people.set(`${role} ${office}`, await caseledger.person(`${role}-${office.toLowerCase()}`, role, office));
});
afterAll(() => caseledger.stop());

const personOf = (role: Role, office = 'ELP'): Person => people.get(`${role} ${office}`) as Person;
/** What is stored, but for who read what. */
async function stored(): Promise<number> {
  await caseledger.settled();
  let count = 0;
  for await (const batch of caseledger.app.get(EventStore).readAll())
    count += batch.filter(({ stream }) => !stream.startsWith('access-')).length;
  return count;
}
async function storesNothing(work: () => Promise<unknown>): Promise<void> {
  const before = await stored();
  await work();
  expect(await stored()).toBe(before);
}
const kept = (answer: Answer): Answer => {
  answers.push(answer);
  return answer;
};
const post = async (by: Person, path: string, body: unknown = {}, options?: SendOptions): Promise<Answer> =>
  kept(await by.post(path, body, options));
const get = async (by: Person, path: string, options?: SendOptions): Promise<Answer> => kept(await by.get(path, options));

const operations = (method: 'get' | 'post'): { path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, item]) => {
    const operation = item[method];
    return operation?.['x-roles'] ? [{ path, operation }] : [];
  });
const pascalCase = (kebab: string): string => kebab.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
/** The address with ids of records that exist. */
const addressOf = (path: string): string =>
  path.replace(
    /\{(\w+)\}/g,
    (_, name: string) =>
      ({ country: 'GT', manifestId, sub: 'cw-ana', caseId, id: path.includes('/families/') ? NOWHERE : caseId })[name] ?? NOWHERE,
  );
const exampleOf = ({ requestBody }: Operation): Json => requestBody?.content['application/json'].examples?.example.value ?? {};
const resolved = (schema: Schema): Schema => {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return ref ? (document.components.schemas[ref.split('/').at(-1) ?? ''] ?? {}) : schema;
};

describe('the message itself', () => {
  it('no token, or none that holds: 401 before all else', () =>
    storesNothing(async () => {
      const { worker } = world.staff;
      for (const authorization of ['', 'Bearer ', `Bearer ${MARK}`, `Basic ${MARK}`]) {
        refused(await post(worker, 'cases', '{"broken', { headers: { authorization } }), 401, 'unauthenticated');
        refused(await get(worker, `/v1/cases/${MARK}`, { headers: { authorization } }), 401, 'unauthenticated');
      }
    }));

  it('too large, of another type, not acceptable, broken: in this order, and before the role', () =>
    storesNothing(async () => {
      const { auditor, worker } = world.staff;
      const note = `cases/${caseId}/add-note`;
      const large = JSON.stringify({ text: MARK.repeat((2 * 1024 * 1024) / MARK.length) });
      for (const by of [auditor, worker]) {
        refused(await post(by, note, large, { headers: { 'content-type': 'text/plain', accept: 'image/png' } }), 413, 'body-too-large');
        refused(await post(by, note, large), 413, 'body-too-large');
        refused(
          await post(by, note, `<note>${MARK}</note>`, { headers: { 'content-type': 'application/xml', accept: 'image/png' } }),
          415,
          'unsupported-media-type',
        );
        refused(await post(by, note, `{"text": "${MARK}`, { headers: { accept: 'image/png' } }), 406, 'not-acceptable');
        for (const broken of [
          `{"text": "${MARK}`,
          `${MARK}`,
          `{"text": "a\u0000${MARK}"}`,
          `\uFEFF{"text":"${MARK}"}`,
          `{"text": ${MARK}}`,
        ])
          refused(await post(by, note, broken), 400, 'malformed');
      }
      refused(await get(worker, `/v1/cases/${caseId}`, { headers: { accept: 'image/png' } }), 406, 'not-acceptable');
    }));

  it('the role comes before the fields, the fields before the record', () =>
    storesNothing(async () => {
      const { auditor, reporting, worker, workerElsewhere } = world.staff;
      refused(await post(auditor, 'cases', { nonsense: MARK }), 403, 'role-not-allowed');
      refused(await post(reporting, `cases/${NOWHERE}/add-note`, { nonsense: MARK }), 403, 'role-not-allowed');
      refused(await post(worker, `cases/${NOWHERE}/add-note`, { nonsense: MARK }), 400, 'validation-failed');
      refused(await post(worker, `cases/${NOWHERE}/add-note`, { text: MARK }), 404, 'not-found');
      refused(await post(workerElsewhere, `cases/${caseId}/start-screening`, { country: 'GT' }), 400, 'validation-failed');
    }));

  it('another office, a key used before, another revision, the rule: in this order', async () => {
    const { worker, workerElsewhere } = world.staff;
    const opened = await world.open();
    const key = randomUUID();
    await world.act(worker, opened, 'record-representative', { name: `${MARK} Lawyer`, contact: `${MARK} street` }, { key });
    await storesNothing(async () => {
      const start = { country: 'GT', language: 'es' };
      refused(await post(workerElsewhere, `cases/${opened}/start-screening`, start, { key, ifMatch: 40 }), 403, 'other-office');
      refused(await post(worker, `cases/${opened}/start-screening`, start, { key, ifMatch: 40 }), 422, 'idempotency-key-reused');
      refused(await post(worker, `cases/${opened}/start-screening`, start, { ifMatch: 40 }), 412, 'revision-mismatch');
      expect(codesOf(refused(await post(worker, `cases/${opened}/start-screening`, start, { ifMatch: 1 }), 409, 'not-assigned'))).toEqual([
        'not-assigned',
        'claim-not-recorded',
      ]);
      // The repeat itself gets its first answer, whatever revision it names.
      expect(
        (
          await post(
            worker,
            `cases/${opened}/record-representative`,
            { name: `${MARK} Lawyer`, contact: `${MARK} street` },
            { key, ifMatch: 40 },
          )
        ).body,
      ).toMatchObject({ revision: 1 });
    });
  });

  it('roles that may not be combined open nothing', () =>
    storesNothing(async () => {
      const both = await caseledger.person('both', ['caseworker', 'auditor']);
      refused(await get(both, `/v1/cases/${caseId}`), 403, 'role-not-allowed');
      refused(await post(both, `cases/${caseId}/add-note`, { text: MARK }), 403, 'role-not-allowed');
    }));
});

describe('fields', () => {
  it('the local day of an encounter may be one day ahead of UTC, as on Guam', async () => {
    const [today, tomorrow] = [world.now, world.in(24)].map(dayOf);
    const met = await world.open({ encounter: { at: world.now, day: tomorrow } });
    for (const day of [today, tomorrow])
      await world.act(world.staff.worker, met, 'correct-applicant', { encounter: { day }, reasonCode: 'clerical' });
    expect(await world.file(met)).toMatchObject({ encounter: { at: world.now, day: tomorrow } });
  });

  it('every fault of an opening at once, each with its pointer', () =>
    storesNothing(async () => {
      const { applicant, encounter, ...rest } = world.intake() as { applicant: Json; encounter: Json };
      const answer = refused(
        await post(world.staff.worker, 'cases', {
          ...rest,
          surprise: MARK,
          documents: `${MARK}`,
          caseId: `${MARK}`,
          occurredAt: world.in(1),
          applicant: {
            ...applicant,
            birthDate: '2001-02-30',
            nationalities: ['HN', `${MARK}`],
            languages: [`${MARK} `],
            accompaniedBy: `${MARK}`,
            alienNumber: `A12${MARK}`,
            nickname: MARK,
            givenNames: `${MARK}\u0000`,
          },
          encounter: { ...encounter, at: world.in(24), day: 'yesterday', manner: undefined, place: '' },
        }),
        400,
        'validation-failed',
      );
      expect(faultsOf(answer).sort()).toEqual([
        '/applicant/accompaniedBy invalid',
        '/applicant/alienNumber invalid',
        '/applicant/birthDate invalid',
        '/applicant/givenNames invalid',
        '/applicant/languages/0 invalid',
        '/applicant/nationalities/1 invalid',
        '/applicant/nickname unknown-field',
        '/caseId invalid',
        '/documents invalid',
        '/encounter/at in-the-future',
        '/encounter/day invalid',
        '/encounter/manner missing',
        '/encounter/place invalid',
        '/occurredAt in-the-future',
        '/surprise unknown-field',
      ]);
    }));

  it.each([
    ['U+0000', `${MARK}\u0000`],
    ['a lone surrogate', `${MARK}\ud800`],
    ['nothing', ''],
    ['too much', MARK.repeat(4_000)],
    ['a number', 7],
    ['a list', [MARK]],
    ['an object', { text: MARK }],
    ['null', null],
  ])('a note that is %s', (_, text) =>
    storesNothing(async () => {
      expect(faultsOf(refused(await post(world.staff.worker, `cases/${caseId}/add-note`, { text }), 400, 'validation-failed'))).toEqual([
        '/text invalid',
      ]);
    }),
  );

  it('an act happens when it is recorded; a report not in the future', () =>
    storesNothing(async () => {
      const { worker, liaison } = world.staff;
      expect(
        faultsOf(
          refused(await post(worker, `cases/${caseId}/add-note`, { text: MARK, occurredAt: world.in(-1) }), 400, 'validation-failed'),
        ),
      ).toEqual(['/occurredAt unknown-field']);
      expect(
        faultsOf(
          refused(
            await post(liaison, `cases/${caseId}/record-contact`, { sourceCode: 'family', occurredAt: world.in(0.01) }),
            400,
            'validation-failed',
          ),
        ),
      ).toEqual(['/occurredAt in-the-future']);
      for (const occurredAt of ['2020-01-12', '2020-01-12T10:00:00', '2020-01-12T10:00:00-06:00', '12/01/2020']) {
        expect(
          faultsOf(
            refused(await post(liaison, `cases/${caseId}/record-contact`, { sourceCode: 'family', occurredAt }), 400, 'validation-failed'),
          ),
        ).toEqual(['/occurredAt invalid']);
      }
      refused(await post(world.staff.admin, 'agreements/HN/sign', { on: '2020-02-30' }), 400, 'validation-failed');
      expect(
        faultsOf(refused(await post(world.staff.admin, 'agreements/HN/sign', { on: world.in(48).slice(0, 10) }), 400, 'validation-failed')),
      ).toEqual(['/on in-the-future']);
    }));

  it('headers and parameters', () =>
    storesNothing(async () => {
      const { worker } = world.staff;
      const note = `cases/${caseId}/add-note`;
      for (const headers of [
        { 'idempotency-key': MARK },
        { 'if-match': MARK },
        { 'if-match': 'W/"1"' },
        { 'x-correlation-id': `${MARK} ${MARK}` },
      ] as Record<string, string>[]) {
        refused(await post(worker, note, { text: MARK }, { headers }), 400, 'validation-failed');
      }
      for (const query of [
        `limit=${MARK}`,
        'limit=0',
        'limit=201',
        `status=${MARK}`,
        `cursor=${MARK}`,
        `sort=${MARK}`,
        `surprise=${MARK}`,
        'q=%00',
        `dueBefore=${MARK}`,
        `country=${MARK}`,
      ]) {
        refused(await get(worker, `/v1/cases?${query}`), 400, 'validation-failed');
      }
      refused(await get(worker, `/v1/cases/${caseId}`, { headers: { 'consistency-token': `(${MARK})` } }), 400, 'validation-failed');
    }));

  it('an exception ground that nobody knows is a fault of the field', () =>
    storesNothing(async () => {
      const body = { ground: 'no-such-ground', evidence: MARK };
      expect(
        faultsOf(refused(await post(world.staff.worker, `cases/${caseId}/establish-exception`, body), 400, 'validation-failed')),
      ).toEqual(['/ground invalid']);
      refused(
        await post(world.staff.worker, `cases/${caseId}/establish-exception`, { ...body, ground: 'public-interest' }),
        403,
        'role-not-allowed',
      );
    }));
});

describe('what is not there', () => {
  it('cases, manifests, agreements, addresses', () =>
    storesNothing(async () => {
      const { worker, liaison, admin, auditor, supervisor } = world.staff;
      refused(await get(worker, `/v1/cases/${NOWHERE}`), 404, 'not-found');
      refused(await get(worker, `/v1/cases/${NOWHERE}/timeline`), 404, 'not-found');
      refused(await get(auditor, `/v1/audit/cases/${NOWHERE}/events`), 404, 'not-found');
      refused(await get(liaison, `/v1/manifests/${NOWHERE}`), 404, 'not-found');
      refused(await post(liaison, `manifests/${NOWHERE}/open-boarding`), 404, 'not-found');
      for (const country of ['US', 'gt', MARK]) {
        refused(await get(worker, `/v1/agreements/${country}`), 404, 'not-found');
        refused(await get(liaison, `/v1/reception/${country}`), 404, 'not-found');
        refused(await post(admin, `agreements/${country}/sign`, { on: '2019-07-26' }), 404, 'not-found');
        refused(await post(admin, `reception/${country}/declare-capacity`, { week: '2020-W05', places: 1 }), 404, 'not-found');
      }
      for (const path of ['/v1/nothing-here', `/v1/${MARK}`, '/v1/cases/', '/V1/cases']) expect((await get(worker, path)).status).toBe(404);
      refused(await post(worker, `cases/${caseId}/${MARK.toLowerCase()}`, { text: MARK }), 404, 'not-found');
      refused(await post(worker, `cases/${caseId}/AddNote`, { text: MARK }), 404, 'not-found');
      refused(await post(supervisor, `cases/${caseId}/release-hold`, { holdId: NOWHERE }), 404, 'not-found');
      refused(await post(liaison, `cases/${caseId}/return-evidence`, { evidenceId: NOWHERE }), 404, 'not-found');
      refused(await get(auditor, `/v1/audit/cases/${caseId}/state?revision=4000`), 404, 'not-found');
    }));

  it('commands of the system have no address, for nobody', () =>
    storesNothing(async () => {
      for (const command of OF_THE_SYSTEM)
        for (const role of ROLES)
          refused(await post(personOf(role), `cases/${caseId}/${command}`, { requestId: NOWHERE, manifestId }), 404, 'not-found');
      for (const command of ['reserve-place', 'release-place'])
        refused(await post(world.staff.admin, `reception/GT/${command}`, { caseId, week: '2020-W05', manifestId }), 404, 'not-found');
      expect(Object.keys(document.paths).filter(path => OF_THE_SYSTEM.some(command => path.endsWith(command)))).toEqual([]);
    }));

  it.each(['no-uuid', MARK, '1', `${NOWHERE}0`, '%00', '..%2f..', 'a'.repeat(3_000)])('an id that is no UUID: %#', id =>
    storesNothing(async () => {
      const { worker, liaison, auditor } = world.staff;
      for (const [by, path] of [
        [worker, `/v1/cases/${id}`],
        [worker, `/v1/cases/${id}/allowed-commands`],
        [auditor, `/v1/audit/cases/${id}/state`],
        [liaison, `/v1/manifests/${id}`],
      ] as const) {
        refused(await get(by, path), 400, 'validation-failed');
      }
      refused(await post(worker, `cases/${id}/add-note`, { text: MARK }), 400, 'validation-failed');
      refused(await post(liaison, `manifests/${id}/open-boarding`), 400, 'validation-failed');
    }),
  );
});

describe('who may do what', () => {
  it('every command × every role, before anything else of it is looked at', () =>
    storesNothing(async () => {
      const commands = operations('post');
      expect(commands.length).toBeGreaterThan(60);
      const differences: string[] = [];
      await eachOf(commands, async ({ path, operation }) => {
        for (const role of ROLES)
          for (const office of ['ELP', 'LRD']) {
            const { status, body } = await personOf(role, office).post(addressOf(path).slice('/v1/'.length), { 'not-a-field': 1 });
            const expected = operation['x-roles'].includes(role) ? '400 validation-failed' : '403 role-not-allowed';
            if (`${status} ${String(body['code'])}` !== expected)
              differences.push(`${path} ${role} ${office}: ${status} ${String(body['code'])}, not ${expected}`);
          }
      });
      expect(differences).toEqual([]);
    }));

  it('the commands of a case are for those whose work they are', () => {
    const documented = operations('post').filter(({ path }) => path.startsWith('/v1/cases/') && path !== SEARCH);
    expect(documented.length).toBeGreaterThan(40);
    for (const { path, operation } of documented) {
      const command = path.split('/').at(-1) ?? '';
      const [roles] = Object.entries(CASE_ROLES).find(([, commands]) => commands.includes(command)) ?? ['nobody'];
      expect(`${command}: ${[...operation['x-roles']].sort().join(' ')}`).toBe(`${command}: ${roles.split(' ').sort().join(' ')}`);
    }
    for (const { path, operation } of operations('post').filter(item => /^\/v1\/(agreements|reception)\//.test(item.path)))
      expect([path, operation['x-roles']]).toEqual([path, ['admin']]);
    for (const { path, operation } of operations('post').filter(item => item.path.startsWith('/v1/manifests')))
      expect([path, operation['x-roles']]).toEqual([path, [path.endsWith('/approve') ? 'supervisor' : 'liaison']]);
  });

  it('every command on a case of another office: only protective facts, and the work of liaisons', async () => {
    const opened = await world.open();
    const differences: string[] = [];
    for (const { path, operation } of operations('post').filter(item => item.path.startsWith('/v1/cases/{caseId}/'))) {
      const command = path.split('/').at(-1) ?? '';
      for (const role of operation['x-roles']) {
        const { status, body } = await personOf(role, 'LRD').post(`cases/${opened}/${command}`, exampleOf(operation));
        const closed = status === 403 && body['code'] === 'other-office';
        if (closed === (role === 'liaison' || FROM_ANYWHERE.includes(command)))
          differences.push(`${command} ${role}: ${status} ${String(body['code'])}`);
        if (status === 400 || status >= 500) differences.push(`${command} ${role}, its own example: ${status} ${JSON.stringify(body)}`);
      }
    }
    expect(differences).toEqual([]);
  });

  it('every query × every role, of the own and of another office', () =>
    storesNothing(async () => {
      const differences: string[] = [];
      await eachOf(operations('get'), async ({ path, operation }) => {
        const query = (operation.parameters ?? [])
          .filter(parameter => parameter.in === 'query' && parameter.required)
          .map(({ name, schema }) => `${name}=${schema?.format === 'date' ? '2020-01-13' : name === 'to' ? 1 : (schema?.minimum ?? 0)}`)
          .join('&');
        const ofOneCase = path.startsWith('/v1/cases/{caseId}');
        for (const role of ROLES)
          for (const office of ['ELP', 'LRD']) {
            const { status, body, text } = await personOf(role, office).get(`${addressOf(path)}${query && `?${query}`}`);
            const found = status < 300 ? 'shown' : `${status} ${String(body['code'])}`;
            const closed = office === 'LRD' && ofOneCase && (role === 'caseworker' || role === 'supervisor');
            const fits = !operation['x-roles'].includes(role)
              ? found === '403 role-not-allowed'
              : closed
                ? found === '403 other-office'
                : found === 'shown' ||
                  (addressOf(path).includes(NOWHERE) && status === 404) ||
                  (ofOneCase ? false : status === 403 && body['code'] === 'other-office');
            if (!fits) differences.push(`${path} ${role} ${office}: ${found} ${text.slice(0, 200)}`);
            if (role === 'reporting' && text.includes(MARK)) differences.push(`${path} shows a person to the reporting role`);
          }
      });
      expect(differences).toEqual([]);
      for (const { path, operation } of operations('get')) {
        expect([path, operation['x-roles'].includes('auditor')]).toEqual([path, true]);
        if (/^\/v1\/(cases|manifests|deadlines|families)/.test(path))
          expect([path, operation['x-roles'].includes('reporting') || operation['x-roles'].includes('admin')]).toEqual([path, false]);
        if (path.startsWith('/v1/audit')) expect([path, operation['x-roles']]).toEqual([path, ['auditor']]);
        if (path.startsWith('/v1/reports')) expect([path, [...operation['x-roles']].sort()]).toEqual([path, ['auditor', 'reporting']]);
      }
    }));

  it('a caseworker lists the own office, whatever office is asked for', async () => {
    const { rows } = await world.read<{ rows: unknown[] }>(world.staff.workerElsewhere, '/v1/cases?office=ELP');
    expect(rows).toEqual([]);
    expect((await world.read<{ rows: unknown[] }>(world.staff.worker, '/v1/cases?office=ELP')).rows.length).toBeGreaterThan(0);
  });
});

/** As the document says them; nothing where it is taken in all. */
const statusesOf = (command: string): string | undefined => {
  const { in: statuses = 'always' } = caseUseCases.decider.useCase(command) ?? {};
  return statuses === 'always' ? undefined : statuses.join(', ');
};

describe('the document', () => {
  it('says of every command of a case in which statuses it is taken, as the rules do', () => {
    const said = operations('post')
      .filter(({ path }) => path.startsWith('/v1/cases/{caseId}/'))
      .map(({ path, operation }) => [path.slice(path.lastIndexOf('/') + 1), /Taken in: (.*)\.$/.exec(operation.description)?.[1]]);
    expect(said.length).toBeGreaterThan(45);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(said.map(([name]) => [name, statusesOf(pascalCase(name ?? ''))])));
  });

  it('is told by generated bodies that it does not allow: each is a 400, with a pointer', () =>
    storesNothing(async () => {
      const bad = operations('post')
        .filter(({ operation }) => operation.requestBody)
        .flatMap(({ path, operation }, index) =>
          fc.sample(
            fc.record({
              path: fc.constant(addressOf(path)),
              role: fc.constantFrom(...operation['x-roles']),
              body: spoilt(exampleOf(operation), operation.requestBody?.content['application/json'].schema ?? {}),
            }),
            { numRuns: generated.bodies, seed: 20_200_113 + index },
          ),
        );
      const differences: string[] = [];
      await eachOf(bad, async ({ path, role, body }) => {
        const answer = await post(personOf(role), path.slice('/v1/'.length), JSON.stringify(body));
        const fits =
          answer.status === 400 &&
          answer.body['code'] === 'validation-failed' &&
          faultsOf(answer).every(fault => /^(\/\S*)? (invalid|missing|unknown-field|in-the-future)$/.test(fault));
        if (!fits || /node_modules|at .*\.[jt]s:\d/.test(answer.text))
          differences.push(`${path} ${JSON.stringify(body).slice(0, 500)}: ${answer.status} ${answer.text.slice(0, 500)}`);
      });
      expect(differences).toEqual([]);
    }));

  it('is told by generated parameters: whatever stands in an address, no answer is a fault of ours', () =>
    storesNothing(async () => {
      const parameters = operations('get').flatMap(({ path, operation }) =>
        (operation.parameters ?? [])
          .filter(parameter => parameter.in === 'query')
          .map(({ name }) => ({ path, name, role: operation['x-roles'][0] as Role })),
      );
      const value = fc.oneof(
        fc.string(),
        fc.constantFrom('', '\u0000', '-1', '1e99', 'null', '[]', '{"a":1}', '2020-02-30', "'; --", '%', 'x'.repeat(3_000)),
        fc.string({ unit: 'binary' }),
      );
      const requests = fc.sample(fc.record({ parameter: fc.constantFrom(...parameters), sent: value }), {
        numRuns: generated.parameters,
        seed: 20_200_114,
      });
      const differences: string[] = [];
      await eachOf(requests, async ({ parameter: { path, name, role }, sent }) => {
        const { status } = await get(personOf(role), `${addressOf(path)}?${new URLSearchParams({ [name]: sent })}`);
        if (status >= 500) differences.push(`${path}?${name}=${JSON.stringify(sent)}: ${status}`);
      });
      expect(differences).toEqual([]);
    }));
});

/** Several at a time. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await work(next);
    }),
  );
}

const anyJson = fc.jsonValue();

/** The example with one thing about it that the schema does not allow. */
function spoilt(example: Json, schema: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = resolved(schema);
  const surprise = fc
    .record({ name: fc.stringMatching(/^[a-z]{3,12}-x$/), value: fc.oneof(anyJson, fc.constant(MARK)) })
    .map(({ name, value }) => ({ ...example, [name]: value }));
  const whole = fc.constantFrom<unknown[]>([], [example], MARK, 7, true, null);
  const fields = Object.entries(properties).map(([name, field]) => {
    const inner = resolved(field);
    if (inner.properties) return spoilt((example[name] ?? {}) as Json, inner).map(value => ({ ...example, [name]: value }));
    return misfit(inner).map(value => ({ ...example, [name]: value }));
  });
  const lacking = required.map(name => fc.constant(Object.fromEntries(Object.entries(example).filter(([field]) => field !== name))));
  return fc.oneof(
    { weight: 1, arbitrary: surprise },
    { weight: 1, arbitrary: whole },
    ...[...fields, ...lacking].map(arbitrary => ({ weight: 1, arbitrary })),
  );
}

/** Made once: to make strings of all that there is takes the generator longer than to ask for one. */
const anyText = fc.string({ unit: 'binary', maxLength: 50 });

/** What this field does not take. */
function misfit({ type, enum: values, format, pattern, maxLength, maximum, maxItems, items }: Schema): fc.Arbitrary<unknown> {
  const marked = anyText.map(text => `${text}${MARK}`);
  switch (type) {
    case 'integer':
      return fc.oneof(marked, fc.constantFrom(null, true, [], {}, -1, 0.5, (maximum ?? 1e15) + 1));
    case 'boolean':
      return fc.oneof(marked, fc.constantFrom(null, 0, 1, 'true', [], {}));
    case 'array':
      return fc.oneof(
        marked,
        fc.constantFrom(null, 7, {}),
        misfit(items ?? {}).map(part => [part]),
        fc.constant(Array.from({ length: (maxItems ?? 1_000) + 1 }, () => MARK)),
      );
    case 'string': {
      const never = fc.constantFrom<unknown[]>(
        null,
        7,
        true,
        [],
        {},
        '',
        [MARK],
        { a: MARK },
        `${MARK}\u0000`,
        `\ud800${MARK}`,
        'x'.repeat((maxLength ?? 20_000) + 1),
      );
      return values || format || pattern
        ? fc.oneof(
            never,
            marked.map(text => `${text} `),
          )
        : never;
    }
    default:
      // A pointer says how a field is called that is not known: the mark is what stands in it.
      return fc.constant({ nonsense: MARK });
  }
}

it('in the end no answer, no line of the log and no metric says what was sent', async () => {
  const { auditor, worker } = world.staff;
  done(await auditor.get(`/v1/cases/${caseId}`, { purpose: `${MARK} inspection` }));
  done(await worker.get(`/v1/cases?q=${MARK}`));
  expect(answers.length).toBeGreaterThan(500);
  // But for the rows of a search, which are there to show people.
  const told = answers.filter(({ status, text }) => text.includes(MARK) && !(status === 200 && text.startsWith('{"rows":')));
  expect(told.map(({ status, text }) => `${status} ${text.slice(0, 300)}`)).toEqual([]);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  expect(lines.length).toBeGreaterThan(answers.length);
  expect(lines.filter(line => line.toLowerCase().includes(MARK.toLowerCase())).slice(0, 5)).toEqual([]);
  expect(lines.filter(line => /eyJ[\w-]+\./.test(line)).slice(0, 5)).toEqual([]);
  const metrics = done(await worker.get('/metrics', { headers: { accept: '*/*', authorization: '' } })).text;
  expect(metrics).toContain('http_refusals_total{code="validation-failed"}');
  for (const word of [MARK, caseId, manifestId, 'cw-ana']) expect(metrics.toLowerCase()).not.toContain(word.toLowerCase());
});
