import { Readable } from 'node:stream';
import fc from 'fast-check';
import { canonicalJson } from '../../src/event-store/canonical-json.js';
import { openHead, signedHead, signedStreamEnd } from '../../src/audit/log/checkpoint.js';
import { leafOf } from '../../src/audit/log/leaf.js';
import { isConsistent } from '../../src/audit/log/merkle-tree.js';
import { SignerKey, VerifierKey } from '../../src/audit/log/signed-note.js';
import { DossierWrong } from '../../src/audit/dossier/dossier-wrong.js';
import type { DossierEvent } from '../../src/audit/dossier/dossier-event.js';
import { verifyDossier, type Asked, type Verified } from '../../src/audit/dossier/verify.js';
import { Config } from '../../src/config.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { MARK, refused, World } from '../support/world.js';

/* What an auditor carries out of the house, and what becomes of it when somebody has altered it. */

interface Dossier {
  caseId: string;
  checkpoint: string;
  dataKeys: Record<string, string | null>;
  end: string;
  events: DossierEvent[];
  format: string;
  proof: string[];
}
interface Checkpoint {
  readonly checkpoint: string;
  readonly publicKey: string;
}

let caseledger: Caseledger;
let world: World;
let caseId: string;
let text: string;
let key: VerifierKey;
let signer: SignerKey;

const checkpoint = () => world.read<Checkpoint>(world.staff.auditor, '/v1/audit/log/checkpoint');
const dossierOf = async (id: string) => (await world.staff.auditor.get(`/v1/audit/cases/${id}/dossier`)).text;
const verify = (dossier: string | Buffer, asked: Partial<Asked> = {}, chunk = 1_000): Promise<Verified> => {
  const bytes = Buffer.from(dossier);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) => bytes.subarray(at * chunk, (at + 1) * chunk));
  return verifyDossier(Readable.from(chunks), { key, ...asked });
};
const since = async (size: number) => (await world.staff.auditor.get(`/v1/audit/cases/${caseId}/dossier?since=${size}`)).text;
const changed = (change: (dossier: Dossier) => void): string => {
  const dossier = JSON.parse(text) as Dossier;
  change(dossier);
  return canonicalJson(dossier);
};

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  caseId = await world.caseAt('submitted');
  await world.caseAt('opened');
  const { publicKey } = await checkpoint();
  key = VerifierKey.parse(publicKey);
  signer = new SignerKey(key.name, caseledger.app.get(Config).logKey);
  text = await dossierOf(caseId);
});
afterAll(() => caseledger.stop());

describe('a dossier', () => {
  it('is proved by the public key alone, in whatever pieces it is read, and opens what is personal', async () => {
    const history = await world.events(caseId);
    const seen: unknown[] = [];
    const found = await verify(text, { see: (event, personal) => seen.push([event.revision, event.type, personal]) });
    expect(found).toMatchObject({ caseId, events: history.length, origin: key.name, erased: 0 });
    expect(seen).toEqual(history.map(({ revision, type, personal }) => [revision, type, personal]));
    for (const chunk of [1, 7, 65_536]) await expect(verify(text, {}, chunk)).resolves.toEqual(found);
    await expect(verify(JSON.stringify(JSON.parse(text)))).resolves.toEqual(found);
    await expect(verify(`${text}\n`)).resolves.toEqual(found);
  });

  it('is recorded as a read, asks for a purpose, and is only of cases that there are', async () => {
    const { auditor, supervisor } = world.staff;
    refused(await supervisor.get(`/v1/audit/cases/${caseId}/dossier`), 403, 'role-not-allowed');
    refused(await auditor.get(`/v1/audit/cases/${caseId}/dossier`, { purpose: ' ' }), 400, 'purpose-missing');
    refused(await auditor.get(`/v1/audit/cases/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e/dossier`), 404, 'not-found');
  });

  it('is judged by the service too, as whoever verifies it would', async () => {
    const { events, size, opened, erased } = await verify(await dossierOf(caseId));
    const { body } = await world.staff.auditor.get(`/v1/audit/cases/${caseId}/dossier/verdict`);
    const { entries, ...said } = body;
    expect(said).toEqual({ revision: events - 1, sound: true, wrong: null, publicKey: key.toString(), opened, erased });
    // That the file was read is an entry too.
    expect(entries).toBeGreaterThanOrEqual(size);
  });

  it('covers what was stored right before it was asked for', async () => {
    await world.act(world.staff.worker, caseId, 'add-note', { text: `${MARK} once more` });
    const newer = await dossierOf(caseId);
    expect((await verify(newer)).events).toBe((await verify(text)).events + 1);
  });

  it('of a case whose key was destroyed still proves every event, and opens none', async () => {
    const id = await world.caseAt('opened');
    const before = JSON.parse(await dossierOf(id)) as Dossier;
    await caseledger.app.get(DataKeys).destroy(Object.keys(before.dataKeys));
    const found = await verify(await dossierOf(id));
    expect(found).toMatchObject({ events: before.events.length, opened: 0 });
    expect(found.erased).toBeGreaterThan(0);
    await expect(verify(canonicalJson(before))).resolves.toMatchObject({ erased: 0 });
  });
});

describe('the log', () => {
  it('goes on: each later head is proved to extend the earlier one', async () => {
    const first = openHead(key, (await checkpoint()).checkpoint);
    await dossierOf(await world.caseAt('opened'));
    const last = openHead(key, (await checkpoint()).checkpoint);
    expect(last.size).toBeGreaterThan(first.size);
    const { proof } = await world.read<{ proof: string[] }>(
      world.staff.auditor,
      `/v1/audit/log/consistency?from=${first.size}&to=${last.size}`,
    );
    const hashes = proof.map(hash => Buffer.from(hash, 'base64'));
    expect(isConsistent(first, last, hashes)).toBe(true);
    expect(isConsistent({ ...first, root: last.root }, last, hashes)).toBe(false);
  });

  it('says what is wrong with the sizes that it is asked for', async () => {
    const { auditor } = world.staff;
    refused(await auditor.get('/v1/audit/log/consistency?from=3&to=2'), 400, 'validation-failed');
    refused(await auditor.get('/v1/audit/log/consistency?from=0&to=2'), 400, 'validation-failed');
    refused(await auditor.get('/v1/audit/log/consistency?from=1&to=999999999'), 404, 'not-found');
  });

  it('signs the same head for the same size, and with no other key', async () => {
    const { checkpoint: note } = await checkpoint();
    expect(signedHead(signer, openHead(key, note))).toBe(note);
    const other = VerifierKey.parse(new SignerKey(key.name, Buffer.alloc(32, 9)).verifier.toString());
    await expect(verify(text, { key: other })).rejects.toThrow('the checkpoint counts for nothing: it is not signed by this key');
  });
});

describe('what was altered is named', () => {
  const move = <T>(list: T[], from: number, to: number): void => void list.splice(to, 0, ...list.splice(from, 1));
  const own = (dossier: Dossier, at: number): DossierEvent => dossier.events[at] as DossierEvent;
  const faults: [string, (dossier: Dossier) => void, string][] = [
    ['a code in an event', d => void ((own(d, 2) as { data: object }).data = { protection: 'none' }), 'revision 2 is not what the log has'],
    ['its actor', d => void ((own(d, 1).metadata.actor as { id: string }).id = 'cw-eve'), 'revision 1 is not what the log has'],
    [
      'a letter of what is sealed',
      d =>
        void ((own(d, 0) as { personal: string }).personal = String(own(d, 0).personal).replace(/^./, first =>
          first === 'A' ? 'B' : 'A',
        )),
      'revision 0',
    ],
    [
      'an event together with its hash',
      d => {
        const event = { ...own(d, 1), metadata: { ...own(d, 1).metadata, recordedAt: '2019-11-15T00:00:01Z' } };
        const { leaf: _, place: __, personal, ...rest } = event;
        d.events[1] = { ...event, leaf: leafOf({ ...rest, personal: personal ?? undefined }).toString('base64') };
      },
      'events and proof do not lead to the signed head',
    ],
    ['an event left out', d => void d.events.splice(2, 1), 'where revision 2 should be stands another'],
    ['the last event left out', d => void d.events.pop(), 'and the case went on to'],
    ['two events exchanged', d => move(d.events, 1, 2), 'where revision 1 should be stands another'],
    ['an event twice', d => void d.events.splice(1, 0, own(d, 1)), 'where revision 2 should be stands another'],
    ['an event of another case', d => void ((own(d, 1) as { stream: string }).stream = 'case-x'), 'an event of another stream'],
    [
      'another case named',
      d => void (d.caseId = d.caseId.replace(/^./, first => (first === '0' ? '1' : '0'))),
      'an event of another stream',
    ],
    ['a place in the log', d => void ((own(d, 3) as { place: number }).place -= 1), 'revision 3|do not lead'],
    ['a hash of the proof', d => void (d.proof[0] = own(d, 0).leaf), 'do not lead to the signed head'],
    ['a hash more in the proof', d => void d.proof.push(d.proof[0] as string), 'do not lead to the signed head'],
    ['no proof', d => void (d.proof = []), 'do not lead to the signed head'],
    ['an event to which something was added', d => void Object.assign(own(d, 1), { remark: 'harmless' }), 'revision 1 is no event'],
    ['a forged head', d => void (d.checkpoint = d.checkpoint.replace(/\n\d+\n/, '\n9999\n')), 'the checkpoint counts for nothing'],
    [
      'a head signed by somebody else',
      d => void (d.checkpoint = signedHead(new SignerKey(key.name, Buffer.alloc(32, 1)), openHead(key, d.checkpoint))),
      'the checkpoint counts for nothing',
    ],
    [
      'an end that lies, signed by somebody else',
      d =>
        void (d.end = signedStreamEnd(new SignerKey(key.name, Buffer.alloc(32, 1)), {
          stream: `case-${d.caseId}`,
          lastRevision: 0,
          size: openHead(key, d.checkpoint).size,
        })),
      'the end of the stream counts for nothing',
    ],
    [
      'the data key of another',
      d => void (d.dataKeys[Object.keys(d.dataKeys)[0] as string] = Buffer.alloc(32).toString('base64')),
      'does not open',
    ],
    [
      'a data key of another length',
      d => void (d.dataKeys[Object.keys(d.dataKeys)[0] as string] = Buffer.alloc(31).toString('base64')),
      'the data key of revision 0 is none',
    ],
    ['no data key', d => void (d.dataKeys = {}), 'the data key of revision 0 is not there'],
    ['a data key too many', d => void (d.dataKeys['x'] = null), 'a data key is there that opens nothing'],
    ['another format', d => void (d.format = 'caseledger-dossier/2'), 'its format is not one that this verifier knows'],
    ['a member too many', d => void Object.assign(d, { remark: 'x' }), 'it is no dossier'],
    ['a member too few', d => void Reflect.deleteProperty(d, 'end'), 'it is no dossier'],
    ['no event at all', d => void (d.events = []), 'it ends at revision -1'],
    [
      'more hashes than a proof can have',
      d => void (d.proof = Array.from({ length: 48 * d.events.length + 2 }, () => own(d, 0).leaf)),
      'the proof is longer than one of its events can be',
    ],
    [
      'more hashes than a proof of consistency can have',
      d => void Object.assign(d, { consistency: Array.from({ length: 97 }, () => own(d, 0).leaf) }),
      'the proof of consistency is longer than any can be',
    ],
    ['a chain of what is no key', d => void Object.assign(d, { chain: ['x'] }), 'the chain of keys counts for nothing'],
  ];
  it.each(faults)('%s', async (_, change, named) => {
    await expect(verify(changed(change))).rejects.toThrow(DossierWrong);
    await expect(verify(changed(change))).rejects.toThrow(new RegExp(named));
  });

  it('a head that is older than asked, and one of another tree', async () => {
    const { size, root } = openHead(key, (JSON.parse(text) as Dossier).checkpoint);
    await expect(verify(text, { head: signedHead(signer, { size, root }) })).resolves.toBeDefined();
    await expect(verify(text, { head: signedHead(signer, { size: size + 1, root }) })).rejects.toThrow('its head is older than asked');
    const forged = signedHead(signer, { size, root: Buffer.alloc(32) });
    await expect(verify(text, { head: forged })).rejects.toThrow('two different trees of one size');
    // Whoever was shown both keeps the proof of it, whichever of the two the dossier is of.
    const shown = (JSON.parse(text) as Dossier).checkpoint;
    const head = [shown, forged].map(checkpoint => `${JSON.stringify({ checkpoint, proof: [] })}\n`).join('');
    await expect(verify(text, { head })).rejects.toThrow(`two different trees of ${size} entries, both signed`);
  });

  it.each([
    ['nothing', () => ''],
    ['half of it', () => text.slice(0, text.length / 2)],
    ['all but the last byte', () => text.slice(0, -1)],
    ['a list', () => `[${text}]`],
    ['two of them', () => text + text],
    ['blanks', () => text.replace('{', '{ ')],
    ['a key twice', () => text.replace('{"caseId":', `{"caseId":"x","caseId":`)],
    ['a key twice in an event', () => text.replace('"data":{', '"data":{"a":1,"a":1,')],
    ['an empty list of another name', () => text.replace('"chain":[]', '"chaim":[]')],
    ['an empty list in the place of a text', () => text.replace(/"caseId":"[^"]*"/, '"caseId":[]')],
    ['a list that ends as an object does', () => text.replace('"chain":[]', '"chain":[}')],
    ['an object that ends as a list does', () => text.replace(/\}$/, ']')],
    ['a number that is rounded', () => text.replace('"revision":1,', '"revision":1.0000000000000000001,')],
    ['a number without end', () => text.replace('"revision":1,', '"revision":1e999,')],
    ['a letter written otherwise', () => text.replace('caseId', 'case\\u0049d')],
    ['half a character', () => text.replace('"caseId":"', '"caseId":"\\ud800')],
    ['no UTF-8', () => Buffer.concat([Buffer.from(text.slice(0, 20)), Buffer.from([0xff, 0xfe]), Buffer.from(text.slice(20))])],
    ['depth', () => text.replace('"data":{', `"data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},`)],
    ['depth without an end', () => '{"a":'.repeat(100_000)],
    ['a list twice, empty the second time', () => text.replace(',"format"', ',"events":[],"format"')],
    ['a list in two halves', () => text.replace('},{"data"', '}],"events":[{"data"')],
    ['a number that is negative and nothing', () => text.replace('"revision":0,', '"revision":-0,')],
    ['a place written otherwise', () => text.replace(/"place":(\d+),"revision":1,/, '"place":$1.0,"revision":1,')],
    [
      'a leaf written otherwise',
      () => text.replace(/"leaf":"(.)/, (_, first: string) => `"leaf":"\\u00${first.charCodeAt(0).toString(16)}`),
    ],
    ['a byte order mark', () => `\ufeff${text}`],
    ['letters that turn the line round', () => text.replace('"actor":{"id":"', '"actor":{"id":"\u202e')],
  ])('%s is refused with a clear word', async (_, file) => {
    await expect(verify(file())).rejects.toThrow(DossierWrong);
  });

  it('heads to compare it with of which none is whole', async () => {
    await expect(verify(text, { head: '{"checkpoint":"caseledger/' })).rejects.toThrow('there is no head in it');
  });

  it('a proof that it extends an older head is no proof to whoever has none, which is said', async () => {
    const { size } = openHead(key, (JSON.parse(text) as Dossier).checkpoint);
    await expect(verify(await since(size - 1))).resolves.toMatchObject({ consistencyUnused: true });
    await expect(verify(text)).resolves.toMatchObject({ consistencyUnused: false });
    const head = (JSON.parse(text) as Dossier).checkpoint;
    await expect(verify(await since(size), { head })).resolves.toMatchObject({ consistencyUnused: false, agreesWith: size });
  });

  it('a file that goes on and on is not held', async () => {
    async function* endless() {
      yield Buffer.from('{"caseId":"');
      for (;;) yield Buffer.alloc(1_000_000, 'a');
    }
    await expect(verifyDossier(endless(), { key })).rejects.toThrow('larger than any part of a dossier can be');
  });

  it('any byte, whatever it becomes', async () => {
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] as number) ^ by;
        await expect(verify(other)).rejects.toThrow(DossierWrong);
      }),
      { numRuns: 400 },
    );
  });
});
