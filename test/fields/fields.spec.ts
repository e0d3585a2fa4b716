import type { Type } from '@nestjs/common';
import {
  AlienNumber,
  AlienNumberList,
  Bool,
  Code,
  CodeList,
  Country,
  CountryList,
  Day,
  DayOrInstant,
  Duration,
  Instant,
  Interpreter,
  Language,
  LanguageList,
  Matching,
  Name,
  Nested,
  NestedList,
  OccurredAt,
  OneAtLeast,
  OneOf,
  Optional,
  PartnerCountry,
  Reference,
  ShortText,
  Text,
  TextList,
  Uuid,
  UuidList,
  Week,
  WholeNumber,
} from '../../src/fields/fields.js';
import { exampleOf } from '../../src/fields/examples.js';
import { fieldsOf, hasPersonalField } from '../../src/fields/field-registry.js';
import { examined, validated, validatedParameters, ValidationFailed } from '../../src/fields/validation.js';

const NOW = '2020-01-13T15:00:00Z';
const UUID = '0B8E2C1A-5D0F-4C55-9D0E-6A4F1C2B3D4E';

type OfUnknown = (target: { field?: unknown }, name: 'field') => void;

const one = (decorator: OfUnknown): Type<{ field?: unknown }> => {
  class One {
    field?: unknown;
  }
  decorator(One.prototype, 'field');
  return One;
};
const faultsOf = (target: Type<object>, body: unknown): string[] =>
  examined(target, body, NOW)
    .faults.map(({ pointer, code }) => `${pointer} ${code}`)
    .sort();

/** Each fills a place, and shows nothing. */
const INVISIBLE = ['\u200b', '\u3164', '\u2800'];

describe.each<[string, OfUnknown, readonly unknown[], readonly unknown[]]>([
  [
    'Text',
    Text({ max: 3 }),
    ['a', 'abc', '😀😀😀', 'a\nb', 'a\tb', ' a '],
    ['', ' ', '\n\t', ...INVISIBLE, 'abcd', '😀😀😀😀', 7, null, ['a'], {}, 'a\u0000', 'a\ud800', '\udc00b', Object('a')],
  ],
  ['ShortText', ShortText(), ['a'.repeat(200)], ['a'.repeat(201), '']],
  [
    'Name',
    Name(),
    ['Ana', 'José Ángel', "O'Neill", 'محمد', 'بِه\u200cنام', 'क्\u200dष', '李', 'a'.repeat(200)],
    [
      '',
      ' ',
      '\u200b',
      '--',
      '123',
      '\u0301',
      '\u0301'.repeat(200),
      'Ana\nLucía',
      'Ana\tLucía',
      'Ana\u202eaícuL',
      'A\u200bna',
      'Ana\u200d',
      '\u200cAna',
      'A\u2028b',
      'A\u0007b',
      'a'.repeat(201),
      null,
    ],
  ],
  [
    'Reference',
    Reference(),
    ['No. 1:20-cv-00123', '7', 'a'.repeat(20_000)],
    ['', ' ', '\u200b', 'a\nb', 'a\u202eb', '1\u200db', 'a\u0085b', 'a'.repeat(20_001), 7],
  ],
  ['Matching', Matching(/^A\d{8,9}$/, 'must be A and 8 or 9 digits'), ['A12345678', 'A123456789'], ['A1234567', 'A12345678\n', 12345678]],
  [
    'AlienNumber',
    AlienNumber(),
    ['A098765432', 'A98765432', 'a 098-765-432', '098.765.432', 'A# 98 765 432', ' #9876543 ', 'A–987–654–321', '1234567'],
    [
      '',
      'A',
      'A123456',
      '123456',
      'A1234567890',
      'AA98765432',
      'B98765432',
      '98765432A',
      'A98765432x',
      'A9\u200b8765432',
      '9\n8765432',
      98765432,
      null,
    ],
  ],
  ['Code', Code(), ['a', 'court-order', 'x1-2'], ['', 'A', 'a_b', '-a', 'a-', 'a--b', 'a b', null]],
  ['OneOf', OneOf(['none', 'parent']), ['none', 'parent'], ['None', '', null, ['none'], 'constructor', '__proto__']],
  ['Bool', Bool(), [true, false], ['true', 0, null]],
  ['WholeNumber', WholeNumber({ min: 1, max: 200 }), [1, 200], [0, 201, 1.5, '1', null, Number.NaN]],
  [
    'Uuid',
    Uuid(),
    [UUID, '00000000-0000-4000-8000-000000000000', '00000000-0000-0000-0000-000000000000', '018f3e2a-7b1c-7def-8abc-0123456789ab'],
    ['no', '0b8e2c1a5d0f4c559d0e6a4f1c2b3d4e', `{${UUID}}`, null],
  ],
  ['Country', Country(), ['GT', 'US', 'HN'], ['gt', 'XX', 'GTM', 'G', null]],
  ['PartnerCountry', PartnerCountry(), ['SV', 'GT', 'HN'], ['US', 'gt']],
  [
    'Language',
    Language(),
    ['es', 'es-SV', 'quc', 'zh-Hant-TW', 'mam-GT', 'spa', 'ES-sv'],
    ['', 'e', 'español', 'es_SV', 'es-', '-', 'und', 'und-Latn', 'MUL', 'mis', 'zxx', null],
  ],
  [
    'Day',
    Day(),
    ['2020-02-29', '2019-12-31', '2999-01-01'],
    ['2019-02-29', '2020-02-30', '2020-13-01', '2020-00-10', '2020-1-1', '2020-01-13T00:00:00Z', '1900-02-29', null, 20200113],
  ],
  [
    'Instant',
    Instant(),
    ['2020-01-13T15:00:00Z', '2020-01-13T23:59:59.123456789Z', '2020-01-13T15:00:00+00:00'],
    [
      '2020-01-13T24:00:00Z',
      '2020-02-30T00:00:00Z',
      '2020-01-13T15:00:60Z',
      '2020-01-13T15:00:00',
      '2020-01-13T15:00:00+01:00',
      '2020-01-13',
      'yesterday',
      null,
    ],
  ],
  ['DayOrInstant', DayOrInstant(), ['2020-01-13', '2020-01-13T15:00:00Z'], ['2020-02-30', '2020-01']],
  ['Week', Week(), ['2020-W05', '2020-W53', '2015-W53', '2026-W53'], ['2020-W00', '2020-W54', '2019-W53', '2020-5', '2020-W5', '2021-W53']],
  ['Duration', Duration(), ['PT72H', 'P30D', 'P2W', 'P1DT12H'], ['P', 'PT', 'P1M', 'P1Y', '72H', 'P1DT', '']],
  ['Day, not in the future', Day({ notInFuture: true }), ['2020-01-13'], ['2020-01-14']],
  ['Instant, not in the future', Instant({ notInFuture: true }), [NOW, '2020-01-13T15:00:00.000Z'], ['2020-01-13T15:00:00.001Z']],
  ['CodeList', CodeList({ min: 1, max: 2 }), [['a'], ['a', 'b']], [[], ['a', 'b', 'c'], ['a', 'a'], 'a', { 0: 'a' }, null, [['a']]]],
  ['TextList', TextList(), [[], ['a']], [['\u0000'], [null], [{}]]],
  [
    'LanguageList',
    LanguageList(),
    [['es', 'en']],
    [
      ['es', 'es_SV'],
      ['es', 'spa'],
    ],
  ],
  ['CountryList', CountryList(), [['HN', 'SV']], [['Honduras']]],
  ['UuidList', UuidList(), [[UUID]], [['x']]],
])('%s', (_, decorator, good, bad) => {
  const target = one(decorator);
  it.each(good.map(value => [JSON.stringify(value), value]))('takes %s', (_text, value) => {
    expect(faultsOf(target, { field: value })).toEqual([]);
  });
  it.each(bad.map(value => [JSON.stringify(value), value]))('refuses %s', (_text, value) => {
    const faults = faultsOf(target, { field: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^\/field(\/\d)? (invalid|in-the-future)$/);
  });
  it('is missing when absent', () => expect(faultsOf(target, {})).toEqual(['/field missing']));
});

class Place {
  @ShortText({ personal: true }) readonly street!: string;
  @Country() readonly country!: string;
}
class Person {
  @Nested(() => Place) @Optional() readonly place?: Place;
  @NestedList(() => Place, { max: 2 }) @Optional() readonly others?: readonly Place[];
  @Uuid() @Optional() readonly id?: string;
  @UuidList() @Optional() readonly ids?: readonly string[];
  @OccurredAt() readonly occurredAt?: string;
}
class Named extends Person {
  @Text({ personal: true }) @Optional() readonly name?: string;
  @Nested(() => Place) readonly home!: Place;
}
const HOME = { street: 'synthetic', country: 'HN' };

describe('a body', () => {
  it('is left as it came where a letter bears marks without end: one sender could keep everybody waiting', () => {
    class Told {
      @Text() readonly text!: string;
    }
    const marks = (count: number) => ` ${'\u0301\u0316'.repeat(count / 2)}e\u0301`;
    expect(validated(Told, { text: `a${marks(30)}` }, NOW).text).toBe(`a${marks(30)}`.normalize('NFC'));
    expect(validated(Told, { text: `a${marks(32)} ` }, NOW).text).toBe(`a${marks(32)}`);
    expect(examined(Told, { text: '\u0301\u0316'.repeat(250_000) }, NOW).faults).toHaveLength(1);
  });

  it('names as interpreter somebody else than its sender', () => {
    class Said {
      @Interpreter() readonly interpreterId?: string;
    }
    const faults = (interpreterId: string) =>
      examined(Said, { interpreterId }, NOW, 'cw-ana').faults.map(({ pointer, code }) => `${pointer} ${code}`);
    expect(faults('cw-ana')).toEqual(['/interpreterId invalid']);
    expect(faults('int-rosa')).toEqual([]);
    expect(examined(Said, {}, NOW, 'cw-ana').faults).toEqual([]);
  });

  it('has its texts composed and without blanks around them, and its languages in their canonical form', () => {
    class Told {
      @Name() readonly name!: string;
      @Text() readonly text!: string;
      @Language() readonly language!: string;
      @LanguageList() readonly languages!: string[];
    }
    const sent = { name: ' Jose\u0301 ', text: '\u00a0one\ntwo\n', language: 'iw', languages: ['SPA', 'kek'] };
    expect(validated(Told, sent, NOW)).toEqual({ name: 'José', text: 'one\ntwo', language: 'he', languages: ['es', 'kek'] });
  });

  it('has alien numbers in one form, however they were written', () => {
    class Told {
      @AlienNumber() readonly number!: string;
      @AlienNumberList() readonly others!: string[];
    }
    const others = ['a 098-765-432', '98765433', '#7654321'];
    expect(validated(Told, { number: 'A98765432', others }, NOW)).toEqual({
      number: 'A098765432',
      others: ['A098765432', 'A098765433', 'A007654321'],
    });
  });

  it('is told of the element that stands in a list twice', () => {
    class Told {
      @AlienNumberList() readonly others!: string[];
    }
    expect(faultsOf(Told, { others: ['A98765432', '7654321', 'a098.765.432', 'x'] })).toEqual(['/others/2 invalid', '/others/3 invalid']);
  });

  it('has one of the fields of which one must be there', () => {
    @OneAtLeast<Called>('given', 'family')
    class Called {
      @Optional() @Name() readonly given?: string;
      @Optional() @Name() readonly family?: string;
    }
    class Told extends Person {
      @Nested(() => Called) readonly called!: Called;
      @NestedList(() => Called) readonly aliases!: Called[];
    }
    const fits = { given: 'Ana' };
    expect(faultsOf(Told, { called: fits, aliases: [{ family: 'Synthetic' }, fits] })).toEqual([]);
    expect(faultsOf(Told, { called: {}, aliases: [fits, {}] })).toEqual(['/aliases/1/family missing', '/called/family missing']);
    expect(faultsOf(Told, { called: { given: null }, aliases: [] })).toEqual(['/called/given invalid']);
    expect(exampleOf(Told)).toMatchObject({ called: { given: 'text', family: 'text' } });
  });

  it('becomes an instance, nested ones too, with its values in their one form', () => {
    const value = validated(Named, { home: HOME, others: [HOME], id: UUID, ids: [UUID], occurredAt: '2020-01-13T14:00:00+00:00' }, NOW);
    expect(value).toBeInstanceOf(Named);
    expect(value.home).toBeInstanceOf(Place);
    expect(value.others?.[0]).toBeInstanceOf(Place);
    expect(value).toMatchObject({ id: UUID.toLowerCase(), ids: [UUID.toLowerCase()], occurredAt: '2020-01-13T14:00:00Z' });
  });

  it('reports all faults at once, each with its pointer', () => {
    expect(
      faultsOf(Named, {
        home: { street: 7, extra: 1 },
        others: [HOME, { ...HOME, country: 'hn' }],
        ids: [UUID, 'x'],
        id: null,
        occurredAt: '2020-01-13T15:00:01Z',
        'a/b~c': 1,
      }),
    ).toEqual([
      '/a~1b~0c unknown-field',
      '/home/country missing',
      '/home/extra unknown-field',
      '/home/street invalid',
      '/id invalid',
      '/ids/1 invalid',
      '/occurredAt in-the-future',
      '/others/1/country invalid',
    ]);
  });

  it.each([undefined, null, 7, 'x', [HOME], true])('refuses %j where an object is needed', home => {
    expect(faultsOf(Named, { home })).toEqual([`/home ${home === undefined ? 'missing' : 'invalid'}`]);
  });

  it.each([[[null]], [[7]], [[[HOME]]], [HOME], [[HOME, HOME, HOME]]])('refuses %j where a list of objects is needed', others => {
    expect(faultsOf(Named, { home: HOME, others })).toEqual(['/others invalid']);
  });

  it.each([null, 7, 'x', [], [{}]])('refuses %j as a body', body => {
    expect(faultsOf(Named, body)).toEqual([' invalid']);
  });

  it('lets nobody set what is not a field', () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'streamId', 'context']) {
      expect(faultsOf(Named, JSON.parse(`{"home": ${JSON.stringify(HOME)}, "${name}": {"polluted": 1}}`))).toEqual([
        `/${name} unknown-field`,
      ]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('is not led into depths or crowds', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(faultsOf(Named, { home: deep, name: deep, ids: [deep], others: deep, more: deep })).toEqual([
      '/home invalid',
      '/ids/0 invalid',
      '/more unknown-field',
      '/name invalid',
      '/others invalid',
    ]);
    const crowd = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`f${index}`, 1]));
    expect(faultsOf(Named, { home: HOME, ...crowd })).toHaveLength(100);
  });

  it('never repeats what was sent', () => {
    const { faults } = examined(Named, { home: { street: 'Zquill'.repeat(50), country: 'Zquill' }, name: ['Zquill'], id: 'Zquill' }, NOW);
    expect(faults).toHaveLength(4);
    expect(JSON.stringify(faults)).not.toContain('Zquill');
  });

  it('throws what it found', () => {
    expect(() => validated(Named, {}, NOW)).toThrow(ValidationFailed);
    expect(validated(one(Optional()), undefined, NOW)).toEqual({});
  });
});

it('a query arrives as text', () => {
  class Search {
    @WholeNumber({ min: 1, max: 200 }) @Optional() readonly limit?: number;
    @Bool() @Optional() readonly hold?: boolean;
    @CodeList() @Optional() readonly status?: readonly string[];
  }
  expect(validatedParameters(Search, { limit: '50', hold: 'false', status: 'opened' }, NOW)).toEqual({
    limit: 50,
    hold: false,
    status: ['opened'],
  });
  for (const wrong of [{ limit: '1e2' }, { limit: '' }, { limit: ['1', '2'] }, { hold: '1' }, { surprise: '1' }]) {
    expect(() => validatedParameters(Search, wrong, NOW)).toThrow(ValidationFailed);
  }
});

it('knows which bodies hold personal data', () => {
  expect(hasPersonalField(Named, { name: 'a' })).toBe(true);
  expect(hasPersonalField(Named, { home: { street: 'a' } })).toBe(true);
  expect(hasPersonalField(Named, { others: [{ country: 'HN' }, { street: 'a' }] })).toBe(true);
  expect(hasPersonalField(Named, { home: { country: 'HN' }, id: UUID })).toBe(false);
  expect(hasPersonalField(Named, undefined)).toBe(false);
});

test('a decorator that does not fit its field does not compile', () => {
  class Mistaken {
    // @ts-expect-error a boolean is no text
    @Bool() readonly final!: string;
    // @ts-expect-error a text is no number
    @Text() readonly count!: number;
    // @ts-expect-error nor is a number one of these
    @WholeNumber() readonly manner!: 'voluntary' | 'removed';
    // @ts-expect-error there is a value that the field does not know
    @OneOf(['granted', 'denied', 'lost']) readonly outcome!: 'granted' | 'denied';
    // @ts-expect-error one is no list
    @Uuid() readonly ids!: string[];
    // @ts-expect-error a list is not one
    @UuidList() readonly id!: string;
    // @ts-expect-error the fields of another class
    @Nested(() => Place) readonly person!: Person;
    // @ts-expect-error it is said to be there always
    @Optional() @Text() readonly name!: string;
    // @ts-expect-error so it is here
    @OccurredAt() readonly occurredAt!: string;
    @OneOf(['granted', 'denied']) readonly decided!: 'granted' | 'denied';
    @Optional() @CodeList() readonly codes?: readonly string[];
  }
  expect(fieldsOf(Mistaken).size).toBe(11);
});
