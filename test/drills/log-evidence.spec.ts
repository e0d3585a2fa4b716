// Guarded in every run by audit/sequencer.
import { randomBytes } from 'node:crypto';
import { signedHead } from '../../src/audit/log/checkpoint.js';
import { LogEvidence } from '../../src/audit/log/log-evidence.js';
import { LogKeys } from '../../src/audit/log/log-keys.js';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { leafHash } from '../../src/audit/log/merkle-tree.js';
import { SeenPlaces } from '../../src/audit/log/seen-places.js';
import { Sequencer } from '../../src/audit/log/sequencer.js';
import { SignerKey } from '../../src/audit/log/signed-note.js';
import { addLeaves } from '../../src/audit/log/tiles.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { examine } from '../../src/operating/doctor.js';
import { Examiners } from '../../src/operating/examiners.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { planted } from '../support/planted.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually, refused, World } from '../support/world.js';

/* What is kept of the log is altered behind the service's back; the doctor says which of it. */

const key = (): string => randomBytes(32).toString('base64');
const ofLog = async ({ app }: Pick<Caseledger, 'app'>): Promise<readonly string[]> =>
  (await examine(app)).lines.filter(line => line.includes(' log: '));
/** The same, with nothing else that the doctor looks at. */
async function ofLogAlone({ app }: Pick<Caseledger, 'app'>): Promise<readonly string[]> {
  const examiner = app
    .get(Examiners)
    .all()
    .find(({ name }) => name === 'log');
  for await (const batch of app.get(EventStore).readAll()) await examiner?.see(batch);
  const { findings = [], allWell } = (await examiner?.end()) ?? {};
  return findings.length === 0
    ? [`ok      log: ${allWell}`]
    : [...findings.map(line => `not ok  log: ${line}`), 'ok      log: nothing else was found'];
}
const WELL = [expect.stringMatching(/^ok {6}log: each of its \d+ entries is what is stored, and each of its tiles and heads /)];

/** What is found once the statements have changed the tables. */
const plantedIn = (owner: Database, look: () => Promise<readonly string[]>, ...faults: readonly string[]): Promise<readonly string[]> =>
  planted(
    owner,
    ['events', 'log', 'log_tiles', 'log_entries', 'log_heads', 'log_cosignatures'].map(table => `ledger.${table}`),
    faults,
    look,
  );

describe('the log of a service', () => {
  const [LOG_KEY, SECOND] = [key(), key()];
  let database: TestDatabase;
  let owner: Database;
  let service: Caseledger;
  let size: number;
  let origin: string;
  const heads: number[] = [];
  const numbered = async (): Promise<number> => {
    const [log, store] = [service.app.get(MerkleLog), service.app.get(EventStore)];
    const state = await eventually('all is in the log', async () =>
      (await log.state())?.position === (await store.newest()) ? log.state() : undefined,
    );
    return state?.size ?? 0;
  };
  const look = () => ofLogAlone(service);
  const plant = (...faults: readonly string[]) => plantedIn(owner, look, ...faults);

  beforeAll(async () => {
    database = await startTestDatabase();
    owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
    const there = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, MASTER_KEY: key() };
    service = await startCaseledger({ ...there, LOG_KEY });
    await eventually('the log has begun', () => service.app.get(MerkleLog).state());
    await service.stop();
    service = await startCaseledger({ ...there, LOG_KEY: SECOND, LOG_KEY_PREVIOUS: LOG_KEY });
    const [world, log] = [await World.in(service), service.app.get(MerkleLog)];
    const caseId = await world.caseAt('screening');
    for (let signed = 0; signed < 3; signed++) {
      for (let n = 0; n < 30; n++)
        await Promise.all(Array.from({ length: 4 }, () => world.act(world.staff.worker, caseId, 'add-note', { text: 'a note' })));
      await service.settled();
      await numbered();
      heads.push((await log.head())?.size ?? 0);
    }
    size = await numbered();
    origin = (await log.state())?.origin ?? '';
    // Nobody writes while tables are altered and put back.
    await service.app.get(Sequencer).stop();
  });
  afterAll(async () => {
    await service.stop();
    await owner.close();
    await database.stop();
  });

  it('is well, and was looked at', async () => {
    expect(size).toBeGreaterThan(300);
    expect(new Set(heads).size).toBe(3);
    expect(await look()).toEqual(WELL);
    expect(await ofLog(service)).toEqual(WELL);
  });

  it.each([
    ["overlay(hashes placing repeat('x', 32)::bytea from 1)", 'tile 1/0 does not have the hash of tile 0/0: one of them was altered'],
    ['substr(hashes, 1, 16)', 'tile 1/0 does not hold as many hashes as it should'],
    ["hashes || repeat('x', 32)::bytea", 'tile 1/0 does not hold as many hashes as it should'],
  ])('has a tile of hashes of tiles that was altered: %s', async (altered, line) => {
    expect(await plant(`UPDATE ledger.log_tiles SET hashes = ${altered} WHERE level = 1`)).toContain(`not ok  log: ${line}`);
  });

  it('lacks a tile, without which no head is signed and nothing is proved', async () => {
    expect(await plant('DELETE FROM ledger.log_tiles WHERE level = 0 AND index = 0')).toContain('not ok  log: tile 0/0 is missing');
    const auditor = await service.person('aud-ivy', 'auditor');
    const answers: Answer[] = [];
    const lines = await plantedIn(
      owner,
      async () => {
        answers.push(await auditor.get('/v1/audit/log/checkpoint'));
        return look();
      },
      'DELETE FROM ledger.log_tiles WHERE level = 1',
    );
    expect(lines).toEqual([
      'not ok  log: tile 1/0 is missing',
      'not ok  log: tile 1/0 of the log does not hold what it should: doctor says more',
      expect.stringMatching(/^ok/),
    ]);
    for (const answer of answers) refused(answer, 503, 'read-model-behind');
    expect(answers).toHaveLength(1);
  });

  it('has an altered leaf, which event and tile tell', async () => {
    const lines = await plant(
      "UPDATE ledger.log_tiles SET hashes = overlay(hashes placing repeat('x', 32)::bytea from 65) WHERE level = 0 AND index = 0",
    );
    expect(lines).toEqual([
      expect.stringMatching(/^not ok {2}log: [\w-]+ at revision \d+: is not what the log has of it: it was altered$/),
      'not ok  log: tile 1/0 does not have the hash of tile 0/0: one of them was altered',
      expect.stringMatching(/^ok/),
    ]);
  });

  it('has an old head that is another, or none', async () => {
    const [first, second] = heads as [number, number, number];
    const at = `WHERE origin = '${origin}' AND size = ${first}`;
    const forged = signedHead(new SignerKey(origin, Buffer.from(LOG_KEY, 'base64')), { size: first, root: randomBytes(32) });
    expect(await plant(`UPDATE ledger.log_heads SET note = '${forged}' ${at}`)).toEqual([
      `not ok  log: the head of ${origin} over ${first} entries is of another tree: the one or the other was altered`,
      expect.stringMatching(/^ok/),
    ]);
    const stranger = signedHead(new SignerKey(origin, randomBytes(32)), { size: first, root: randomBytes(32) });
    for (const [altered, says] of [
      [`note = '${stranger}'`, 'it is not signed by this key'],
      ["note = replace(note, E'\\n\\n', E'\\n \\n')", 'it is no signed note'],
      ["note = replace(note, '— ', '— x')", 'it is not signed by this key'],
      ["note = ''", 'it is no signed note'],
    ])
      expect(await plant(`UPDATE ledger.log_heads SET ${altered} ${at}`)).toContain(
        `not ok  log: the head of ${origin} over ${first} entries counts for nothing: ${says}`,
      );
    const cosigned = (lines: string) =>
      `INSERT INTO ledger.log_cosignatures (origin, size, witness, lines) VALUES ('${origin}', ${first}, 'w', E'${lines}')`;
    expect(await plant(cosigned('— witness.example AAAA\\n'))).toEqual(WELL);
    expect(await plant(cosigned('spoilt\\n'))).toContain(
      `not ok  log: the head of ${origin} over ${first} entries counts for nothing: a line of its signatures is none`,
    );
    expect(await plant(`UPDATE ledger.log_heads SET origin = 'caseledger/other' ${at}`)).toContain(
      `not ok  log: the head of caseledger/other over ${first} entries counts for nothing: none of the keys that are known is of that log`,
    );
    const elsewhere = `UPDATE ledger.log_heads SET note = (SELECT note FROM ledger.log_heads WHERE size = ${second} LIMIT 1) ${at}`;
    expect(await plant(elsewhere)).toContain(`not ok  log: the head of ${origin} over ${first} entries is one over ${second} entries`);
  });

  it('has entries of events that are gone: each is named, the last one too', async () => {
    const { rows: last } = await owner.query<{ event: string; place: number }>(
      `SELECT stream || ' at revision ' || revision AS event, place FROM ledger.log_entries ORDER BY place DESC LIMIT 1`,
    );
    expect(await plant('DELETE FROM ledger.events WHERE position = (SELECT max(position) FROM ledger.events)')).toContain(
      `not ok  log: ${last[0]?.event}: is entry ${last[0]?.place} of the log, and gone from the store`,
    );
    const many = await plant("DELETE FROM ledger.events WHERE type = 'NoteAdded'");
    expect(many.filter(line => line.includes(' and gone from the store'))).toHaveLength(20);
    expect(many).toContainEqual(expect.stringMatching(/^not ok {2}log: and 340 more of its \d+ entries are of events that are gone$/));
    const all = await plant('DELETE FROM ledger.events WHERE true');
    expect(all).toContain(`not ok  log: and ${size - 20} more of its ${size} entries are of events that are gone`);
    const traceless = await plant(
      'DELETE FROM ledger.events WHERE position = (SELECT max(position) FROM ledger.events)',
      `DELETE FROM ledger.log_entries WHERE place = ${size - 1}`,
    );
    expect(traceless).toContain(`not ok  log: entry ${size - 1}: neither its event is there, nor of which it was`);
  });

  it('was put back, so that the newest events stand beyond it', async () => {
    expect(await plant(`UPDATE ledger.log SET size = ${size - 1}`)).toContainEqual(
      expect.stringMatching(/^not ok {2}log: .*: stands beyond the end of the log: that was put back$/),
    );
  });

  it('is well after its key was exchanged, and it was begun anew under another name; heads of before are still looked at', async () => {
    const { app } = service;
    const [keys, log] = [app.get(LogKeys), app.get(MerkleLog)];
    app.get(Sequencer).start();
    const another = (what: string, of: 'publicKey' | 'origin') => {
      const before = log.state();
      return async () => eventually(what, async () => `${String((await log.state())?.[of])}` !== `${String((await before)?.[of])}`);
    };
    const exchanged = another('the second key signs', 'publicKey');
    await keys.exchange();
    await exchanged();
    await log.head();
    expect(await look()).toEqual(WELL);
    const begunAnew = another('it goes on under another name', 'origin');
    const begun = await log.state();
    // Of a tree that was lost, as far as anybody here can tell.
    const lost = signedHead(new SignerKey(origin, Buffer.from(SECOND, 'base64')), { size: (begun?.size ?? 0) - 1, root: randomBytes(32) });
    await keys.renew('restored', lost);
    await begunAnew();
    await log.head();
    await numbered();
    await app.get(Sequencer).stop();
    expect((await log.state())?.origin).not.toBe(origin);
    expect(await look()).toEqual(WELL);
    const forged = signedHead(new SignerKey(origin, Buffer.from(LOG_KEY, 'base64')), { size: heads[1] ?? 0, root: randomBytes(32) });
    expect(await plant(`UPDATE ledger.log_heads SET note = '${forged}' WHERE size = ${heads[1]}`)).toEqual([
      `not ok  log: the head of ${origin} over ${heads[1]} entries is of another tree: the one or the other was altered`,
      expect.stringMatching(/^ok/),
    ]);
    expect(await plant(`UPDATE ledger.log SET renewal = 'key-lost'`)).toEqual(WELL);
  });
});

it('is looked at where events are kept in EventStoreDB, too', async () => {
  const [server, database] = [await StandIn.start(), await startTestDatabase()];
  const owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  const service = await startCaseledger({
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.ownerUrl,
    EVENT_STORE_URL: `esdb://${server.address}?tls=false`,
  });
  try {
    const world = await World.in(service);
    const caseId = await world.caseAt('screening');
    await service.settled();
    const [log, store] = [service.app.get(MerkleLog), service.app.get(EventStore)];
    await eventually('all is in the log', async () => (await log.state())?.position === (await store.newest()));
    await log.head();
    expect(await ofLog(service)).toEqual(WELL);
    await service.app.get(Sequencer).stop();
    const entry = `UPDATE ledger.log_entries SET revision = 99 WHERE stream = 'case-${caseId}' AND revision = 0`;
    expect(await plantedIn(owner, () => ofLog(service), entry)).toEqual([
      `not ok  log: case-${caseId} at revision 0: is not in the log, which has passed it: it was put in later`,
      expect.stringMatching(
        new RegExp(`^not ok {2}log: case-${caseId} at revision 99: is entry \\d+ of the log, and gone from the store$`),
      ),
      expect.stringMatching(/^ok/),
    ]);
  } finally {
    await service.stop();
    await owner.close();
    await database.stop();
    await server.kill();
  }
});

it('is told of tiles on every level, whichever was altered', async () => {
  const database = await startTestDatabase();
  const owner = Database.open({ url: database.ownerUrl, applicationName: 'spec', max: 1 });
  try {
    const size = 65_536 + 300;
    const leaves = Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`${at}`)));
    await owner.query("INSERT INTO ledger.log (origin, public_key, store_id, position, size) VALUES ('o', '', 's', '', $1)", [size]);
    await addLeaves(owner, 0, leaves.slice(0, 65_000));
    await addLeaves(owner, 65_000, leaves.slice(65_000));
    const wrong = async (of = size): Promise<string[]> => {
      const lines: string[] = [];
      for await (const line of new LogEvidence(owner).wrongTiles(of)) lines.push(line);
      return lines;
    };
    for (const part of [0, 1, 255, 256, 257, 65_536, size]) expect(await wrong(part)).toEqual([]);
    for (const [level, index, line] of [
      [0, 255, 'tile 1/0 does not have the hash of tile 0/255'],
      [1, 0, 'tile 2/0 does not have the hash of tile 1/0'],
      [2, 0, 'tile 2/0 does not have the hash of tile 1/0'],
    ] as const) {
      const at = `WHERE level = ${level} AND index = ${index}`;
      const { rows } = await owner.query<{ hashes: Buffer }>(`SELECT hashes FROM ledger.log_tiles ${at}`);
      await owner.query(`UPDATE ledger.log_tiles SET hashes = overlay(hashes placing repeat('x', 32)::bytea from 1) ${at}`);
      expect(await wrong()).toContain(`${line}: one of them was altered`);
      await owner.query(`DELETE FROM ledger.log_tiles ${at}`);
      expect(await wrong()).toContain(`tile ${level}/${index} is missing`);
      await owner.query('INSERT INTO ledger.log_tiles VALUES ($1, $2, $3)', [level, index, rows[0]?.hashes]);
    }
    await owner.query("UPDATE ledger.log_tiles SET hashes = decode(repeat('00', 32 * 256), 'hex') WHERE level = 1 AND index = 0");
    expect(await wrong()).toContain('tile 1/0 does not have the hash of tile 0/0, nor those of 255 more: one of them was altered');
  } finally {
    await owner.close();
    await database.stop();
  }
});

it('remembers which places it met, in the memory of those alone', () => {
  const places = new SeenPlaces();
  for (let place = 0; place < 200_000; place++) if (place % 65_536 !== 7) places.add(place);
  places.add(2 ** 47);
  expect(places.missing(200_000, 2)).toEqual({ first: [7, 65_543], count: 4 });
  expect(places.missing(2 ** 46, 5)).toEqual({ first: [7, 65_543, 131_079, 196_615, 200_000], count: 2 ** 46 - 200_000 + 4 });
  expect(places.missing(7, 5)).toEqual({ first: [], count: 0 });
});
