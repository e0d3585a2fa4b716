import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { leafHash } from '../../src/audit/log/merkle-tree.js';
import { addLeaves, hashesOf } from '../../src/audit/log/tiles.js';
import { verifyDossier } from '../../src/audit/dossier/verify.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { examine } from '../../src/operating/doctor.js';
import type { Caseledger } from '../support/caseledger.js';
import { startTestDatabase } from '../support/postgres.js';
import { eventually, refused, World } from '../support/world.js';
import { rootWithin } from '../support/merkle-root.js';
import { servicesOverOne } from '../support/services-over-one.js';

/* One log, whoever numbers it, and however often they die. */

const { start, stop, database } = servicesOverOne();

const [MASTER_KEY, LOG_KEY] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const service = (logKey = LOG_KEY): Promise<Caseledger> => start({ MASTER_KEY, LOG_KEY: logKey });

it('tells the doctor what was altered, put in or taken away behind its back', async () => {
  const caseledger = await service();
  const world = await World.in(caseledger);
  const [altered, gone] = [await world.caseAt('screening'), await world.caseAt('opened')];
  const [log, store] = [caseledger.app.get(MerkleLog), caseledger.app.get(EventStore)];
  await eventually('all is in the log', async () => (await log.state())?.position === (await store.newest()));
  const ofLog = async () => (await examine(caseledger.app)).lines.filter(line => line.includes(' log: '));
  expect(await ofLog()).toEqual([expect.stringMatching(/^ok {6}log: each of its \d+ entries is what is stored, and /)]);

  const owner = Database.open({ url: database().ownerUrl, applicationName: 'spec' });
  // Nothing else could show it: it is what its type says.
  await owner.query(
    "UPDATE ledger.events SET metadata = replace(metadata::text, 'cw-ana', 'cw-eve')::json WHERE stream = $1 AND revision = 1",
    [`case-${altered}`],
  );
  // Whoever asks for a dossier is told, too.
  const auditor = await caseledger.person('aud-ivy', 'auditor');
  const { publicKey } = (await auditor.get('/v1/audit/log/checkpoint')).body;
  const dossier = (await auditor.get(`/v1/audit/cases/${altered}/dossier`)).text;
  await expect(verifyDossier(Readable.from([Buffer.from(dossier)]), { key: VerifierKey.parse(String(publicKey)) })).rejects.toThrow(
    'revision 1 is not what the log has: it was altered',
  );
  expect((await auditor.get(`/v1/audit/cases/${altered}/dossier/verdict`)).body).toMatchObject({
    sound: false,
    wrong: 'revision 1 is not what the log has: it was altered',
    entries: null,
  });
  await owner.query('DELETE FROM ledger.events WHERE stream = $1', [`case-${gone}`]);
  await owner.close();
  const lines = await ofLog();
  expect(lines[0]).toBe(`not ok  log: case-${altered} at revision 1: is not what the log has of it: it was altered`);
  expect(lines[1]).toMatch(new RegExp(`^not ok {2}log: case-${gone} at revision 0: is entry \\d+ of the log, and gone from the store$`));
});

it('is signed with its own key alone: with another one nothing is signed, and whoever looks is told', async () => {
  await stop(await service());
  const other = await service(randomBytes(32).toString('base64'));
  const auditor = await other.person('aud-ivy', 'auditor');
  expect(refused(await auditor.get('/v1/audit/log/checkpoint'), 503, 'read-model-behind').text).toContain('LOG_KEY');
  expect(await (await fetch(`${other.url}/health/ready`)).text()).toContain('LOG_KEY is not the key');
  expect(await (await fetch(`${other.url}/metrics`)).text()).toMatch(/^log_stopped 1$/m);
});

it('grows by tiles to any size as the definition has it', async () => {
  const apart = await startTestDatabase();
  const owner = Database.open({ url: apart.ownerUrl, applicationName: 'spec' });
  try {
    const leaves = Array.from({ length: 66_100 }, (_, at) => leafHash(Buffer.from(`${at}`)));
    const known = new Map<string, Buffer>();
    let size = 0;
    for (const step of [1, 2, 252, 1, 1, 255, 1_024, 64_000, 2, 562]) {
      await addLeaves(owner, size, leaves.slice(size, size + step));
      size += step;
      const cuts = [size, size - 1, Math.ceil(size / 2)].filter(cut => cut > 0);
      const ranges = cuts.map(to => ({ from: 0, to }));
      expect(await hashesOf(owner, ranges)).toEqual(cuts.map(to => rootWithin(leaves, 0, to, known)));
    }
    expect(size).toBe(leaves.length);
    await expect(addLeaves(owner, size + 1, leaves.slice(0, 3))).rejects.toThrow('does not hold what it should');
  } finally {
    await owner.close();
    await apart.stop();
  }
});
