import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyFile } from '../../src/audit/dossier/verify-file.js';

/* What becomes of the files that `verify` is given, whatever the verdict. */

const vectors = JSON.parse(readFileSync(new URL('./vectors/caseledger-dossier-1.json', import.meta.url), 'utf8')) as {
  readonly publicKeys: { readonly second: string };
  readonly dossier: string | readonly string[];
  readonly erased: { readonly dossier: string | readonly string[] };
};
const key = vectors.publicKeys.second;
const [dossier, withoutKeys] = [vectors.dossier, vectors.erased.dossier].map(text => [text].flat().join('')) as [string, string];

let folder: string;
const file = (name: string, content?: string): string => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caseledger-verify-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes each event with what is personal opened, for nobody else to read', async () => {
  const open = file('events.ndjson');
  const { isSound, lines } = await verifyFile(file('dossier.json', dossier), { key, open });
  expect({ isSound, first: lines[0] }).toEqual({ isSound: true, first: expect.stringContaining('none altered') as string });
  const events = readFileSync(open, 'utf8').trim().split('\n');
  expect(events.map(line => (JSON.parse(line) as { revision: number }).revision)).toEqual(events.map((_, at) => at));
});

it('says where a key is not there and no erasure tells why: somebody may have left it out', async () => {
  const { lines } = await verifyFile(file('dossier.json', withoutKeys), { key });
  expect(lines.slice(1, 3)).toEqual([
    expect.stringContaining('personal data: 0 opened, 1 erased'),
    'note    of 1 of them no erasure in the case tells: their keys may only have been left out of the file',
  ]);
});

it.each([
  ['unsound', dossier.replace('"office":"', '"office":"X')],
  ['cut short', dossier.slice(0, -1)],
])('leaves nothing of a dossier that is %s', async (_, content) => {
  const open = file('events.ndjson');
  const { isSound } = await verifyFile(file('dossier.json', content), { key, open });
  expect({ isSound, left: existsSync(open) }).toEqual({ isSound: false, left: false });
});

it.each([
  ['sound', dossier],
  ['unsound', dossier.slice(0, -1)],
])('touches no file that is there already, where the dossier is %s', async (_, content) => {
  const open = file('events.ndjson', 'of somebody else');
  await expect(verifyFile(file('dossier.json', content), { key, open })).rejects.toThrow('EEXIST');
  expect(readFileSync(open, 'utf8')).toBe('of somebody else');
});

it('leaves nothing either where a file cannot be read', async () => {
  const open = file('events.ndjson');
  await expect(verifyFile(folder, { key, open })).rejects.toThrow('EISDIR');
  await expect(verifyFile(file('dossier.json', dossier), { key, open, head: folder })).rejects.toThrow('EISDIR');
  await expect(verifyFile(file('none.json'), { key, open })).rejects.toThrow('ENOENT');
  expect(existsSync(open)).toBe(false);
});
