import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { open, seal, SealBroken, type Place } from '../../src/personal-data/sealing.js';

const key = randomBytes(32);
const place: Place = { stream: 'case-1', eventId: 'event-1', type: 'CaseOpened', keyId: 'key-1' };
const planted = 'Planted-Name-7316';

const anyObject = fc
  .dictionary(
    fc.string().filter(name => name !== '__proto__'),
    fc.jsonValue({ maxDepth: 2 }),
  )
  .map(value => JSON.parse(JSON.stringify(value)) as object);
const anyPlace: fc.Arbitrary<Place> = fc.record({ stream: fc.string(), eventId: fc.string(), type: fc.string(), keyId: fc.string() });

const broken = (sealed: string, at: Place = place, by: Buffer = key): unknown => {
  try {
    return open(by, at, sealed, 7);
  } catch (error) {
    return error;
  }
};

describe('sealing', () => {
  it('opens what it sealed, whatever that is and wherever it stands', () => {
    fc.assert(
      fc.property(anyObject, anyPlace, (personal, at) => {
        expect(open(key, at, seal(key, at, personal), 0)).toEqual(personal);
      }),
    );
  });

  it('never shows what it seals, and never seals the same way twice', () => {
    const one = seal(key, place, { name: planted });
    expect(one).toMatch(/^[\w-]+$/);
    expect(Buffer.from(one, 'base64url').includes(planted)).toBe(false);
    expect(seal(key, place, { name: planted })).not.toBe(one);
  });

  it('notices every single bit flipped in the stored text', () => {
    const sealed = seal(key, place, { name: planted });
    for (let bit = 0; bit < sealed.length * 7; bit++) {
      const altered = Buffer.from(sealed, 'latin1');
      const at = Math.floor(bit / 7);
      altered[at] = (altered[at] ?? 0) ^ (1 << (bit % 7));
      expect(broken(altered.toString('latin1'))).toBeInstanceOf(SealBroken);
    }
  });

  it('notices every single bit flipped in the sealed bytes', () => {
    const sealed = Buffer.from(seal(key, place, { name: planted }), 'base64url');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      const at = bit >> 3;
      altered[at] = (altered[at] ?? 0) ^ (1 << (bit & 7));
      expect(broken(altered.toString('base64url'))).toBeInstanceOf(SealBroken);
    }
  });

  it('notices what was cut off or added', () => {
    const sealed = seal(key, place, { name: planted });
    for (let length = 0; length < sealed.length; length++) expect(broken(sealed.slice(0, length))).toBeInstanceOf(SealBroken);
    for (const added of ['A', '=', ' ', '\n', 'AAAA']) expect(broken(sealed + added)).toBeInstanceOf(SealBroken);
  });

  it('notices that it was moved to another stream, event, type or key', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (from, to) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        expect(broken(seal(key, from, { name: planted }), to)).toBeInstanceOf(SealBroken);
      }),
    );
    for (const part of Object.keys(place)) {
      expect(broken(seal(key, place, { name: planted }), { ...place, [part]: 'other' })).toBeInstanceOf(SealBroken);
    }
  });

  it('notices it also where the parts of two places read the same when they are joined', () => {
    for (const joint of ['', ',', '-', '\n', '\0', '","']) {
      const from = { ...place, stream: `a${joint}b`, eventId: 'c' };
      const to = { ...place, stream: 'a', eventId: `b${joint}c` };
      expect(broken(seal(key, from, {}), to)).toBeInstanceOf(SealBroken);
    }
  });

  it('says where, and nothing of what', () => {
    const sealed = seal(key, place, { name: planted });
    const error = broken(sealed, place, randomBytes(32)) as SealBroken;
    expect(error).toMatchObject({ name: 'SealBroken', stream: 'case-1', revision: 7 });
    expect(error.message).toContain('case-1 at revision 7');
    const said = `${error.stack} ${JSON.stringify(error)}`;
    for (const secret of [planted, sealed, key.toString('hex'), key.toString('base64url')]) expect(said).not.toContain(secret);
    expect(error.cause).toBeUndefined();
  });
});
