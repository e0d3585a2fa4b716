// Guarded in every run by audit/log-keys, audit/signed-note.
import { randomBytes } from 'node:crypto';
import { LogKeys } from '../../src/audit/log/log-keys.js';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { Sequencer } from '../../src/audit/log/sequencer.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import type { Caseledger } from '../support/caseledger.js';
import { eventually, refused, World } from '../support/world.js';
import { servicesOverOne } from '../support/services-over-one.js';
import { checkpointOf, dossierOf, signedByAnother, sizeOf, verify } from '../support/signed-log.js';

/* Who signs the log changes, where somebody has the wrong key, dies in between, or puts an older copy in its place. */

const { start, stop, database } = servicesOverOne();

const newKey = (): string => randomBytes(32).toString('base64');
const [MASTER_KEY, FIRST, SECOND] = [newKey(), newKey(), newKey()];
const service = (keys: Readonly<Record<string, string>>): Promise<Caseledger> => start({ MASTER_KEY, ...keys });
const owner = async (...statements: string[]): Promise<void> => {
  const as = Database.open({ url: database().ownerUrl, applicationName: 'spec' });
  for (const statement of statements) await as.query(statement);
  await as.close();
};

describe('a key that is exchanged', () => {
  it('is announced by nobody who has not the old one, and whoever has only the old one signs no more', async () => {
    const first = await service({ LOG_KEY: FIRST });
    const old = await checkpointOf(first);
    const stranger = await service({ LOG_KEY: SECOND });
    await expect(stranger.app.get(LogKeys).exchange()).rejects.toThrow('LOG_KEY_PREVIOUS is not the key that signs');
    const both = await service({ LOG_KEY: SECOND, LOG_KEY_PREVIOUS: FIRST });
    await both.app.get(LogKeys).exchange();
    await signedByAnother(both, old);
    const auditor = await first.person('aud-ivy', 'auditor');
    expect(refused(await auditor.get('/v1/audit/log/checkpoint'), 503, 'read-model-behind').text).toContain('LOG_KEY');
    // Two heads of one size would be one too many, also under two keys.
    const { rows } = await first.app.get(Database).query('SELECT size FROM ledger.log_heads GROUP BY size HAVING count(*) > 1');
    expect(rows).toEqual([]);
  });

  it('is announced in the store, and counts once the log has come there, whoever died in between', async () => {
    const begun = await service({ LOG_KEY: FIRST });
    const old = await checkpointOf(begun);
    await stop(begun);
    const half = await service({ LOG_KEY: SECOND, LOG_KEY_PREVIOUS: FIRST });
    expect((await checkpointOf(half)).publicKey).toBe(old.publicKey);
    // Nobody numbers any more: what is announced lies in the store alone.
    await half.app.get(Sequencer).stop();
    await half.app.get(LogKeys).exchange();
    expect((await checkpointOf(half)).publicKey).toBe(old.publicKey);
    await stop(half);
    const next = await service({ LOG_KEY: SECOND });
    await signedByAnother(next, old);
  });
});

describe('a log that goes on under another name', () => {
  it('signs nothing under the old name where an older copy was put in its place, however it is asked', async () => {
    const first = await service({ LOG_KEY: FIRST });
    const world = await World.in(first);
    const caseId = await world.caseAt('opened');
    await dossierOf(first, caseId);
    const [log, store] = [first.app.get(MerkleLog), first.app.get(EventStore)];
    await eventually('all is in the log', async () => (await log.state())?.position === (await store.newest()));
    const kept = await checkpointOf(first);
    const before = await log.state();
    await world.caseAt('opened');
    await eventually('more is in the log', async () => ((await log.state())?.size ?? 0) > (before?.size ?? 0));
    const newest = await checkpointOf(first);
    // As if the database of before had been put back, while the service runs: what was stored since is not there, and something else is.
    const { size = 0, position = '' } = before ?? {};
    await first.app.get(Sequencer).stop();
    await owner(
      `DELETE FROM ledger.events WHERE position > ${Number(position)}`,
      `DELETE FROM ledger.log_entries WHERE place >= ${size}`,
      `DELETE FROM ledger.log_heads WHERE size > ${size}`,
      `UPDATE ledger.log_tiles SET hashes = substr(hashes, 1, ${size * 32}) WHERE level = 0`,
      `UPDATE ledger.log SET size = ${size}, position = '${position}', (last_stream, last_revision, last_event_id) =
         (SELECT stream, revision, id FROM ledger.events ORDER BY position DESC LIMIT 1)`,
      ...['processes', 'read_models'].map(followers => `UPDATE ledger.${followers} SET position = least(position, '${position}')`),
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const auditor = await first.person('aud-ivy', 'auditor');
    await eventually(
      'the database is back',
      () => auditor.get('/v1/audit/log/checkpoint'),
      ({ text }) => text.includes('older copy'),
    );
    first.app.get(Sequencer).start();
    await world.caseAt('screening');
    await eventually('as much is in the log', async () => ((await log.state())?.size ?? 0) > sizeOf(newest));
    expect(refused(await auditor.get('/v1/audit/log/checkpoint'), 503, 'read-model-behind').text).toContain('older copy');
    expect(await (await fetch(`${first.url}/health/ready`)).text()).toContain('older copy');

    // Told of the head that was kept elsewhere, it breaks off there, and goes on under another name.
    await first.app.get(LogKeys).renew('restored', newest.checkpoint);
    const now = await signedByAnother(first, newest);
    expect(now.chain.at(-1)).toContain(`\n${sizeOf(newest)}\n`);
    const dossier = await dossierOf(first, caseId, sizeOf(kept));
    await expect(verify(dossier, now.publicKey, { head: kept.checkpoint })).resolves.toMatchObject({ agreesWith: sizeOf(kept) });
    const since = await dossierOf(first, caseId, sizeOf(newest));
    await expect(verify(since, now.publicKey, { head: newest.checkpoint })).rejects.toThrow('it does not prove to extend the head of');
  });
});
