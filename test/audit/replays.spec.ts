import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CaseHistory } from '../../src/audit/case-history.js';
import { Replays, type Asked } from '../../src/audit/replays.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { replay } from '../../src/cases/case.replay.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import { EventsMissing } from '../../src/event-store/recorded-events.js';
import { newestVersion } from '../../src/event-store/stream-kind.js';
import type { DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { seal } from '../../src/personal-data/sealing.js';
import { InMemoryEventStore } from '../support/in-memory-event-store.js';

/* What is remembered of a long case never changes an answer: each is what the whole history folds to, read from nothing. */

const CASE = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const STREAM = `case-${CASE}`;
const KEY = Buffer.alloc(32, 7);
const ids = (prefix: string, number: number): string => `${prefix}-0000-4000-8000-${String(number).padStart(12, '0')}`;

const opening: CaseEvent = {
  type: 'CaseOpened',
  data: {
    office: 'ELP',
    previousCaseIds: [],
    applicant: { nationalities: ['HN'], languages: ['es'], accompaniedBy: 'none' },
    encounter: { at: '2020-01-13T15:00:00Z', day: '2020-01-13', place: 'El Paso', manner: 'between-ports' },
    documents: 'none',
    minorAtEncounter: false,
    possibleDuplicates: [],
  },
  personal: { applicant: { givenNames: 'Synthetic', familyName: 'Person', birthDate: '1990-05-01' } },
};
const correction = (number: number): CaseEvent => ({
  type: 'ApplicantCorrected',
  data: { applicant: {}, fields: ['applicant.familyName'], reasonCode: 'typing-error', minorAtEncounter: false },
  personal: { applicant: { familyName: `Person ${number}` } },
});

/** One case, written event by event and asked about with and without a memory. */
class Story {
  readonly store = new InMemoryEventStore();
  readonly destroyed = new Set<string>();
  readonly readFrom: number[] = [];
  readonly remembering: Replays;
  private readonly personalData: PersonalData;
  readonly histories: CaseHistory;
  private keyNumber = 0;
  private eventNumber = 0;

  constructor(apart: number) {
    const none = () => Promise.reject(new Error('nothing is sealed here with a new key'));
    const keys: Pick<DataKeys, 'get' | 'kept' | 'take' | 'forget'> = {
      get: async (keyIds: readonly string[]) => new Map(keyIds.map(keyId => [keyId, this.destroyed.has(keyId) ? 'destroyed' : KEY])),
      kept: none,
      take: none,
      forget: () => undefined,
    };
    this.personalData = new PersonalData(keys);
    this.histories = new CaseHistory(this.store, this.personalData);
    const watched = new Proxy(this.histories, {
      get: (target, name) =>
        name === 'read'
          ? (...asked: Parameters<CaseHistory['read']>) => (this.readFrom.push(asked[1] ?? 0), target.read(...asked))
          : Reflect.get(target, name, target),
    });
    this.remembering = new Replays(watched, this.personalData, apart);
  }

  get events() {
    return this.store.contents.streams.get(STREAM) ?? [];
  }

  /** Two minutes after the one before; it happened so many minutes earlier. */
  async write({ type, data, personal }: CaseEvent, earlier = 0): Promise<void> {
    const [id, keyId, revision] = [ids('e0000000', this.eventNumber++), ids('b0000000', this.keyNumber), this.events.length];
    const at = (minutes: number): string => new Date(Date.UTC(2020, 0, 13, 15, minutes)).toISOString();
    const event = {
      id,
      type,
      schemaVersion: newestVersion(caseStream, type) ?? 1,
      data: data as Record<string, unknown>,
      ...(personal && { personal: seal(KEY, { stream: STREAM, eventId: id, type, keyId }, personal) }),
      metadata: {
        actor: { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' },
        commandId: id,
        commandHash: '',
        correlationId: id,
        causationId: id,
        occurredAt: at(2 * revision - earlier),
        recordedAt: at(2 * revision),
        ...(personal && { keyId }),
      },
    };
    await this.store.append([{ stream: STREAM, expectedRevision: revision === 0 ? 'no-stream' : revision - 1, events: [event] }]);
  }

  async erase(): Promise<void> {
    await this.write({ type: 'PersonalDataErased', data: {} });
    this.destroyed.add(ids('b0000000', this.keyNumber++));
  }

  /** The store is put back to what it held at a revision. */
  goBackTo(revision: number): void {
    this.store.contents.streams.set(STREAM, this.events.slice(0, revision + 1));
  }

  async same(asked: Asked): Promise<void> {
    const history = (await this.histories.read(CASE)).map(({ event }) => event);
    const folded = replay(asked.revision === undefined ? history : history.slice(0, asked.revision + 1), asked);
    expect(JSON.stringify(await this.remembering.of(CASE, asked))).toBe(JSON.stringify(folded));
  }
}

const NOTE: CaseEvent = { type: 'NoteAdded', data: {}, personal: { text: 'Called the shelter.' } };

test('whatever is written, taken back, corrected or erased between two questions', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ what: fc.constant('note' as const), earlier: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('retract' as const), entry: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('correct' as const), number: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('erase' as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('go back' as const), to: fc.nat() }) },
    { weight: 9, arbitrary: fc.record({ what: fc.constant('ask' as const), revision: fc.nat(), known: fc.nat(), happened: fc.nat() }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60, size: 'max' }), async (apart, steps) => {
      const story = new Story(apart);
      await story.write(opening);
      for (const one of steps) {
        const { events } = story;
        if (one.what === 'note') await story.write(NOTE, one.earlier);
        else if (one.what === 'correct') await story.write(correction(one.number));
        else if (one.what === 'erase') await story.erase();
        else if (one.what === 'go back') story.goBackTo(one.to % events.length);
        else if (one.what === 'retract') {
          const entry = events.filter(({ type }) => type === 'NoteAdded').at(-1 - (one.entry % 5));
          if (entry) await story.write({ type: 'EntryRetracted', data: { eventId: entry.id, reasonCode: 'other-person' } });
        } else {
          const [recordedBy, occurredBy] = [one.known, one.happened].map(at => events[at % events.length]?.metadata.recordedAt);
          await story.same({ revision: one.revision % events.length });
          await story.same({ recordedBy });
          await story.same({ occurredBy });
          await story.same({ recordedBy, occurredBy });
          await story.same({});
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('the second question about a long case reads what comes after the nearest state that is remembered, and that state anew', async () => {
  const story = new Story(4);
  await story.write(opening);
  for (let number = 0; number < 13; number++) await story.write(NOTE);
  await story.same({ revision: 12 });
  await story.same({ revision: 9 });
  await story.same({ revision: 3 });
  await story.same({ recordedBy: story.events[6]?.metadata.recordedAt });
  expect(story.readFrom).toEqual([0, 7, 3, 3]);
});

test('neither a revision that was not reached nor a case that is not there is answered, whatever is remembered', async () => {
  const story = new Story(2);
  const refused = (caseId: string, asked: Asked) => expect(story.remembering.of(caseId, asked)).rejects.toThrow(DomainError);
  await refused(CASE, {});
  await story.write(opening);
  for (let number = 0; number < 5; number++) await story.write(NOTE);
  await story.same({});
  await refused(CASE, { revision: 6 });
  story.goBackTo(2);
  await refused(CASE, { revision: 4 });
});

test('an auditor is given no events of a case that lacks some, as if they were all', async () => {
  const story = new Story(500);
  await story.write(opening);
  for (let number = 0; number < 4; number++) await story.write(correction(number));
  const { histories } = story;
  expect((await histories.asStored(CASE, 1, 3)).map(({ revision }) => revision)).toEqual([1, 2, 3]);
  const { readStream } = InMemoryEventStore.prototype;
  story.store.readStream = async function* limited(...range) {
    for await (const batch of readStream.apply(story.store, range)) yield batch.filter(({ revision }) => revision !== 2);
  };
  await expect(histories.asStored(CASE, 1, 3)).rejects.toThrow(new EventsMissing(STREAM, 2));
});
