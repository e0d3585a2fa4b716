import { createHash, createHmac, randomBytes } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import * as fc from 'fast-check';
import { commandHash, eventId, processCommandId, uuidV5, type Asked } from '../../src/event-store/command-identity.js';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ids = {
  stream: 'case-1f0c6f0e-54c5-4f4e-8f0d-5f2f8d0f6a11',
  commandId: '6a4e1c34-15a5-4a7e-9f3f-a6e2fd1c0a52',
  commandHash: 'h',
  index: 0,
};
const asked: Asked = {
  route: 'OpenCase case-1f0c6f0e-54c5-4f4e-8f0d-5f2f8d0f6a11',
  actor: { id: 'worker-1', roles: ['caseworker', 'supervisor'], office: 'ELP' },
  body: { applicant: { family: 'Planted', given: 'Name' }, minor: false },
};

/** The same JSON value with every object's members in the opposite order. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
};

// Its types describe a module that the package is not.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

/** I-JSON: what the codec lets through. */
const text = fc.string({ unit: 'grapheme' });
const named = fc.string({ unit: 'grapheme' }).map(name => `n${name}`);
const { json } = fc.letrec(tie => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(named, tie('json'), { maxKeys: 4 }),
  ),
}));

describe('commandHash', () => {
  it('is the SHA-256 of the RFC 8785 form', () => {
    const form =
      '{"actor":{"id":"worker-1","office":"ELP","roles":["caseworker","supervisor"]},' +
      '"body":{"applicant":{"family":"Planted","given":"Name"},"minor":false},' +
      '"route":"OpenCase case-1f0c6f0e-54c5-4f4e-8f0d-5f2f8d0f6a11"}';
    const key = randomBytes(32);
    expect(commandHash(asked)).toBe(createHash('sha256').update(form).digest('base64url'));
    expect(commandHash(asked, key)).toBe(createHmac('sha256', key).update(form).digest('base64url'));
  });

  it('is that of the form that the canonicalize package gives a command, whatever it does not name', () => {
    class Named {
      constructor(
        readonly kind: unknown,
        readonly note?: string,
      ) {}
    }
    fc.assert(
      fc.property(json, fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }), (kind, note) => {
        const body = { applicant: new Named(kind, note), absent: undefined };
        const form = canonicalize({ route: asked.route, actor: asked.actor, body });
        expect(commandHash({ ...asked, body })).toBe(createHash('sha256').update(form).digest('base64url'));
      }),
    );
  });

  it('does not depend on the order of members or roles', () => {
    fc.assert(
      fc.property(json, body => {
        const other = { body: turned(body), actor: { ...asked.actor, roles: ['supervisor', 'caseworker'] }, route: asked.route };
        expect(commandHash(other)).toBe(commandHash({ ...asked, body }));
      }),
    );
  });

  it('is the same only for equal bodies', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        if (commandHash({ ...asked, body: one }) === commandHash({ ...asked, body: other })) expect(one).toEqual(other);
      }),
    );
  });

  it('takes a command as the controller has it: an instance, with absent members', () => {
    class Applicant {
      family = 'Planted';
      given = 'Name';
      middle = undefined;
    }
    class OpenCase {
      applicant = new Applicant();
      minor = false;
      occurredAt = undefined;
    }
    expect(commandHash({ ...asked, body: new OpenCase() })).toBe(commandHash(asked));
  });

  it('tells routes, actors and keys apart', () => {
    const hashes = [
      commandHash(asked),
      commandHash({ ...asked, route: 'OpenCase case-other' }),
      commandHash({ ...asked, actor: { ...asked.actor, id: 'worker-2' } }),
      commandHash({ ...asked, actor: { ...asked.actor, office: null } }),
      commandHash({ ...asked, actor: { ...asked.actor, roles: ['caseworker'] } }),
      commandHash(asked, randomBytes(32)),
      commandHash(asked, randomBytes(32)),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('cannot be guessed without the key', () => {
    // Whoever holds the events and tries every name finds nothing: the plain hash never appears.
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), key => commandHash(asked, Buffer.from(key)) !== commandHash(asked)),
    );
  });
});

describe('ids made from names', () => {
  it('are UUIDv5 as RFC 9562 has it', () => {
    expect(uuidV5('www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(() => uuidV5('name', 'not a uuid')).toThrow(TypeError);
  });

  it('are UUIDs for every name, lone surrogates included', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), name => UUID_V5.test(uuidV5(name, ids.commandId))));
    expect(uuidV5('\ud800', ids.commandId)).toMatch(UUID_V5);
  });

  it('repeat for the same command, and differ by every part of its name', () => {
    expect(eventId({ ...ids })).toBe(eventId({ ...ids }));
    const variants = [
      ids,
      { ...ids, stream: 'case-2' },
      { ...ids, commandId: 'other' },
      { ...ids, commandHash: 'other' },
      { ...ids, index: 1 },
    ];
    expect(new Set(variants.map(eventId)).size).toBe(variants.length);
  });

  it('never run one part into the next', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (stream, commandId, otherStream, otherCommandId) => {
        fc.pre(stream !== otherStream || commandId !== otherCommandId);
        expect(eventId({ ...ids, stream, commandId })).not.toBe(eventId({ ...ids, stream: otherStream, commandId: otherCommandId }));
      }),
    );
    expect(eventId({ ...ids, stream: 'a","b', commandId: 'c' })).not.toBe(eventId({ ...ids, stream: 'a', commandId: 'b","c' }));
  });

  it('keep what was stored in earlier years: they are frozen', () => {
    expect(eventId(ids)).toBe('82bd9927-95f5-5424-8cff-fd1e41438da9');
    expect(processCommandId('6a4e1c34-15a5-4a7e-9f3f-a6e2fd1c0a52', 'await-reply', 'lapse', 'case-1')).toBe(
      'a332318a-b825-58a0-bc26-cb0f62db1a59',
    );
  });

  it('give a process one command id per trigger, process, step and stream', () => {
    const parts: [string, string, string, string] = ['event', 'process', 'step', 'case-1'];
    const made = new Set([processCommandId(...parts)]);
    for (let index = 0; index < parts.length; index++) {
      made.add(processCommandId(...(parts.map((part, at) => (at === index ? `${part}2` : part)) as typeof parts)));
    }
    expect(made.size).toBe(5);
    expect(processCommandId(...parts)).toBe([...made][0]);
  });
});
