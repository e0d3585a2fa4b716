import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import type { Projection } from '../../src/projecting/projection.js';
import { caseFactsProjection } from '../../src/read-models/case-facts/case-facts.projection.js';
import { ReadCaseFacts, ReadCaseFactsHandler, type CaseFactsAsked } from '../../src/read-models/case-facts/case-facts.query.js';
import { follow, type Following } from './following.js';
import { anEvent, arrived, at, opened, requested, retracted } from './histories.js';

/** A case with a reason that the table cannot take, for as long as it is broken. */
const UNREADABLE = 'unreadable';
const fragile = (projection: Projection): Projection => ({
  ...projection,
  async project(changes, tx, unfinished) {
    for (const { event } of changes) if ('reasonCode' in event.data && event.data.reasonCode === UNREADABLE) await tx.query('SELECT 1 / 0');
    await projection.project(changes, tx, unfinished);
  },
});

let following: Following;
let handler: ReadCaseFactsHandler;
beforeEach(async () => {
  following = await follow(fragile(caseFactsProjection), kinds => kinds.register(caseStream));
  handler = feedUnder(following.keys);
});
afterEach(async () => {
  await following.stop();
});

const feedUnder = (dataKeys: DataKeys) => new ReadCaseFactsHandler(following.readModels, new PersonalData(dataKeys), following.store);
const read = (asked: CaseFactsAsked = {}) => handler.execute(new ReadCaseFacts(asked));
const closed = (when: string, reasonCode: string): NewEvent => anEvent({ type: 'CaseClosed', data: { reasonCode } }, at(when));

async function open(who: Parameters<typeof opened>[0], ...events: NewEvent[]): Promise<string> {
  const stream = `case-${randomUUID()}`;
  await following.given(stream, opened(who), ...events);
  return stream;
}

test('two cases: each fact as it stood then, what was entered in error too', async () => {
  const note = anEvent({ type: 'NoteAdded', data: {}, personal: { text: 'told' } }, at('2020-01-15T23:30:00Z'));
  await open({ nationalities: ['SV', 'HN', 'SV'] }, note, retracted(note, '2020-01-16T00:30:00Z'), requested('2020-01-17T10:00:00Z'));
  await open({ nationalities: [], office: 'LRD' }, closed('2020-02-01T10:00:00Z', 'entered-twice'));
  const { rows } = await read();
  const [a, b] = [rows[0]?.caseKey, rows[4]?.caseKey];
  const ofFirst = { caseKey: a, nationality: 'HN+SV', minor: false, office: 'ELP', country: null, reasonCode: null };
  const ofSecond = { caseKey: b, nationality: 'stateless', minor: false, office: 'LRD', country: null, reasonCode: null };
  const on = (day: string) => ({ occurredOn: day, recordedOn: day });
  expect(rows).toMatchObject([
    { ...ofFirst, type: 'CaseOpened', ...on('2020-01-13') },
    { ...ofFirst, type: 'NoteAdded', ...on('2020-01-15') },
    { ...ofFirst, type: 'EntryRetracted', ...on('2020-01-16'), reasonCode: 'other-person' },
    { ...ofFirst, type: 'TransferRequested', ...on('2020-01-17'), country: 'GT' },
    { ...ofSecond, type: 'CaseOpened', ...on('2020-01-13') },
    { ...ofSecond, type: 'CaseClosed', ...on('2020-02-01'), reasonCode: 'entered-twice' },
  ]);
  expect(a).not.toBe(b);
});

test('a fact of the past has the day on which it happened and the day on which it was told', async () => {
  const told = anEvent(
    { type: 'OnwardDepartureReported', data: { toCountry: 'HN', manner: 'unknown', sourceCode: 'family' } },
    { occurredAt: '2020-02-01T10:00:00Z', recordedAt: '2020-03-01T10:00:00Z' },
  );
  await open({ nationalityUnknown: true, nationalities: [] }, requested('2020-01-17T10:00:00Z'), arrived('2020-01-20T10:00:00Z'), told);
  expect((await read()).rows.at(-1)).toMatchObject({
    occurredOn: '2020-02-01',
    recordedOn: '2020-03-01',
    nationality: 'unknown',
    country: 'GT',
  });
});

test('pseudonyms stay when the master key is changed; under another feed key they are others', async () => {
  await open({});
  const before = await read();
  const rotating = new DataKeys(following.database, randomBytes(32), { previous: following.masterKey, pool: 0 });
  expect(await rotating.wrapping.rotate()).toBeGreaterThan(0);
  handler = feedUnder(rotating);
  expect(await read()).toEqual(before);
  const elsewhere = await follow(caseFactsProjection, kinds => kinds.register(caseStream));
  try {
    const { rows } = await feedUnder(elsewhere.keys).execute(new ReadCaseFacts({}));
    expect(rows[0]?.caseKey).not.toBe(before.rows[0]?.caseKey);
    expect(rows[0]?.factId).not.toBe(before.rows[0]?.factId);
  } finally {
    await elsewhere.stop();
  }
});

test('what waits for a repair is never passed: the feed goes no further until it is there', async () => {
  await open({});
  const stream = await open({}, closed('2020-02-01T10:00:00Z', UNREADABLE));
  await open({}, closed('2020-02-02T10:00:00Z', 'done'));
  await following.given(stream, anEvent({ type: 'CaseReopened', data: { reasonCode: 'error' } }, at('2020-02-03T10:00:00Z')));
  const held = await read();
  expect(held.rows.map(({ type }) => type)).toEqual(['CaseOpened', 'CaseOpened']);
  expect(held.parked).toBe(1);
  expect((await read({ after: held.next })).rows).toEqual([]);
  expect((await read({ after: held.next })).next).toBe(held.next);
});

test('a cursor of the beginning is good for ever, and where nothing is there is one all the same', async () => {
  const { rows, next } = await read();
  expect(rows).toEqual([]);
  await open({});
  expect((await read({ after: next })).rows).toHaveLength(1);
});
