import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Act } from '../../src/event-store/act.js';
import type { Rule } from '../../src/event-store/rule.js';
import { text } from '../../src/event-store/shape.js';
import type { DomainEvent, StreamKind } from '../../src/event-store/stream-kind.js';
import { linesOf, type CommandedStream } from '../../src/event-store/use-case.js';
import { kebabCase } from '../../src/http/command-routes.js';
import { useCases } from '../../src/http/use-cases.js';
import { ALL } from '../support/all-use-cases.js';

/* What every line of every stream must say, and what the compiler sees to. */

describe.each(ALL.map(stream => [stream.category, stream] as const))('of %s', (category, { eventTypes, lines }) => {
  test('every event has a command that leads to it', () => {
    expect([...new Set(lines.flatMap(({ leadsTo }) => leadsTo))].toSorted()).toEqual(eventTypes.toSorted());
  });

  // Hashes of commands and addresses are made from the names: they outlive every class.
  test('the commands have the names that they always had', () => {
    const golden = JSON.parse(readFileSync('test/golden/commands.json', 'utf8')) as Record<string, Record<string, string | null>>;
    const path = ({ command, roles, creates }: (typeof lines)[number]): string | null =>
      roles.length === 0 ? null : creates ? '' : kebabCase(command.type);
    expect(Object.fromEntries(lines.map(line => [line.command.type, path(line)]))).toEqual(golden[category]);
  });
});

class Fill extends Act {
  static readonly type = 'Fill';
  readonly content!: string;
}
class Renamed extends Act {
  static readonly type = 'Seal';
}
class Nameless extends Act {}

interface Box {
  readonly status: 'open' | 'sealed';
}
type BoxEvent = DomainEvent<'BoxFilled', { content: string }> | DomainEvent<'BoxSealed'>;
const kind: StreamKind<Box, BoxEvent> = {
  category: 'box',
  events: { BoxFilled: [{ content: text }], BoxSealed: [{}] },
  initial: { status: 'open' },
  evolve: box => box,
};
const boxes: CommandedStream<Box, BoxEvent, Box['status'], 'wrong-status' | 'too-full'> = {
  kind,
  book: { 'wrong-status': 'Not now.', 'too-full': 'Too full.' },
};
const line = linesOf(boxes);
const fill: Rule<Fill, Box, BoxEvent> = { events: ({ content }) => [{ type: 'BoxFilled', data: { content } }] };
const seal: Rule<Renamed, Box, BoxEvent, { heavy: boolean }> = {
  events: (_, __, { heavy }) => (heavy ? [{ type: 'BoxSealed', data: {} }] : []),
};
const weighed = async (): Promise<{ heavy: boolean }> => ({ heavy: true });

const said = { roles: ['caseworker'], summary: 'Does something' } as const;
const filling = line({ command: Fill, rule: fill, in: ['open'], leadsTo: ['BoxFilled'], codes: ['too-full'], ...said });

test('a line that forgets or misspells something does not compile', () => {
  const mistaken = [
    // @ts-expect-error without `in`
    () => line({ command: Fill, rule: fill, leadsTo: ['BoxFilled'], ...said }),
    // @ts-expect-error without `leadsTo`
    () => line({ command: Fill, rule: fill, in: 'always', ...said }),
    // @ts-expect-error a status that the stream does not have
    () => line({ command: Fill, rule: fill, in: ['opne'], leadsTo: ['BoxFilled'], ...said }),
    // @ts-expect-error an event that the stream does not have
    () => line({ command: Fill, rule: fill, in: 'always', leadsTo: ['CaseOpened'], ...said }),
    // @ts-expect-error a code that is not in the stream's book
    () => line({ command: Fill, rule: fill, in: 'always', leadsTo: ['BoxFilled'], codes: ['too-ful'], ...said }),
    // @ts-expect-error a code that follows from `in`
    () => line({ command: Fill, rule: fill, in: 'always', leadsTo: ['BoxFilled'], codes: ['wrong-status'], ...said }),
    // @ts-expect-error the rule of another command
    () => line({ command: Renamed, rule: fill, in: 'always', leadsTo: ['BoxFilled'], ...said }),
    // @ts-expect-error a rule that must know of other streams, and nothing that asks them
    () => line({ command: Renamed, rule: seal, in: 'always', leadsTo: ['BoxSealed'], ...said }),
    // @ts-expect-error a command without a stored name
    () => line({ command: Nameless, rule: { events: () => [] }, in: 'always', leadsTo: [], ...said }),
  ];
  expect(mistaken).toHaveLength(9);
});

test('a stream has one line for each command', () => {
  expect(() => useCases(boxes, [filling, filling])).toThrow('a command of box has two lines');
});

test('a command is known by its stored name, whatever its class is called', () => {
  const sealing = line({ command: Renamed, rule: seal, facts: weighed, in: ['open'], leadsTo: ['BoxSealed'], ...said });
  const { decider, handlers } = useCases(boxes, [filling, sealing]);
  expect(decider.useCase('Seal')).toBe(sealing);
  expect(decider.useCase('Renamed')).toBeUndefined();
  expect(handlers.map(({ name }) => name)).toEqual(['FillHandler', 'SealHandler']);
});

test('what it may be refused with follows from what its line says', () => {
  expect(filling.codes).toEqual(['wrong-status', 'too-full']);
  expect(line({ command: Fill, rule: fill, in: 'always', leadsTo: ['BoxFilled'], ...said }).codes).toEqual([]);
  expect(line({ command: Fill, rule: fill, in: 'always', onlyIf: () => true, leadsTo: ['BoxFilled'], ...said }).codes).toEqual([
    'wrong-status',
  ]);
});
