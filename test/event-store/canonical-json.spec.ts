import { describe, expect, it } from '@jest/globals';
import canonicalizeModule from 'canonicalize';
import * as fc from 'fast-check';
import { canonicalJson, isCanonical, NotCanonical } from '../../src/event-store/canonical-json.js';

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

const isIntegerLike = (key: string) => /^(?:0|[1-9]\d*)$/.test(key);
const text = fc.string({ unit: 'binary' }).filter(value => !value.includes('\0'));
const key = text.filter(value => !isIntegerLike(value) && value !== '__proto__');
const number = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter(value => !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value)));
const iJson = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 8, noNullPrototype: true }),
  ),
})).value;

describe('the canonical form', () => {
  it('is the one of the canonicalize package', () => {
    fc.assert(
      fc.property(iJson, value => expect(canonicalJson(value)).toBe(canonicalize(value))),
      { numRuns: 2000 },
    );
  });

  it('survives parsing', () => {
    fc.assert(fc.property(iJson, value => expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))));
  });

  it('does not depend on the order in which keys were set', () => {
    fc.assert(
      fc.property(fc.dictionary(key, number, { noNullPrototype: true }), value => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it('orders keys by UTF-16 code units, as RFC 8785 shows', () => {
    const sample = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '-1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(sample)).toBe('{"\\r":2,"-1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
  });
});

describe('whether a text is in the canonical form', () => {
  const asked = (written: string): boolean => isCanonical(written, JSON.parse(written));

  it('it is where the canonical form of what it says is that text', () => {
    fc.assert(fc.property(iJson, value => expect(asked(canonicalJson(value))).toBe(true)));
    const anyJson = fc
      .tuple(fc.json(), fc.constantFrom(undefined, 1))
      .map(([written, space]) => JSON.stringify(JSON.parse(written), null, space));
    const form = (written: string): string | undefined => {
      try {
        return canonicalJson(JSON.parse(written));
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(anyJson, written => expect(asked(written)).toBe(form(written) === written)),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a key twice', '{"a":1,"a":1}'],
    ['keys in another order', '{"b":1,"a":{}}'],
    ['keys in another order further in', '{"a":[{"d":1,"c":2}]}'],
    ['an integer-like key', '{"7":1}'],
    ['white space', '{"a": 1}'],
    ['an escape that is not needed', '"\\u0041"'],
    ['an escape in capitals', '"\\u001F"'],
    ['a lone surrogate', '"\\ud800"'],
    ['U+0000', '"\\u0000"'],
    ['an integer beyond 2^53 - 1 that survives parsing', '9007199254740992'],
    ['an integer beyond it that does not', '9007199254740993'],
    ['a number without end', '1e400'],
    ['-0', '-0'],
    ['1.0', '1.0'],
    ['1e2', '[1e2]'],
    ['a number that is rounded', '0.10000000000000000555'],
  ])('it is not with %s', (_, written) => {
    expect(asked(written)).toBe(false);
  });

  it('nor where it is nested beyond any event of ours', () => {
    expect(asked('['.repeat(100) + ']'.repeat(100))).toBe(true);
    expect(asked('['.repeat(50_000) + ']'.repeat(50_000))).toBe(false);
  });

  it('an escape that is needed does no harm', () => {
    expect(asked('{"a":"\\u001f\\n\\\\u0041"}')).toBe(true);
  });
});

describe('what has no canonical form', () => {
  it.each<[string, unknown, string]>([
    ['undefined', { a: undefined }, 'undefined is not JSON at $.a'],
    ['a hole in an array', { a: [1, , 2] }, 'undefined is not JSON at $.a.1'], // oxlint-disable-line no-sparse-arrays
    ['a function', { a: [() => 1] }, 'function is not JSON at $.a.0'],
    ['a bigint', 1n, 'bigint is not JSON at $'],
    ['a symbol', Symbol('x'), 'symbol is not JSON at $'],
    ['NaN', [Number.NaN], 'number that is not finite at $.0'],
    ['Infinity', { a: { b: Number.POSITIVE_INFINITY } }, 'number that is not finite at $.a.b'],
    ['-0', { a: -0 }, 'negative zero at $.a'],
    ['2^53', { a: 2 ** 53 }, 'integer beyond 2^53 - 1 at $.a'],
    ['-1e300', -1e300, 'integer beyond 2^53 - 1 at $'],
    ['an integer-like key', { a: { '7': 1 } }, 'integer-like key at $.a.7'],
    ['a lone surrogate', { a: 'x\ud800' }, 'lone surrogate at $.a'],
    ['a lone surrogate in a key', { 'x\udc00': 1 }, 'lone surrogate at $.x\udc00'],
    ['U+0000', ['\0'], 'U+0000 at $.0'],
    ['a date', { at: new Date(0) }, 'object that is not plain at $.at'],
    ['a map', new Map(), 'object that is not plain at $'],
    ['an instance', new (class Case {})(), 'object that is not plain at $'],
  ])('%s is refused with its place', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
    expect(() => canonicalJson(value)).toThrow(message);
  });

  it('nesting beyond any event of ours is refused, not a stack overflow', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(() => canonicalJson(deep)).toThrow('nested too deeply');
  });
});
