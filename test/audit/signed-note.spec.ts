import { describe, expect, it } from '@jest/globals';
import { openHead, openStreamEnd, signedHead, signedStreamEnd } from '../../src/audit/log/checkpoint.js';
import { NoteInvalid, SignerKey, VerifierKey } from '../../src/audit/log/signed-note.js';

// The example of the format's first implementation, which everybody's tests use.
const PUBLISHED = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text: `If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n`,
  signature: '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};
const seed = Buffer.alloc(32, 7);
const key = new SignerKey('caseledger/spec', seed);
const verifier = key.verifier;
const head = { size: 12, root: Buffer.alloc(32, 3) };

describe('a signed note', () => {
  it('is read as everybody writes it', () => {
    const published = VerifierKey.parse(PUBLISHED.key);
    expect(published.toString()).toBe(PUBLISHED.key);
    expect(published.open(`${PUBLISHED.text}\n${PUBLISHED.signature}`)).toBe(PUBLISHED.text);
  });

  it('may be signed by others too', () => {
    const note = key.sign('said\n') + PUBLISHED.signature;
    expect(verifier.open(note)).toBe('said\n');
    expect(() => VerifierKey.parse(PUBLISHED.key).open(note)).toThrow('its signature is not that of its text');
  });

  it.each([
    ['another text', (note: string) => note.replace('said', 'sayd')],
    ['no empty line', (note: string) => note.replace('\n\n', '\n')],
    ['no signature', (note: string) => note.slice(0, note.indexOf('—'))],
    ['the same signature twice', (note: string) => note + note.slice(note.indexOf('—'))],
    ['a line that is no signature', (note: string) => `${note}and so on\n`],
    ['no line feed at the end', (note: string) => note.slice(0, -1)],
    ['a signature cut short', (note: string) => note.replace(/\S{8}\n$/, '\n')],
    ['nothing at all', () => ''],
  ])('is refused with %s', (_, change) => {
    expect(() => verifier.open(change(key.sign('said\n')))).toThrow(NoteInvalid);
  });

  it.each([
    'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T',
    'PeterNeumann',
    '',
  ])('is not opened with what is no key: %s', text => {
    expect(() => VerifierKey.parse(text)).toThrow(NoteInvalid);
  });
});

describe('a head', () => {
  it('says origin, size and root, and is always the same', () => {
    const note = signedHead(key, head);
    expect(note.split('\n').slice(0, 4)).toEqual(['caseledger/spec', '12', 'AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=', '']);
    expect(openHead(VerifierKey.parse(verifier.toString()), note)).toEqual(head);
    expect(signedHead(key, head)).toBe(note);
  });

  it.each([
    ['of another log', 'caseledger/other\n12\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n'],
    ['of 012 leaves', 'caseledger/spec\n012\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n'],
    ['of 1e3 leaves', 'caseledger/spec\n1e3\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n'],
    ['of more leaves than can be counted', 'caseledger/spec\n9999999999999999\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n'],
    ['with half a root', 'caseledger/spec\n12\nAwMDAwMDAwMDAwMDAwMDAw==\n'],
    ['without a root', 'caseledger/spec\n12\n'],
  ])('is none %s, however well it is signed', (_, text) => {
    expect(() => openHead(verifier, key.sign(text))).toThrow(NoteInvalid);
  });

  it('is not the end of a stream, nor the other way round', () => {
    const end = { stream: 'case-1', lastRevision: 4, size: 12 };
    expect(openStreamEnd(verifier, signedStreamEnd(key, end))).toEqual(end);
    expect(() => openHead(verifier, signedStreamEnd(key, end))).toThrow('it is the head of another log');
    expect(() => openStreamEnd(verifier, signedHead(key, head))).toThrow('it does not say where a stream ends');
    const elsewhere = new SignerKey('caseledger/other', seed);
    expect(() => openStreamEnd(verifier, signedStreamEnd(elsewhere, end))).toThrow('it is not signed by this key');
  });
});
