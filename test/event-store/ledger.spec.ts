import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Type } from '@nestjs/common';
import * as agreements from '../../src/agreements/agreement.commands.js';
import { agreementUseCases } from '../../src/agreements/agreement.use-cases.js';
import { caseUseCases, OpenCaseHandler } from '../../src/cases/case.use-cases.js';
import { ErasePersonalData, PlaceLegalHold, RequestErasure } from '../../src/cases/erasure.commands.js';
import { DisputeAge } from '../../src/cases/applicant.commands.js';
import * as intake from '../../src/cases/intake.commands.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { RecentOpenings } from '../../src/cases/recent-openings.js';
import * as screening from '../../src/cases/screening.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import { Database } from '../../src/database/database.js';
import { Act, type Receipt } from '../../src/event-store/act.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import { commandHash } from '../../src/event-store/command-identity.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import { StoreUnavailable, type Actor, type StoredEvent } from '../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { Erasing } from '../../src/event-store/erasing.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { Network } from '../personal-data/network.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { person } from '../support/given.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/* Commands of a case, decided and stored for good. All people are invented; MARK stands in every personal value. */

const MARK = 'Zquill';
const ana = person('cw-ana', 'caseworker');
const dina = person('sup-dina', 'supervisor');
const emil = person('sup-emil', 'supervisor');
const gus = person('li-gus', 'liaison');
const carla = person('cw-carla', 'caseworker', 'LRD');
const fay = person('sup-fay', 'supervisor', 'LRD');
const admin = person('adm-hal', 'admin');
const NOW = '2020-01-13T15:00:00Z';
const masterKey = randomBytes(32);

const opening = {
  applicant: {
    givenNames: MARK,
    familyName: `${MARK}-0001`,
    birthDate: '1990-05-17',
    alienNumber: 'A200000001',
    nationalities: ['HN'],
    languages: ['es'],
    accompaniedBy: 'none',
  },
  encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'port-of-entry' },
  documents: 'none',
};
const note = { text: `${MARK} asked for an interpreter` };

interface How {
  readonly by?: Actor;
  readonly key?: string;
  readonly ifMatch?: number;
  readonly correlationId?: string;
}

type Service = Awaited<ReturnType<typeof service>>;

/** One process of the service, as far as commands go. */
async function service(url: string, eventStoreUrl?: string) {
  const database = Database.open({ url, applicationName: 'spec-ledger', max: 4 });
  const store = eventStoreUrl ? await openEventStoreDb(eventStoreUrl) : new PostgresEventStore(database, { limits: { deadlineMs: 2_000 } });
  const keys = new DataKeys(database, masterKey, { pool: 16 });
  await keys.start();
  const ledger = new Ledger(store, keys, new PersonalData(keys));
  const queries = { execute: async () => [] };
  const handlers = new Map(
    [...caseUseCases.handlers, ...agreementUseCases.handlers].map(handler => {
      const made =
        handler === OpenCaseHandler
          ? new OpenCaseHandler(ledger, queries as never, new RecentOpenings())
          : new (handler as Type)(ledger, new Erasing(store, keys));
      return [handler.name, made as { execute(act: Act): Promise<Receipt> }];
    }),
  );

  const send = async (
    command: Type,
    streamId: string,
    body: object,
    { by = ana, key = randomUUID(), ifMatch, correlationId = randomUUID() }: How = {},
  ): Promise<Receipt> => {
    const context = { actor: by, commandId: key, correlationId, causationId: key, ifMatch, now: NOW };
    const act = Object.assign(new command() as Act, structuredClone(body), { streamId, context });
    const handler = handlers.get(`${command.name}Handler`);
    if (!handler) throw new Error(`nothing handles ${command.name}`);
    return handler.execute(act);
  };

  const history = async (caseId: string): Promise<StoredEvent[]> => {
    const events: StoredEvent[] = [];
    for await (const batch of store.readStream(`case-${caseId}`)) events.push(...batch);
    return events;
  };

  return {
    database,
    store,
    keys,
    ledger,
    send,
    history,
    personalOf: (events: readonly StoredEvent[]) => new PersonalData(keys).openAll(events),
    open: async (how?: How): Promise<string> => {
      const caseId = randomUUID();
      await send(intake.OpenCase, caseId, opening, how);
      return caseId;
    },
    stop: async () => {
      await store.close();
      await keys.close();
      await database.close();
    },
  };
}

/** The code of the refusal. */
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    receipt => `not refused: ${JSON.stringify(receipt)}`,
    (error: unknown) => {
      if (error instanceof DomainError) return error.code;
      throw error;
    },
  );

let postgres: TestDatabase;
let one: Service;
let other: Service;

beforeAll(async () => {
  postgres = await startTestDatabase();
  await start();
});

/** Two processes over one store, and an agreement in force. */
async function start(eventStoreUrl?: string): Promise<void> {
  one = await service(postgres.url, eventStoreUrl);
  other = await service(postgres.url, eventStoreUrl);
  const by = admin;
  await one.send(agreements.Sign, 'GT', { on: '2019-07-26' }, { by });
  await one.send(
    agreements.PublishRules,
    'GT',
    { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H'] },
    { by },
  );
  await one.send(agreements.AgreeImplementationPlan, 'GT', { on: '2019-11-14' }, { by });
  await one.send(agreements.BringIntoForce, 'GT', { from: '2019-11-15' }, { by });
}

async function stop(): Promise<void> {
  await one.stop();
  await other.stop();
}

afterAll(async () => {
  await stop();
  await postgres.stop();
});

/** Opened, claimed and given to Ana. */
async function assigned(): Promise<string> {
  const caseId = await one.open();
  await one.send(intake.RecordProtectionClaim, caseId, { protection: 'asylum' });
  await one.send(intake.AssignCase, caseId, { caseworkerId: ana.id });
  return caseId;
}

describe.each([
  { store: 'PostgreSQL' },
  // It answers a repeat as it answered the first: two sends in step are both told that theirs is stored.
  { store: 'EventStoreDB', standsIn: true },
])('a command that is sent again, over $store', ({ standsIn }) => {
  let eventStoreUrl: string | undefined;
  let end = async (): Promise<void> => undefined;
  beforeAll(async () => {
    if (!standsIn) return;
    const server = await StandIn.start();
    const ofPostgres = [one, other];
    eventStoreUrl = `esdb://${server.address}?tls=false`;
    await start(eventStoreUrl);
    end = async () => {
      await stop();
      await server.kill();
      [one, other] = ofPostgres as [Service, Service];
    };
  });
  afterAll(() => end());

  test('gets the first receipt, with the first correlation id', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const first = await one.send(intake.AddNote, caseId, note, { key });
    expect(await one.send(intake.AddNote, caseId, note, { key })).toEqual(first);
    expect((await one.history(caseId)).map(({ type }) => type)).toEqual(['CaseOpened', 'NoteAdded']);
    expect((await one.history(caseId))[1]).toMatchObject({
      id: first.events[0]?.id,
      metadata: { commandId: key, correlationId: first.correlationId },
    });
  });

  test('gets it after a restart too, an opening included', async () => {
    const caseId = randomUUID();
    const [openingKey, noteKey] = [randomUUID(), randomUUID()];
    const opened = await one.send(intake.OpenCase, caseId, opening, { key: openingKey });
    const noted = await one.send(intake.AddNote, caseId, note, { key: noteKey });
    for (const how of [{}, { ifMatch: 99 }]) {
      const restarted = await service(postgres.url, eventStoreUrl);
      try {
        expect(await restarted.send(intake.OpenCase, caseId, opening, { key: openingKey, ...how })).toEqual(opened);
        expect(await restarted.send(intake.AddNote, caseId, note, { key: noteKey, ...how })).toEqual(noted);
      } finally {
        await restarted.stop();
      }
    }
    expect(opened).toMatchObject({ revision: 0, shown: { possibleDuplicates: expect.any(Array) } });
  });

  test('with another body, or by another person, is refused', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    await one.send(intake.AddNote, caseId, note, { key });
    for (const process of [one, other]) {
      expect(await refusalOf(process.send(intake.AddNote, caseId, { text: `${MARK} else` }, { key }))).toBe('idempotency-key-reused');
      expect(await refusalOf(process.send(intake.AddNote, caseId, note, { key, by: gus }))).toBe('idempotency-key-reused');
      expect(await refusalOf(process.send(DisputeAge, caseId, { basis: 'b' }, { key }))).toBe('idempotency-key-reused');
    }
  });

  test('names a command within its stream alone', async () => {
    const [a, b] = [await one.open(), await one.open()];
    const key = randomUUID();
    await one.send(intake.AddNote, a, note, { key });
    expect((await one.send(intake.AddNote, b, { text: 'else' }, { key })).events).toHaveLength(1);
  });

  test('eight times at once, through two processes, is stored once', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? one : other).send(intake.AddNote, caseId, note, { key })),
    );
    for (const receipt of receipts) expect(receipt).toEqual(receipts[0]);
    expect(await one.history(caseId)).toHaveLength(2);
  });

  test('an opening eight times at once, through two processes, makes one case', async () => {
    const [caseId, key] = [randomUUID(), randomUUID()];
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? one : other).send(intake.OpenCase, caseId, opening, { key })),
    );
    for (const receipt of receipts) expect(receipt).toEqual(receipts[0]);
    expect(await other.history(caseId)).toHaveLength(1);
  });

  test('is not refused where the first send is stored only while it is being decided', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const context = { actor: ana, commandId: key, correlationId: randomUUID(), causationId: key, now: NOW };
    const act = Object.assign(new intake.AddNote(), structuredClone(note), { streamId: caseId, context });
    const decision = caseUseCases.decider.decision(act);
    let first: Receipt | undefined;
    const again = await one.ledger.decide(act, {
      ...decision,
      rule: async () => {
        first = await other.send(intake.AddNote, caseId, note, { key });
        throw new DomainError('hold-standing', 'What is relied on has changed meanwhile.');
      },
    });
    expect(again).toEqual(first);
    expect(await one.history(caseId)).toHaveLength(2);
  });

  test('with several events has all of them in its receipt', async () => {
    const caseId = await assigned();
    await one.send(screening.StartScreening, caseId, { country: 'GT', language: 'es' });
    const key = randomUUID();
    const asked = { fearsPartnerCountry: true, language: 'es', account: MARK };
    const first = await one.send(screening.RecordFearInquiry, caseId, asked, { key });
    expect(first.events.map(({ type }) => type)).toEqual(['FearInquiryMade', 'FearExpressed']);
    expect(await other.send(screening.RecordFearInquiry, caseId, asked, { key })).toEqual(first);
  });
});

describe('what stored nothing is not remembered', () => {
  test('a refusal is decided again', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const start = (): Promise<Receipt> => one.send(screening.StartScreening, caseId, { country: 'GT', language: 'es' }, { key });
    expect(await refusalOf(start())).toBe('not-assigned');
    expect(await one.history(caseId)).toHaveLength(1);
    await one.send(intake.RecordProtectionClaim, caseId, { protection: 'asylum' });
    await one.send(intake.AssignCase, caseId, { caseworkerId: ana.id });
    expect((await start()).events).toMatchObject([{ type: 'ScreeningStarted', revision: 3 }]);
  });

  test('nothing to do answers with the revision as it is, and leaves the key free', async () => {
    const caseId = await assigned();
    const key = randomUUID();
    expect(await one.send(intake.AssignCase, caseId, { caseworkerId: ana.id }, { key })).toMatchObject({ revision: 2, events: [] });
    expect(await one.history(caseId)).toHaveLength(3);
    expect(await one.send(intake.AssignCase, caseId, { caseworkerId: 'cw-beto' }, { key })).toMatchObject({
      revision: 3,
      events: [{ type: 'CaseAssigned' }],
    });
  });

  test('a refused attempt that is kept is answered again from its event', async () => {
    const caseId = await one.open();
    const [boarding, withdrawal] = [randomUUID(), randomUUID()];
    const clear = (process: Service): Promise<Receipt> =>
      process.send(transfer.ClearForBoarding, caseId, { manifestId: boarding }, { by: gus, key: boarding });
    const withdraw = (process: Service): Promise<Receipt> =>
      process.send(transfer.WithdrawClaim, caseId, { voluntary: false, language: 'en' }, { key: withdrawal });
    const [blocked, refused] = [await clear(one), await withdraw(one)];
    expect(blocked).toMatchObject({
      events: [{ type: 'DepartureBlocked', revision: 1 }],
      refused: [
        { code: 'agreement-not-in-force' },
        { code: 'determination-not-confirmed' },
        ...Array.from({ length: 4 }, () => expect.anything()),
      ],
    });
    expect(refused).toMatchObject({
      events: [{ type: 'WithdrawalRefused' }],
      refused: [{ code: 'language-not-understood' }, { code: 'withdrawal-not-voluntary' }],
    });
    // By now the status would take neither.
    await one.send(screening.ReferToUsProcedure, caseId, { ground: 'other' }, { by: dina });
    await one.send(intake.CloseCase, caseId, { reasonCode: 'ended' }, { by: dina });
    for (const process of [one, other]) {
      expect(await clear(process)).toEqual(blocked);
      expect(await withdraw(process)).toEqual(refused);
    }
    expect(await one.history(caseId)).toHaveLength(5);
  });
});

describe('what is asked first', () => {
  test('a repeat before the office: a hand-over sent twice', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const handOver = (): Promise<Receipt> =>
      one.send(intake.HandOverCase, caseId, { toOffice: 'LRD', reasonCode: 'moved' }, { by: dina, key });
    const first = await handOver();
    expect(await handOver()).toEqual(first);
    // Another command under that key: the office comes first.
    expect(await refusalOf(one.send(intake.AssignCase, caseId, { caseworkerId: 'cw-ana' }, { by: dina, key }))).toBe('other-office');
  });

  test('the office before the revision and the rule', async () => {
    const caseId = await one.open();
    expect(await refusalOf(one.send(intake.ReopenCase, caseId, { reasonCode: 'r' }, { by: fay, ifMatch: 7 }))).toBe('other-office');
  });

  test('a key used before, then the revision, then the rule', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    await one.send(intake.AddNote, caseId, note, { by: dina, key });
    const reopen = (how: How): Promise<string> => refusalOf(one.send(intake.ReopenCase, caseId, { reasonCode: 'r' }, { by: dina, ...how }));
    expect(await reopen({ key, ifMatch: 0 })).toBe('idempotency-key-reused');
    expect(await reopen({ ifMatch: 0 })).toBe('revision-mismatch');
    expect(await reopen({ ifMatch: 1 })).toBe('wrong-status');
    expect(await one.history(caseId)).toHaveLength(2);
  });

  test('a case that does not exist, an id that is in use', async () => {
    expect(await refusalOf(one.send(intake.AddNote, randomUUID(), note))).toBe('not-found');
    const caseId = await one.open();
    for (const process of [one, other]) expect(await refusalOf(process.send(intake.OpenCase, caseId, opening))).toBe('already-exists');
    expect(await one.history(caseId)).toHaveLength(1);
  });

  test('another office: only protective facts, and what is done as a liaison', async () => {
    const caseId = await one.open();
    expect(await refusalOf(one.send(intake.AssignCase, caseId, { caseworkerId: 'x' }, { by: carla }))).toBe('other-office');
    const disclosure = { recipient: 'court', categories: ['identity'], basis: 'court-order' };
    expect(await refusalOf(one.send(intake.RecordDisclosure, caseId, disclosure, { by: carla }))).toBe('other-office');
    expect((await one.send(intake.RecordDisclosure, caseId, disclosure, { by: { ...gus, office: 'LRD' } })).events).toHaveLength(1);
    for (const [command, body] of [
      [intake.AddNote, note],
      [intake.RecordVulnerability, { kind: 'pregnancy' }],
      [intake.RecordEvidence, { evidenceId: randomUUID(), description: MARK }],
      [screening.ExpressFear, { country: 'GT' }],
      [transfer.PlaceHold, { kind: 'medical' }],
    ] as const)
      expect((await one.send(command, caseId, body, { by: carla })).events).toHaveLength(1);
  });
});

describe('who bears the name of the system without being it', () => {
  const impostor = { ...SYSTEM, roles: ['system', 'supervisor'], office: 'LRD' };

  test('is of another office, and is told what a person is told', async () => {
    const caseId = await one.open();
    expect(await refusalOf(one.send(intake.AssignCase, caseId, { caseworkerId: 'x' }, { by: impostor }))).toBe('other-office');
    const ofOurs = { ...impostor, office: 'ELP' };
    expect(await refusalOf(one.send(intake.ReopenCase, caseId, { reasonCode: 'r' }, { by: ofOurs }))).toBe('wrong-status');
    expect((await one.send(intake.ReopenCase, caseId, { reasonCode: 'r' }, { by: SYSTEM })).events).toEqual([]);
  });
});

describe('If-Match', () => {
  test('holds at that revision only, and a repeat is answered before it is looked at', async () => {
    const caseId = await one.open();
    const key = randomUUID();
    const first = await one.send(intake.AddNote, caseId, note, { key, ifMatch: 0 });
    expect(first.revision).toBe(1);
    expect(await one.send(intake.AddNote, caseId, note, { key, ifMatch: 0 })).toEqual(first);
    expect(await refusalOf(one.send(intake.AddNote, caseId, note, { ifMatch: 0 }))).toBe('revision-mismatch');
    expect(await refusalOf(one.send(intake.AddNote, caseId, note, { ifMatch: 2 }))).toBe('revision-mismatch');
  });

  test('of two processes that hold the same revision, one wins', async () => {
    const caseId = await one.open();
    const outcomes = await Promise.all(
      [one, other].map(process =>
        process.send(intake.AddNote, caseId, note, { ifMatch: 0 }).then(
          () => 'stored',
          (error: DomainError) => error.code,
        ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['revision-mismatch', 'stored']);
    expect(await one.history(caseId)).toHaveLength(2);
  });
});

test('a hundred unrelated notes from two processes all find their place', async () => {
  const caseId = await one.open();
  const receipts = await Promise.all(
    Array.from({ length: 100 }, (_, n) => (n % 2 ? one : other).send(intake.AddNote, caseId, { text: `note ${n}` })),
  );
  expect(receipts.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  const { state } = await one.ledger.read(caseStream, caseId);
  expect(new Set(state.notes.map(({ text }) => text)).size).toBe(100);
});

describe('what an event says beside its facts', () => {
  test('who, when, under which rules, and what the rule relied on', async () => {
    const caseId = await assigned();
    await one.send(screening.StartScreening, caseId, { country: 'GT', language: 'es' });
    const events = await one.history(caseId);
    expect(events.at(-1)).toMatchObject({
      type: 'ScreeningStarted',
      schemaVersion: 1,
      metadata: { actor: ana, occurredAt: NOW, recordedAt: NOW, ruleSet: { country: 'GT', version: 1 }, basedOn: { 'agreement-GT': 3 } },
    });
    expect(events.slice(0, 3).map(({ metadata }) => metadata.ruleSet)).toEqual([undefined, undefined, undefined]);
    expect(events[2]?.metadata.basedOn).toBeUndefined();
  });

  test('the gate relied on agreement, flight and place; transfer events name the rules', async () => {
    const caseId = await assigned();
    await one.send(screening.StartScreening, caseId, { country: 'GT', language: 'es' });
    await one.send(screening.ServeNotice, caseId, { notice: 'n', language: 'es', readBack: true });
    await one.send(screening.RecordFearInquiry, caseId, { fearsPartnerCountry: false, language: 'es' });
    await one.send(screening.SubmitDetermination, caseId, { outcome: 'amenable', reasons: MARK });
    const { determinationId } = (await one.history(caseId))[6]?.data ?? {};
    await one.send(screening.ConfirmDetermination, caseId, { determinationId }, { by: dina });
    await one.send(transfer.RequestTransfer, caseId, { country: 'GT' }, { by: gus });
    await one.send(transfer.RecordTransferReply, caseId, { reply: 'accepted', reference: MARK }, { by: gus });
    const manifestId = randomUUID();
    await one.send(
      transfer.ScheduleTransfer,
      caseId,
      { manifestId, placeWeek: '2020-W04', departsAt: '2020-01-22T15:00:00Z' },
      { by: SYSTEM },
    );
    const blocked = await one.send(transfer.ClearForBoarding, caseId, { manifestId }, { by: gus });
    expect(blocked.refused?.map(({ code }) => code)).toEqual(['place-not-reserved', 'manifest-not-approved', 'destination-not-told']);
    const events = await one.history(caseId);
    expect(events.at(-1)?.metadata.basedOn).toEqual({ 'agreement-GT': 3, [`manifest-${manifestId}`]: -1, 'reception-GT': -1 });
    for (const event of events.slice(3)) expect([event.type, event.metadata.ruleSet]).toEqual([event.type, { country: 'GT', version: 1 }]);
  });
});

describe('personal data', () => {
  test('is in no stored row', async () => {
    const caseId = await one.open();
    await one.send(intake.AddNote, caseId, note);
    await one.send(intake.RecordRepresentative, caseId, { name: MARK, contact: MARK });
    await one.send(screening.ExpressFear, caseId, { country: 'GT', account: MARK });
    const { rows } = await one.database.query<{ whole: string }>('SELECT e::text AS whole FROM ledger.events e');
    expect(rows.length).toBeGreaterThan(3);
    for (const { whole } of rows) expect(whole).not.toMatch(/Zquill|1990-05-17|A200000001/);
    const events = await one.history(caseId);
    for (const event of events) expect([event.type, event.personal]).toEqual([event.type, expect.any(String)]);
    // One key for the whole stream.
    expect(new Set(events.map(({ metadata }) => metadata.keyId)).size).toBe(1);
  });

  test('makes no hash that could be guessed', async () => {
    const caseId = await assigned();
    const noted = await one.send(intake.AddNote, caseId, note);
    const stored = (await one.history(caseId)).at(-1) as StoredEvent;
    const keyId = stored.metadata.keyId ?? '';
    const key = (await one.keys.get([keyId])).get(keyId) as Buffer;
    const asked = { route: `AddNote case-${caseId}`, actor: ana, body: note };
    expect(stored.metadata.commandHash).toBe(commandHash(asked, key));
    expect(stored.metadata.commandHash).not.toBe(commandHash(asked));
    expect(noted.events[0]?.id).toBe(stored.id);
    // Where the body has none, the plain hash does, and no key is named.
    const assignment = (await one.history(caseId))[2] as StoredEvent;
    expect(assignment.metadata.commandHash).toBe(
      commandHash({ route: `AssignCase case-${caseId}`, actor: ana, body: { caseworkerId: ana.id } }),
    );
    expect(assignment.metadata.keyId).toBeUndefined();
  });

  test('is read back by another process', async () => {
    const caseId = await one.open();
    const { state } = await other.ledger.read(caseStream, caseId);
    expect(state.applicant).toMatchObject({ familyName: `${MARK}-0001`, birthDate: '1990-05-17' });
  });

  test('whose key is destroyed folds to nothing; a protective fact still finds a key', async () => {
    const caseId = await one.open();
    const keyId = (await one.history(caseId))[0]?.metadata.keyId ?? '';
    await one.keys.destroy([keyId]);
    const restarted = await service(postgres.url);
    try {
      expect((await restarted.ledger.read(caseStream, caseId)).state.applicant).toBeNull();
      await restarted.send(intake.AddNote, caseId, note, { by: gus });
      const last = (await restarted.history(caseId)).at(-1);
      expect(last?.metadata.keyId).not.toBe(keyId);
      expect((await restarted.ledger.read(caseStream, caseId)).state.notes).toMatchObject([{ text: note.text }]);
    } finally {
      await restarted.stop();
    }
  });
});

describe('what was erased', () => {
  const erased = async (at: Service): Promise<{ caseId: string; key: string; first: Receipt }> => {
    const [caseId, key] = [await at.open(), randomUUID()];
    const first = await at.send(intake.AddNote, caseId, note, { key });
    await at.send(intake.RecordDeath, caseId, {}, { by: gus });
    await at.send(RequestErasure, caseId, { legalBasis: 'retention period ended' }, { by: dina });
    await at.send(ErasePersonalData, caseId, {}, { by: emil });
    return { caseId, key, first };
  };
  const keyIdsOf = async (caseId: string): Promise<(string | undefined)[]> =>
    (await one.history(caseId)).map(({ metadata }) => metadata.keyId);

  test('takes its keys with it, and what comes afterwards takes another', async () => {
    const { caseId } = await erased(one);
    await one.send(intake.AddNote, caseId, { text: 'told later' }, { by: gus });
    const [first, , , , , later] = await keyIdsOf(caseId);
    expect(later).not.toBe(first);
    expect((await one.keys.get([first ?? ''])).get(first ?? '')).toBe('destroyed');
    expect((await one.ledger.read(caseStream, caseId)).state.notes.toArray()).toMatchObject([{ text: null }, { text: 'told later' }]);
    expect(await one.personalOf(await one.history(caseId))).toMatchObject([null, null, null, null, null, { text: 'told later' }]);
  });

  test('shows nothing, and seals nothing any more, before its key is destroyed either', async () => {
    const caseId = await one.open();
    const { lastId, revision } = await one.ledger.read(caseStream, caseId);
    expect(lastId).toBeDefined();
    const id = randomUUID();
    const { keyId: _, ...metadata } = ((await one.history(caseId))[0] as StoredEvent).metadata;
    // The process that erased died right here.
    await one.store.append([
      {
        stream: `case-${caseId}`,
        expectedRevision: revision,
        events: [{ id, type: 'PersonalDataErased', schemaVersion: 1, data: {}, metadata: { ...metadata, commandId: id } }],
      },
    ]);
    expect((await one.ledger.read(caseStream, caseId)).state.applicant).toBeNull();
    await one.send(intake.AddNote, caseId, note, { by: gus });
    const [first, , later] = await keyIdsOf(caseId);
    await new Erasing(one.store, one.keys).destroyKeys(`case-${caseId}`, 1);
    expect(later).not.toBe(first);
    expect((await other.ledger.read(caseStream, caseId)).state).toMatchObject({ applicant: null });
    expect((await other.ledger.read(caseStream, caseId)).state.notes.toArray()).toMatchObject([{ text: note.text }]);
  });

  test('answers a repeat of an old command by its id alone, in every process', async () => {
    const { caseId, key, first } = await erased(one);
    const restarted = await service(postgres.url);
    try {
      for (const at of [one, restarted])
        expect(await at.send(intake.AddNote, caseId, note, { key })).toEqual({ ...first, correlationId: first.correlationId });
      expect(await restarted.send(intake.AddNote, caseId, { text: 'another' }, { key })).toMatchObject({ events: first.events });
      expect(await refusalOf(restarted.send(intake.RecordDeath, caseId, {}, { key, by: gus }))).toBe('idempotency-key-reused');
      expect((await restarted.history(caseId)).map(({ type }) => type)).toHaveLength(5);
    } finally {
      await restarted.stop();
    }
  });

  test('is not erased where a legal hold came between, from whichever process', async () => {
    const caseId = await one.open();
    await one.send(intake.RecordDeath, caseId, {}, { by: gus });
    await one.send(RequestErasure, caseId, { legalBasis: 'retention period ended' }, { by: dina });
    const outcomes = await Promise.all([
      other.send(PlaceLegalHold, caseId, { reference: 'order 1' }, { by: dina }).then(({ revision }) => revision),
      refusalOf(one.send(ErasePersonalData, caseId, {}, { by: emil })),
    ]);
    const types = (await one.history(caseId)).map(({ type }) => type).slice(3);
    // Whichever was stored first counts: a hold stops the erasure, and one that comes after it is taken all the same.
    if (outcomes[1] === 'legal-hold') expect(types).toEqual(['LegalHoldPlaced']);
    else expect(types).toEqual(['PersonalDataErased', 'LegalHoldPlaced']);
    expect((await other.ledger.read(caseStream, caseId)).state.legalHold).toMatchObject({ reference: 'order 1' });
  });
});

describe('when the database has gone back to an older copy, and no connection tells', () => {
  const goBack = async (): Promise<() => Promise<void>> => {
    const owner = Database.open({ url: postgres.ownerUrl, applicationName: 'spec-owner', max: 1 });
    await owner.query(
      `CREATE TABLE IF NOT EXISTS kept_events AS TABLE ledger.events; CREATE TABLE IF NOT EXISTS kept_keys AS TABLE ledger.data_keys`,
    );
    return async () => {
      await owner.query(`BEGIN; DELETE FROM ledger.events; INSERT INTO ledger.events TABLE kept_events;
        DELETE FROM ledger.data_keys; INSERT INTO ledger.data_keys TABLE kept_keys; DROP TABLE kept_events, kept_keys; COMMIT`);
      await owner.close();
    };
  };

  test('what is acknowledged afterwards can be read, and a lost command is decided again', async () => {
    const kept = await one.open();
    const back = await goBack();
    const here = await service(postgres.url);
    const [noteKey, openingKey, lost] = [randomUUID(), randomUUID(), randomUUID()];
    const noted = await here.send(intake.AddNote, kept, note, { key: noteKey });
    await here.send(intake.OpenCase, lost, opening, { key: openingKey });
    await back();

    // The pool, the keys and the folded streams that it remembers are of the database that was.
    const [afterwards, again, anew] = [
      await here.open(),
      await here.send(intake.AddNote, kept, note, { key: noteKey }),
      await here.send(intake.OpenCase, lost, opening, { key: openingKey }),
    ];
    expect(again.revision).toBe(noted.revision);
    expect(anew.revision).toBe(0);
    const reader = await service(postgres.url);
    for (const [caseId, types] of [
      [afterwards, ['CaseOpened']],
      [kept, ['CaseOpened', 'NoteAdded']],
      [lost, ['CaseOpened']],
    ] as const) {
      const history = await reader.history(caseId);
      expect(history.map(({ type }) => type)).toEqual(types);
      for (const personal of await reader.personalOf(history)) expect(JSON.stringify(personal)).toContain(MARK);
    }
    await reader.stop();
    await here.stop();
  });
});

describe('while PostgreSQL is away', () => {
  test('nothing is stored; afterwards the same command is, once', async () => {
    const network = await Network.to(postgres.url);
    const reached = await service(network.url);
    try {
      const caseId = await reached.open();
      const [noteKey, openingKey, newCase] = [randomUUID(), randomUUID(), randomUUID()];
      const attempts = [
        (): Promise<Receipt> => reached.send(intake.AddNote, caseId, note, { key: noteKey }),
        (): Promise<Receipt> => reached.send(intake.OpenCase, newCase, opening, { key: openingKey }),
      ];
      await network.cut();
      for (const attempt of attempts) await expect(attempt()).rejects.toThrow(StoreUnavailable);
      await network.mend();
      for (const attempt of attempts) expect(await attempt()).toEqual(await attempt());
      expect((await one.history(caseId)).map(({ type }) => type)).toEqual(['CaseOpened', 'NoteAdded']);
      expect((await one.history(newCase)).map(({ type }) => type)).toEqual(['CaseOpened']);
    } finally {
      await reached.stop();
      await network.close();
    }
  });

  test('what was under way may be sent again, and is stored once', async () => {
    const network = await Network.to(postgres.url);
    const reached = await service(network.url);
    try {
      const cases = await Promise.all(Array.from({ length: 20 }, () => one.open()));
      const add = (caseId: string): Promise<Receipt> => reached.send(intake.AddNote, caseId, note, { key: caseId });
      const underWay = Promise.allSettled(cases.map(add));
      await network.cut();
      for (const outcome of await underWay) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Error);
      await network.mend();
      for (const caseId of cases) {
        await add(caseId);
        expect((await one.history(caseId)).map(({ type }) => type)).toEqual(['CaseOpened', 'NoteAdded']);
      }
    } finally {
      await reached.stop();
      await network.close();
    }
  });
});
