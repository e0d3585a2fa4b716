import { expect, test } from '@jest/globals';
import { former, text, wholeNumber, type Described } from '../../src/event-store/shape.js';
import { recorded, shapesOf, UnknownEvent, type DomainEvent, type StreamKind } from '../../src/event-store/stream-kind.js';

type Weighed = DomainEvent<'Weighed', { grams: number; by: string }, { note: string }>;
const events: Described<Weighed> = {
  Weighed: [
    former({ pounds: wholeNumber }, ({ data: { pounds }, personal }) => ({ data: { kilograms: pounds * 0.5 }, personal })),
    former({ kilograms: wholeNumber }, ({ data, personal }: { data: { kilograms: number }; personal: { remark: string } | null }) => ({
      data: { grams: data.kilograms * 1_000, by: 'unknown' },
      personal: personal && { note: personal.remark },
    })),
    { grams: wholeNumber, by: text },
  ],
};
const kind: StreamKind<null, Weighed> = { category: 'scale', events, initial: null, evolve: state => state };
const id = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const actor = { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' };
const at = '2020-01-13T15:00:00Z';
const metadata = { actor, commandId: id, commandHash: '', correlationId: id, causationId: id, occurredAt: at, recordedAt: at };
const stored = (schemaVersion: number, data: Record<string, unknown>) =>
  recorded(
    kind,
    { type: 'Weighed', schemaVersion, data, id, stream: 'scale-1', revision: 0, position: '1', metadata },
    { remark: 'heavy' },
  );

test('an event of any version is read as the newest', () => {
  expect(stored(1, { pounds: 4 })).toMatchObject({ data: { grams: 2_000, by: 'unknown' }, personal: { note: 'heavy' } });
  expect(stored(2, { kilograms: 3 })).toMatchObject({ data: { grams: 3_000, by: 'unknown' }, personal: { note: 'heavy' } });
  expect(stored(3, { grams: 7, by: 'ana' })).toMatchObject({ data: { grams: 7, by: 'ana' }, personal: { remark: 'heavy' } });
  expect(() => stored(4, {})).toThrow(UnknownEvent);
});

test('what the data of each version is, is told of each', () => {
  expect(shapesOf(kind, 'Weighed')?.map(shape => Object.keys(shape))).toEqual([['pounds'], ['kilograms'], ['grams', 'by']]);
  expect(shapesOf(kind, 'Counted')).toBeUndefined();
});
