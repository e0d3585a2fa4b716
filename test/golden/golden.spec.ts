import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { agreementStream } from '../../src/agreements/agreement.state.js';
import { accessStream } from '../../src/audit/access.stream.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { logKeyStream } from '../../src/audit/log/log-keys.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { misfitsOf } from '../../src/event-store/shape.js';
import { foldHistory, recorded, shapesOf, type DomainEvent, type Recorded, type StreamKind } from '../../src/event-store/stream-kind.js';
import { familyStream, membershipStream } from '../../src/families/family.state.js';
import { holdOrderStream } from '../../src/hold-orders/hold-order.state.js';
import { manifestStream } from '../../src/manifests/manifest.state.js';
import { reassignmentStream } from '../../src/reassignments/reassignment.state.js';
import { receptionStream } from '../../src/reception/reception.state.js';

/*
 * What was once stored must fold for ever. A sample that has landed is never edited: a new type or version gets
 * a sample of its own, behind the others, and a line in the states. All people are invented.
 */
type Sample = Omit<NewEvent, 'personal'> & { readonly personal?: object };
interface History {
  readonly name: string;
  readonly stream: string;
  readonly events: readonly Sample[];
}
/** Of the state after each event: the fields that the event changed. */
interface Outcome {
  readonly name: string;
  readonly states: readonly { readonly type: string; readonly changed: object }[];
}

const frozen = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;

const kinds = [
  caseStream,
  agreementStream,
  manifestStream,
  receptionStream,
  familyStream,
  membershipStream,
  holdOrderStream,
  reassignmentStream,
  accessStream,
  logKeyStream,
] as unknown as readonly StreamKind<unknown>[];

describe.each(kinds.map(kind => [kind.category, kind] as const))('stored events of %s-', (category, kind) => {
  const histories = frozen<History[]>(`./${category}-events.json`);
  const outcomes = frozen<Outcome[]>(`./${category}-states.json`);

  test('every type and version has a frozen sample', () => {
    const sampled = new Set(histories.flatMap(({ events }) => events.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`)));
    const storable = Object.entries<readonly object[]>(kind.events).flatMap(([type, { length }]) =>
      Array.from({ length }, (_, before) => `${type} ${before + 1}`),
    );
    expect(storable.filter(each => !sampled.has(each))).toEqual([]);
  });

  test.each(histories.map(history => [history.name, history] as const))(
    'are what is said of their types and versions: %s',
    (_, { events }) => {
      for (const { type, schemaVersion, data } of events)
        expect([type, misfitsOf(shapesOf(kind, type)?.[schemaVersion - 1] ?? {}, data, 'data')]).toEqual([type, []]);
    },
  );

  test.each(histories.map(history => [history.name, history] as const))('still add up to the same: %s', (name, history) => {
    const { states } = outcomes.find(outcome => outcome.name === name) as Outcome;
    expect(states.map(({ type }) => type)).toEqual(history.events.map(({ type }) => type));
    const expected: object = { ...(kind.initial as object) };
    for (const [index, after] of statesOf(kind, history).entries()) {
      Object.assign(expected, states[index]?.changed);
      // New fields may stand beside what was always there.
      expect(after).toMatchObject(expected);
    }
  });

  test.each(histories.map(history => [history.name, history] as const))(
    'fold without their personal data, and show none: %s',
    (_, history) => {
      const last = JSON.stringify(statesOf(kind, history, () => null).at(-1));
      for (const text of history.events.flatMap(({ personal }) => textsIn(personal))) expect(last).not.toContain(JSON.stringify(text));
    },
  );
});

function statesOf(
  kind: StreamKind<unknown>,
  { stream, events }: History,
  personalOf = ({ personal }: Sample): object | null => personal ?? null,
): unknown[] {
  const history: Recorded<DomainEvent>[] = events.map((sample, revision) =>
    recorded(kind, { ...sample, personal: undefined, stream, revision, position: '' }, personalOf(sample)),
  );
  return history.map((_, revision) => foldHistory(kind, history.slice(0, revision + 1)));
}

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
