import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recorded } from '../../src/event-store/stream-kind.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { ValidationFailed } from '../../src/fields/validation.js';
import { inWords } from '../../src/read-models/timeline/in-words.js';
import { timelineProjection } from '../../src/read-models/timeline/timeline.projection.js';
import { ReadTimeline, ReadTimelineHandler, type TimelinePart } from '../../src/read-models/timeline/timeline.query.js';
import { follow, officer, type Following } from './following.js';
import { accepted, applied, at, anEvent, flown, opened, requested, retracted } from './histories.js';

let following: Following;
let handler: ReadTimelineHandler;
beforeAll(async () => {
  following = await follow(timelineProjection, kinds => kinds.register(caseStream));
  handler = new ReadTimelineHandler(following.readModels);
});
afterAll(() => following.stop());

const read = (caseId: string, part: TimelinePart = {}, reader = officer('cw-ana', 'caseworker')) =>
  handler.execute(new ReadTimeline(caseId, part, reader));

test('the history in words, newest last', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await following.given(`case-${one}`, opened(), requested('2020-01-14T15:00:00Z'));
  await following.given(`case-${other}`, opened());
  await following.given(
    `case-${one}`,
    anEvent(
      { type: 'TransferRefused', data: { requestId: randomUUID(), reasonCode: 'no-capacity' }, personal: { reference: 'Zquill' } },
      { occurredAt: '2020-01-15T15:00:00Z', recordedAt: '2020-01-17T15:00:00Z', actor: officer('li-gus', 'liaison') },
    ),
  );
  expect(await read(one)).toEqual({
    revision: 2,
    page: {
      rows: [
        {
          revision: 0,
          entryId: null,
          at: '2020-01-13T15:00:00Z',
          recordedAt: '2020-01-13T15:00:00Z',
          event: 'CaseOpened',
          summary: 'Case opened by the office ELP',
          actor: 'cw-ana',
        },
        {
          revision: 1,
          entryId: null,
          at: '2020-01-14T15:00:00Z',
          recordedAt: '2020-01-14T15:00:00Z',
          event: 'TransferRequested',
          summary: 'Transfer requested from Guatemala, which is to reply by 2020-01-27',
          actor: 'cw-ana',
        },
        {
          revision: 2,
          entryId: null,
          at: '2020-01-15T15:00:00Z',
          recordedAt: '2020-01-17T15:00:00Z',
          event: 'TransferRefused',
          summary: 'Transfer refused by the partner country (no capacity)',
          actor: 'li-gus',
        },
      ],
      nextCursor: null,
    },
  });
  expect((await read(other)).page.rows).toHaveLength(1);
  const part = await read(one, { after: 0, limit: 1 });
  expect(part.page.rows.map(({ event }) => event)).toEqual(['TransferRequested']);
  const { rows } = (await read(one, { after: 0, limit: 1, cursor: String(part.page.nextCursor) })).page;
  expect(rows.map(({ event }) => event)).toEqual(['TransferRefused']);
});

test('what was entered in error is shown still, as what it is, and so is its retraction', async () => {
  const [caseId, other] = [randomUUID(), randomUUID()];
  const mistaken = applied('2020-02-01T12:00:00Z');
  await following.given(`case-${other}`, opened(), ...flown('2020-01-20T12:00:00Z'), applied('2020-02-01T12:00:00Z'));
  await following.given(`case-${caseId}`, opened(), ...flown('2020-01-20T12:00:00Z'), mistaken);
  const last = async (id: string) => (await read(id)).page.rows.slice(5).map(({ event, summary }) => [event, summary]);
  expect(await last(caseId)).toEqual([['AsylumApplied', 'Applied for asylum in Guatemala']]);
  const entries = async () => (await read(caseId)).page.rows.map(({ entryId }) => entryId);
  expect((await entries()).filter(Boolean)).toEqual([mistaken.id]);
  await following.given(
    `case-${caseId}`,
    retracted(mistaken, '2020-02-02T12:00:00Z'),
    anEvent({ type: 'NoteAdded', data: {} }, at('2020-02-03T12:00:00Z')),
  );
  expect(await last(caseId)).toEqual([
    ['AsylumApplied', 'Applied for asylum in Guatemala (retracted)'],
    ['EntryRetracted', 'Entry retracted, made in error (other person): Applied for asylum in Guatemala'],
    ['NoteAdded', 'Note added'],
  ]);
  // Of what was retracted, and of a retraction, there is nothing to retract.
  expect((await entries()).map(entryId => entryId !== null)).toEqual([false, false, false, false, false, false, false, true]);
  expect(await last(other)).toEqual([['AsylumApplied', 'Applied for asylum in Guatemala']]);
  // Also where the two stand on different pages.
  const first = (await read(caseId, { limit: 6 })).page;
  expect(first.rows.at(-1)?.summary).toBe('Applied for asylum in Guatemala (retracted)');
  expect((await read(caseId, { limit: 1, cursor: first.nextCursor ?? undefined })).page.rows[0]?.summary).toContain(
    ': Applied for asylum in Guatemala',
  );
});

test('of several holds and alerts it is said which one was released or answered', async () => {
  const caseId = randomUUID();
  const [first, second, alertId] = [randomUUID(), randomUUID(), randomUUID()];
  const now = at('2020-02-01T12:00:00Z');
  const alert = anEvent({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } }, now);
  const release = (holdId: string) => anEvent({ type: 'TransferHoldReleased', data: { holdId } }, now);
  await following.given(
    `case-${caseId}`,
    opened(),
    ...flown('2020-01-20T12:00:00Z'),
    anEvent({ type: 'TransferHoldPlaced', data: { holdId: first, kind: 'medical' } }, now),
    anEvent({ type: 'TransferHoldPlaced', data: { holdId: second, kind: 'court-order' } }, now),
    release(first),
    alert,
  );
  await following.given(
    `case-${caseId}`,
    release(second),
    anEvent({ type: 'ProtectionAlertAnswered', data: { alertId }, personal: { answer: 'Zquill' } }, now),
  );
  expect((await read(caseId)).page.rows.slice(-4).map(({ summary }) => summary)).toEqual([
    'Hold released: medical',
    'Protection alert raised after departure: a fear was expressed',
    'Hold released: court order',
    'Protection alert answered: a fear was expressed',
  ]);
});

test('page by page, and nothing shifts while the case goes on', async () => {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened(), requested('2020-01-14T15:00:00Z'), accepted('2020-01-15T15:00:00Z'));
  const first = (await read(caseId, { limit: 2 })).page;
  await following.given(`case-${caseId}`, anEvent({ type: 'NoteAdded', data: {} }, at('2020-01-16T15:00:00Z')));
  const second = (await read(caseId, { limit: 2, cursor: first.nextCursor ?? undefined })).page;
  expect([...first.rows, ...second.rows].map(({ event }) => event)).toEqual([
    'CaseOpened',
    'TransferRequested',
    'TransferAccepted',
    'NoteAdded',
  ]);
  expect(second.nextCursor).toBeNull();
  for (const cursor of ['x', Buffer.from('["1"]').toString('base64url'), Buffer.from('[99999999999]').toString('base64url')]) {
    await expect(read(caseId, { cursor })).rejects.toThrow(ValidationFailed);
  }
});

test('no such case comes before another office; liaison and auditor read those of any', async () => {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened());
  const stranger = officer('cw-carla', 'caseworker', 'LRD');
  await expect(read(randomUUID(), {}, stranger)).rejects.toMatchObject({ code: 'not-found' });
  await expect(read(caseId, {}, stranger)).rejects.toMatchObject({ code: 'other-office' });
  for (const role of ['liaison', 'auditor']) expect((await read(caseId, {}, officer('x', role, 'LRD'))).page.rows).toHaveLength(1);
  await following.given(
    `case-${caseId}`,
    anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'ELP', toOffice: 'LRD', reasonCode: 'moved' } }),
  );
  expect((await read(caseId, {}, stranger)).page.rows).toHaveLength(2);
  await expect(read(caseId)).rejects.toMatchObject({ code: 'other-office' });
});

describe('in words', () => {
  type Sample = Omit<NewEvent, 'personal'> & { readonly personal?: object };
  const samples = (
    JSON.parse(readFileSync(new URL('../golden/case-events.json', import.meta.url), 'utf8')) as { events: Sample[] }[]
  ).flatMap(({ events }) => events);

  test.each(Object.keys(caseStream.events))('%s, without anything personal', type => {
    const ofType = samples.filter(sample => sample.type === type);
    expect(ofType).not.toEqual([]);
    for (const { personal = null, ...stored } of ofType) {
      const summary = inWords(recorded(caseStream, { ...stored, stream: 'case-sample', revision: 0, position: '' }, personal));
      expect(summary).toMatch(/^[A-Z][^\n]+[^.\s]$/);
      expect(summary).not.toMatch(/undefined|null|NaN|\[object/);
      // Instants, durations, weeks and languages are told as people say them.
      expect(summary).not.toMatch(/\dT\d|\bPT?\d|\d-W\d| in [a-z]{2,3}(?![a-z ])/);
      for (const text of textsIn(personal)) expect(summary).not.toContain(text);
    }
  });
});

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
