import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { packed, unpacked } from '../../src/audit/access.events.js';
import { AccessRecords } from '../../src/audit/access-records.js';
import { accessStream } from '../../src/audit/access.stream.js';
import type { Clock } from '../../src/database/clock.js';
import type { EventStore, NewEvent } from '../../src/event-store/event-store.js';
import { recorded } from '../../src/event-store/stream-kind.js';
import { type OnRecord, ShowsPerson } from '../../src/http/request-context.js';
import type { DataKeys } from '../../src/personal-data/data-keys.js';

/* That a read is recorded is the compiler's to see: without the fault expected here the types do not pass. */

test('a route that shows a person and hands out what is not on record does not compile', () => {
  class Leaky {
    // @ts-expect-error it answers what nobody recorded
    @ShowsPerson()
    async show(): Promise<{ name: string }> {
      return { name: 'Synthetic' };
    }

    @ShowsPerson()
    async recorded(answer: OnRecord<{ name: string }>): Promise<OnRecord<{ name: string }>> {
      return answer;
    }
  }
  expect(Object.getOwnPropertyNames(Leaky.prototype)).toEqual(['constructor', 'show', 'recorded']);
});

const SOME = ['0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e', '4d2f9a7c-1b3e-4c55-9d0e-6a4f1c2b3d4e'];

test('a list of the first form is read as one of the newest', () => {
  const read = (data: Record<string, unknown>) =>
    recorded(
      accessStream,
      {
        stream: 'access-c4a760a8-dbcf-5254-a0d9-6a4474bd1b62',
        revision: 0,
        position: '',
        id: '5d2f1c0a-8f0e-5f7c-9d0e-6a4f1c2b3003',
        type: 'CasesListed',
        schemaVersion: 1,
        data,
        metadata: {
          actor: { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' },
          commandId: '6e509613-ce24-54dc-a4ea-7efe99c724cc',
          commandHash: '',
          correlationId: 'c',
          causationId: 'c',
          occurredAt: '2020-07-02T10:00:00Z',
          recordedAt: '2020-07-02T10:00:00Z',
        },
      },
      null,
    ).data;
  const cases = packed(SOME);
  expect(read({ caseIds: SOME, filters: { status: 'opened' } })).toEqual({ list: 'caseload', cases, filters: { status: 'opened' } });
  // A cursor held what may be a name: it is told to nobody.
  expect(read({ caseIds: [], filters: { cursor: 'WyIt' }, q: 'h' })).toEqual({ list: 'search', cases: '', filters: {}, q: 'h' });
  expect(read({ caseIds: SOME, filters: { list: 'manifests', country: 'GT' } })).toEqual({
    list: 'manifests',
    cases,
    filters: { country: 'GT' },
  });
});

test('what is packed is little more than half as long, and is unpacked again', () => {
  expect(unpacked(packed(SOME))).toEqual(SOME);
  expect(unpacked(packed([]))).toEqual([]);
  const page = Array.from({ length: 50 }, () => SOME[0] as string);
  expect(packed(page).length).toBeLessThan(0.56 * JSON.stringify(page).length);
});

test('who lists much waits for one append and not for all before, and each list has a record of its own', async () => {
  const appends: (readonly NewEvent[])[] = [];
  const store: Pick<EventStore, 'append'> = {
    append: async requests => {
      appends.push(...requests.map(({ events }) => events));
      await turn();
      return [];
    },
  };
  const clock: Pick<Clock, 'now'> = { now: () => '2020-07-02T10:00:00Z' };
  const records = new AccessRecords(store as EventStore, {} as DataKeys, clock as Clock);
  const reader = { actor: { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' }, correlationId: 'c' } as const;
  const list = (caseId: string) => records.casesListed(reader, { list: 'caseload', caseIds: [caseId], filters: {} }, caseId);
  const first = list(SOME[0]!);
  await turn();
  await Promise.all([first, ...SOME.map(list), records.caseRead(reader, 'notes', { caseId: SOME[0]!, revision: 3 }, 'notes')]);
  const shown = appends.map(events => events.map(({ data }) => data['cases'] ?? data['what']));
  const [one, both] = [[packed([SOME[0]!])], SOME.map(caseId => packed([caseId]))];
  expect(shown).toHaveLength(3);
  expect(shown).toEqual(expect.arrayContaining([one, both, ['notes']]));
  expect(new Set(appends.flat().map(({ id }) => id)).size).toBe(4);
});
