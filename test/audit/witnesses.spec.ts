import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHead } from '../../src/audit/log/checkpoint.js';
import { keptHeads } from '../../src/audit/log/kept-heads.js';
import { emptyHash, isConsistent } from '../../src/audit/log/merkle-tree.js';
import { SignerKey, VerifierKey } from '../../src/audit/log/signed-note.js';
import { verifyFile } from '../../src/audit/dossier/verify-file.js';
import { Database } from '../../src/database/database.js';
import { Config, readConfig } from '../../src/config.js';
import { examine } from '../../src/operating/doctor.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { eventually, World } from '../support/world.js';

/* Signed heads are kept where the operator cannot take them back. */

const folder = mkdtempSync(join(tmpdir(), 'caseledger-witness-'));
const [file, missing] = [join(folder, 'heads'), join(folder, 'not-there', 'heads')];

/** As c2sp.org/tlog-witness has it, for the log of one key. */
class WitnessServer {
  key?: VerifierKey;
  away = false;
  readonly answers: number[] = [];
  private head = { size: 0, root: emptyHash() };
  private readonly signer = new SignerKey('witness.example', Buffer.alloc(32, 5));
  private server?: Server;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => (body += String(chunk)));
      request.on('end', () => {
        const [status, text] = this.away || request.url !== '/log/add-checkpoint' ? [500, ''] : this.answer(body);
        this.answers.push(status);
        response.writeHead(status, { 'content-type': status === 409 ? 'text/x.tlog.size' : 'text/plain' }).end(text);
      });
    });
    await new Promise<void>(done => void this.server?.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/log`;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** What it has seen, as if it had seen it elsewhere. */
  sees(head: { size: number; root: Buffer }): void {
    this.head = head;
  }

  private answer(body: string): [number, string] {
    const [first = '', ...rest] = body.split('\n');
    const blank = rest.indexOf('');
    const note = rest.slice(blank + 1).join('\n');
    if (!this.key) return [404, ''];
    const head = openHead(this.key, note);
    if (Number(/^old (\d+)$/.exec(first)?.[1]) !== this.head.size) return [409, `${this.head.size}\n`];
    if (
      !isConsistent(
        this.head,
        head,
        rest.slice(0, blank).map(hash => Buffer.from(hash, 'base64')),
      )
    )
      return [422, ''];
    this.head = head;
    return [200, this.signer.signatureOf(note)];
  }
}

const server = new WitnessServer();
let caseledger: Caseledger;
let world: World;
let address: string;

interface Checkpoint {
  readonly checkpoint: string;
  readonly publicKey: string;
}
const checkpoint = () => world.read<Checkpoint>(world.staff.auditor, '/v1/audit/log/checkpoint');
const ready = async () => (await fetch(`${caseledger.url}/health/ready`)).text();
const linesOf = () => (existsSync(file) ? keptHeads(readFileSync(file, 'utf8')) : []);
const reached = (note: string) =>
  eventually(
    'the head is kept',
    () => linesOf(),
    lines => lines.some(line => line.checkpoint === note),
  );

beforeAll(async () => {
  address = await server.start();
  caseledger = await startCaseledger({ LOG_WITNESS: `${file}, ${address}, ${missing}` });
  world = await World.in(caseledger);
});
afterAll(async () => {
  await caseledger.stop();
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('each head is a line with the proof that it extends the one before, also after a line that was cut short', async () => {
  const first = await checkpoint();
  await reached(first.checkpoint);
  appendFileSync(file, '{"checkpoint":"casele');
  await world.caseAt('opened');
  await eventually('there is more', checkpoint, ({ checkpoint: note }) => note !== first.checkpoint);
  const second = await checkpoint();
  const lines = await reached(second.checkpoint);
  const key = VerifierKey.parse(first.publicKey);
  const heads = lines.map(line => ({ ...openHead(key, line.checkpoint), proof: line.proof.map(hash => Buffer.from(hash, 'base64')) }));
  expect(heads.length).toBeGreaterThan(1);
  for (const [at, head] of heads.entries())
    expect(isConsistent(heads[at - 1] ?? { size: 0, root: emptyHash() }, head, head.proof)).toBe(true);
});

it('a witness of C2SP signs too, after it was away and where it stands elsewhere; that it fails is told', async () => {
  await eventually('ready tells it', ready, text => text.includes('it answers 404'));
  const { publicKey } = await checkpoint();
  server.key = VerifierKey.parse(publicKey);
  await eventually('ready is content', ready, text => !text.includes('it answers 404'));
  server.away = true;
  const id = await world.caseAt('opened');
  await eventually('a head more is signed', checkpoint, ({ checkpoint: note }) => !note.includes('witness.example'));
  await eventually('ready tells it', ready, text => text.includes('it answers 500'));
  expect(await (await fetch(`${caseledger.url}/metrics`)).text()).toContain(`log_witness_failing{witness="${address}"} 1`);
  const lines = async () => (await examine(caseledger.app)).lines.filter(line => line.includes('its heads do not reach'));
  expect(await lines()).toEqual([
    `not ok  log: its heads do not reach ${address}: it answers 500`,
    `not ok  log: its heads do not reach ${missing}: it cannot be written (ENOENT)`,
  ]);
  // It has forgotten what it saw: it says so, and is told all that it needs.
  server.sees({ size: 0, root: emptyHash() });
  server.away = false;
  mkdirSync(join(folder, 'not-there'));
  await eventually('all are reached', lines, found => found.length === 0, 30_000);
  expect(server.answers).toContain(409);
  const bearsIt = ({ checkpoint: note }: { checkpoint: string }) => note.includes('— witness.example ');
  const signed = await eventually('it has signed, too', checkpoint, bearsIt, 30_000);
  expect(openHead(server.key, signed.checkpoint).size).toBeGreaterThan(0);

  // A dossier whose head is among those that are kept, or extends the newest, is of that log.
  const auditor = world.staff.auditor;
  const dossier = join(folder, 'dossier.json');
  writeFileSync(dossier, (await auditor.get(`/v1/audit/cases/${id}/dossier`)).text);
  const { checkpoint: note } = JSON.parse(readFileSync(dossier, 'utf8')) as Checkpoint;
  await reached(note);
  await checkpoint();
  const good = await verifyFile(dossier, { key: publicKey, head: file });
  expect(good.lines).toContain(`ok      the log is the one of the head of ${openHead(server.key, note).size} entries that was kept`);
  const others = linesOf().filter(line => line.checkpoint !== note);
  writeFileSync(join(folder, 'without'), others.map(line => `${JSON.stringify(line)}\n`).join(''));
  expect((await verifyFile(dossier, { key: publicKey, head: join(folder, 'without') })).isSound).toBe(false);
});

it('what a witness has and this log does not is told, and nothing more is signed', async () => {
  const { publicKey } = await checkpoint();
  const { logKey } = caseledger.app.get(Config);
  const signer = new SignerKey(VerifierKey.parse(publicKey).name, logKey);
  const forged = signer.sign(`${signer.verifier.name}\n999999\n${Buffer.alloc(32, 9).toString('base64')}\n`);
  server.sees({ size: 999_999, root: Buffer.alloc(32, 9) });
  await world.caseAt('opened');
  await eventually('a head is signed', checkpoint, ({ checkpoint: note }) => note !== '');
  await eventually('ready tells it', ready, text => text.includes('a head of 999999 entries, which this log never had'));
  appendFileSync(file, `${JSON.stringify({ checkpoint: forged, proof: [] })}\n`);
  // The file may have all heads by now: it is looked at with the next.
  await world.caseAt('opened');
  const readyAfterHead = async (): Promise<string> => {
    await world.staff.auditor.get('/v1/audit/log/checkpoint');
    return ready();
  };
  await eventually('ready tells it', readyAfterHead, text => text.includes('a head of 999999 entries that this log does not extend'));
  const { rows } = await caseledger.app.get(Database).query('SELECT FROM ledger.log_heads WHERE size = 999999');
  expect(rows).toHaveLength(1);
  expect((await world.staff.auditor.get('/v1/audit/log/checkpoint')).text).toContain('older copy');
});

it.each(['heads', 'ftp://witness.example', 'https://user:secret@witness.example', 'https://'])('%s is no witness', given => {
  expect(() => readConfig({ DATA_DIR: folder, LOG_WITNESS: given })).toThrow('LOG_WITNESS must be');
});
