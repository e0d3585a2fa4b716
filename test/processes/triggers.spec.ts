import { expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { isOneOf, process, type Trigger } from '../../src/processes/trigger.js';
import type { Projection } from '../../src/projecting/projection.js';
import { ALL } from '../support/all-use-cases.js';

/* What is named of an event is what the event is: what the compiler sees to. */

const said = { name: 'when-something', startsFrom: 'beginning' } as const;
const ENDS = ['ClaimWithdrawn', 'CaseClosed'] as const;

test('a process that names no event, or takes it for another, does not compile', () => {
  const mistaken = [
    // @ts-expect-error misspelt
    () => process({ ...said, on: ['ClaimWithdrawm'], react: async () => undefined }),
    // @ts-expect-error a member that this event does not have
    () => process({ ...said, on: ['ClaimWithdrawn'], react: ({ data: { suspensionId } }, step) => step.note('x', suspensionId) }),
    // @ts-expect-error one of them has it, the other does not
    () => process({ ...said, on: ENDS, react: ({ data: { reasonCode } }, step) => step.note('x', reasonCode) }),
    () =>
      process({
        ...said,
        on: ENDS,
        react: async trigger => {
          // @ts-expect-error not among those that it answers
          if (trigger.type === 'CaseOpened') throw new Error();
        },
      }),
    () =>
      process({
        ...said,
        on: ENDS,
        react: async trigger => {
          // @ts-expect-error a list that names another
          if (isOneOf(['CaseOpened'], trigger)) throw new Error();
        },
      }),
  ];
  expect(mistaken).toHaveLength(5);
});

test('a projection that takes an event for another does not compile', () => {
  const projection: Projection<AsylumCase, CaseEvent> = {
    name: 'x',
    version: 1,
    tables: '',
    categories: [],
    project: async changes => {
      // @ts-expect-error misspelt
      changes.filter(({ event }) => event.type === 'CaseOpend');
      // @ts-expect-error the state has no such member
      changes.map(({ after }) => after.passengers);
    },
  };
  expect(projection.version).toBe(1);
});

test('a name tells the stream: no two kinds of stream have an event of the same type', () => {
  const types = ALL.flatMap(({ eventTypes }) => eventTypes);
  expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
});

test('what is one of several is known as one of them', () => {
  const closed = { type: 'CaseClosed' } as Trigger<'CaseClosed' | 'ClaimWithdrawn' | 'CaseOpened'>;
  expect(isOneOf(ENDS, closed)).toBe(true);
  expect(isOneOf(['CaseOpened'], closed)).toBe(false);
});
