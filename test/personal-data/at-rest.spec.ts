import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { keyIdAtRest, openAtRest, RowSealBroken, sealAtRest, type RestingPlace } from '../../src/personal-data/at-rest.js';
import type { DataKey } from '../../src/personal-data/data-keys.js';

const one: DataKey = { keyId: '0190163d-8694-739b-aea5-966c26f8ad90', key: randomBytes(32) };
const another: DataKey = { keyId: '0190163d-8694-739b-aea5-966c26f8ad91', key: randomBytes(32) };
const place: RestingPlace = ['case-file.notes', 'a case', 1];

describe('what a row keeps sealed', () => {
  it('opens where it stands, with the key that it names', () => {
    for (const text of ['', 'x', 'Zquill süß 🙂', 'long '.repeat(50_000)]) {
      const sealed = sealAtRest(one, place, text);
      expect(keyIdAtRest(place, sealed)).toBe(one.keyId);
      expect(openAtRest(one, place, sealed)).toBe(text);
    }
  });

  it('is the same each time, and another for another text, place or key', () => {
    const sealed = sealAtRest(one, place, 'Zquill');
    expect(sealAtRest(one, place, 'Zquill')).toEqual(sealed);
    for (const other of [
      sealAtRest(one, place, 'Zquilt'),
      sealAtRest(one, ['case-file.notes', 'a case', 2], 'Zquill'),
      sealAtRest(another, place, 'Zquill'),
    ])
      expect(other.subarray(16, 28)).not.toEqual(sealed.subarray(16, 28));
    expect(sealed.toString('latin1')).not.toContain('Zquill');
  });

  it.each([
    ['at another row', ['case-file.notes', 'a case', 2]],
    ['of another case', ['case-file.notes', 'another case', 1]],
    ['in another table', ['case-file.texts', 'a case', 1]],
    ['as another kind of id', ['case-file.notes', 'a case', '1']],
  ] as const)('does not open %s', (_, elsewhere) => {
    expect(() => openAtRest(one, elsewhere, sealAtRest(one, place, 'Zquill'))).toThrow(RowSealBroken);
  });

  it('does not open with any bit changed, cut short, or with another key', () => {
    const sealed = sealAtRest(one, place, 'Zquill');
    for (let at = 16 * 8; at < sealed.length * 8; at++) {
      const altered = Buffer.from(sealed);
      altered[at >> 3] = (altered[at >> 3] as number) ^ (1 << (at & 7));
      expect(() => openAtRest(one, place, altered)).toThrow(RowSealBroken);
    }
    expect(() => openAtRest(one, place, sealed.subarray(0, -1))).toThrow(RowSealBroken);
    expect(() => openAtRest({ ...one, key: another.key }, place, sealed)).toThrow(RowSealBroken);
    expect(() => openAtRest({ ...one, keyId: another.keyId }, place, sealed)).toThrow(RowSealBroken);
    for (const bytes of [Buffer.alloc(0), sealed.subarray(0, 43), Buffer.alloc(100, 0xfe)])
      expect(() => keyIdAtRest(place, bytes)).toThrow(RowSealBroken);
  });

  it('names its place in the error, and nothing that stood there', () => {
    expect(() => openAtRest(another, place, sealAtRest(one, place, 'Zquill'))).toThrow(
      'What is sealed in case-file.notes for a case, 1 was altered or moved: rebuild the read model',
    );
  });
});
