import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ReceptionEvent } from '../../src/reception/reception.events.js';
import { declareCapacity, receptionRuleBook, releasePlace, reservePlace } from '../../src/reception/reception.rules.js';
import { receptionStream, type Reception } from '../../src/reception/reception.state.js';
import { decided, folded, refused } from '../support/given.js';

const reception = { kind: receptionStream, book: receptionRuleBook };
const [ANN, BEN] = ['case-ann', 'case-ben'];
const [W4, W5] = ['2020-W04', '2020-W05'];
const [FLIGHT, LATER_FLIGHT] = ['flight-1', 'flight-2'];

const declared = (week: string, places: number): ReceptionEvent => ({ type: 'CapacityDeclared', data: { week, places } });
const reserved = (caseId: string, week: string, manifestId = FLIGHT): ReceptionEvent => ({
  type: 'PlaceReserved',
  data: { caseId, week, manifestId },
});
const released = (caseId: string, week: string, manifestId = FLIGHT): ReceptionEvent => ({
  type: 'PlaceReleased',
  data: { caseId, week, manifestId },
});
/** Of whom on which flight. */
const placesIn = (places: Reception['weeks'][string]['places']): string[] =>
  Object.values(places)
    .flatMap(near => Object.values(near))
    .flatMap(people => Object.entries(people).flatMap(([caseId, flights]) => flights.map(flight => `${caseId} ${flight}`)));
const given = (...history: ReceptionEvent[]): Reception => folded(receptionStream, history);

const declare = (state: Reception, week: string, places: number) => decided(reception, declareCapacity, { week, places }, state, {});
const reserve = (state: Reception, caseId: string, week: string, manifestId = FLIGHT) =>
  decided(reception, reservePlace, { caseId, week, manifestId }, state, {});
const release = (state: Reception, caseId: string, manifestId = FLIGHT) =>
  decided(reception, releasePlace, { caseId, manifestId }, state, {});

describe('capacity-exhausted', () => {
  test('no more places are reserved than are declared', async () => {
    expect(await reserve(given(), ANN, W4)).toEqual(refused('capacity-exhausted'));
    expect(await reserve(given(declared(W4, 1)), ANN, W4)).toEqual([reserved(ANN, W4)]);
    expect(await reserve(given(declared(W4, 1), reserved(ANN, W4)), BEN, W4)).toEqual(refused('capacity-exhausted'));
    expect(await reserve(given(declared(W4, 1), declared(W5, 1), reserved(ANN, W4)), BEN, W5)).toEqual([reserved(BEN, W5)]);
    expect(await reserve(given(declared(W4, 1), reserved(ANN, W4), released(ANN, W4)), BEN, W4)).toEqual([reserved(BEN, W4)]);
  });

  test('no fewer places are declared than are reserved', async () => {
    const two = given(declared(W4, 3), reserved(ANN, W4), reserved(BEN, W4));
    expect(await declare(two, W4, 1)).toEqual(refused('capacity-exhausted'));
    expect(await declare(two, W4, 2)).toEqual([declared(W4, 2)]);
    expect(await declare(two, W5, 0)).toEqual([declared(W5, 0)]);
  });
});

test('a person has one place for each flight: one that was flown on stays used', async () => {
  const full = given(declared(W4, 1), declared(W5, 1), reserved(ANN, W4));
  expect(await reserve(full, ANN, W4)).toEqual([]);
  expect(await reserve(full, ANN, W4, LATER_FLIGHT)).toEqual(refused('capacity-exhausted'));
  expect(await reserve(full, ANN, W5, LATER_FLIGHT)).toEqual([reserved(ANN, W5, LATER_FLIGHT)]);
  const both = given(declared(W4, 1), declared(W5, 1), reserved(ANN, W4), reserved(ANN, W5, LATER_FLIGHT));
  expect(await release(both, ANN, LATER_FLIGHT)).toEqual([released(ANN, W5, LATER_FLIGHT)]);
});

test('a place is released for the flight that it was taken for alone', async () => {
  const one = given(declared(W4, 1), reserved(ANN, W4));
  expect(await release(one, ANN)).toEqual([released(ANN, W4)]);
  expect(await release(one, ANN, LATER_FLIGHT)).toEqual([]);
  expect(await release(one, BEN)).toEqual([]);
});

test('declaring the same again changes nothing', async () => {
  expect(await declare(given(declared(W4, 3)), W4, 3)).toEqual([]);
});

test('whatever is asked, never more is reserved than declared, and nobody has two places on one flight', async () => {
  const who = fc.constantFrom('ann', 'ben', 'cleo', 'dan');
  const week = fc.constantFrom(W4, W5);
  const flight = fc.constantFrom(FLIGHT, LATER_FLIGHT);
  const asked = fc.oneof(
    fc.record({ does: fc.constant('declare' as const), week, places: fc.nat(3) }),
    fc.record({ does: fc.constant('reserve' as const), caseId: who, week, manifestId: flight }),
    fc.record({ does: fc.constant('release' as const), caseId: who, manifestId: flight }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { maxLength: 40 }), async commands => {
      const history: ReceptionEvent[] = [];
      for (const command of commands) {
        const state = given(...history);
        const outcome =
          command.does === 'declare'
            ? await declare(state, command.week, command.places)
            : command.does === 'reserve'
              ? await reserve(state, command.caseId, command.week, command.manifestId)
              : await release(state, command.caseId, command.manifestId);
        if (!('refused' in outcome)) history.push(...outcome);
        const { weeks } = given(...history);
        for (const { declared, reserved, places } of Object.values(weeks)) {
          expect(reserved).toBeLessThanOrEqual(declared);
          expect(reserved).toBe(placesIn(places).length);
        }
        const placed = Object.values(weeks).flatMap(({ places }) => placesIn(places));
        expect(new Set(placed).size).toBe(placed.length);
      }
    }),
    { numRuns: 200 },
  );
});

test('a place more shares those of all others with the state before it', () => {
  const people = Array.from({ length: 2_000 }, (_, person) => `${(person % 256).toString(16).padStart(2, '0')}-${person}`);
  const metadata = {
    occurredAt: '',
    recordedAt: '',
    actor: { id: '', roles: [], office: null },
    commandId: '',
    commandHash: '',
    correlationId: '',
  };
  const many = given(declared(W4, 2_000), ...people.map(person => reserved(person, W4)));
  const event = { ...reserved('00-more', W4), id: '', stream: '', revision: 0, personal: null, metadata: { ...metadata, causationId: '' } };
  const more = receptionStream.evolve(many, event);
  const parts = ({ weeks }: Reception): Set<unknown> =>
    new Set(Object.values(weeks[W4]?.places ?? {}).flatMap(near => Object.values(near)));
  const [before, after] = [parts(many), parts(more)];
  expect(before.size).toBe(256);
  expect([...after].filter(part => !before.has(part))).toHaveLength(1);
});
