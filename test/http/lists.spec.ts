import type { Type } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { exampleOf } from '../../src/fields/examples.js';
import { fieldsOf } from '../../src/fields/field-registry.js';
import { examined } from '../../src/fields/validation.js';
import { LINES } from '../model/commands.js';

/* In every body a list names each of its elements once. */

/** Where lists stand in a body, as JSON pointers. */
const listsOf = (target: Type, at = ''): string[] =>
  [...fieldsOf(target)].flatMap(([name, { list, nested }]) =>
    list ? [`${at}/${name}`] : nested ? listsOf(nested(), `${at}/${name}`) : [],
  );

const SOME_UUID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const CANDIDATES = ['HN', 'es', 'PT72H', 'identity', SOME_UUID, 'A200000001', { familyName: 'Synthetic' }];
const NOW = '2020-01-20T12:00:00Z';

const inBodies = LINES.flatMap(({ command, category }) =>
  listsOf(command).map(pointer => [`${category} ${command.name} ${pointer}`, command as Type, pointer] as const),
);

function faults(command: Type, pointer: string, elements: readonly unknown[]): string[] {
  const body = exampleOf(command);
  const names = pointer.split('/').slice(1);
  const last = names.pop() as string;
  const holder = names.reduce((part, name) => (part[name] ??= {}) as Record<string, unknown>, body);
  holder[last] = elements;
  return examined(command as Type<object>, body, NOW)
    .faults.filter(fault => fault.pointer?.startsWith(pointer))
    .map(fault => `${fault.code} ${fault.pointer}`);
}

describe('an element that is named twice is a fault', () => {
  test('lists are found in bodies', () => expect(inBodies.length).toBeGreaterThan(10));

  test.each(inBodies)('%s', (_, command, pointer) => {
    const element = CANDIDATES.find(candidate => faults(command, pointer, [candidate]).length === 0) ?? 'nothing fits';
    expect(element).not.toBe('nothing fits');
    expect(faults(command, pointer, [element, element])).toEqual([`invalid ${pointer}/1`]);
    // Capital letters make no other UUID.
    if (element === SOME_UUID) expect(faults(command, pointer, [element, SOME_UUID.toUpperCase()])).toEqual([`invalid ${pointer}/1`]);
  });
});
