import { randomBytes } from 'node:crypto';
import { openHead } from '../../src/audit/log/checkpoint.js';
import { LogKeys } from '../../src/audit/log/log-keys.js';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { Config } from '../../src/config.js';
import { Clock } from '../../src/database/clock.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { examine } from '../../src/operating/doctor.js';
import type { Caseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { servicesOverOne } from '../support/services-over-one.js';
import { checkpointOf, dossierOf, signedByAnother, sizeOf, verify } from '../support/signed-log.js';

/* Who signs the log may change: whoever holds one of its keys is led to the others, or told that nobody can lead there. */

const { start, stop } = servicesOverOne();

const newKey = (): string => randomBytes(32).toString('base64');
const [MASTER_KEY, FIRST, SECOND] = [newKey(), newKey(), newKey()];
const service = (keys: Readonly<Record<string, string>>): Promise<Caseledger> => start({ MASTER_KEY, ...keys });

const ofLog = async ({ app }: Caseledger) => (await examine(app)).lines.filter(line => line.includes(' log: '));

describe('a key that is exchanged', () => {
  it('leads from the old one to the new one, and back, without a moment in which nobody signs', async () => {
    const first = await service({ LOG_KEY: FIRST });
    await checkpointOf(first);
    await stop(first);
    const both = await service({ LOG_KEY: SECOND, LOG_KEY_PREVIOUS: FIRST });
    const world = await World.in(both);
    const caseId = await world.caseAt('screening');
    const old = await checkpointOf(both);
    expect(old.chain).toEqual([]);
    // Whoever has not the key that signs, or another in its place, announces nothing.
    for (const logKeyPrevious of [undefined, both.app.get(Config).logKey]) {
      const config = { ...both.app.get(Config), logKeyPrevious };
      const stranger = new LogKeys(both.app.get(EventStore), both.app.get(MerkleLog), config, both.app.get(Clock));
      await expect(stranger.exchange()).rejects.toThrow('LOG_KEY_PREVIOUS is not the key that signs');
    }
    const keys = both.app.get(LogKeys);
    // Called again, also before it was taken in, it announces nothing twice.
    const [followed, again] = [await keys.exchange(), await keys.exchange()];
    expect(again?.note ?? followed?.note).toBe(followed?.note);
    const now = await signedByAnother(both, old);
    expect(now.publicKey).toBe(`${followed?.to}`);
    expect(now.chain).toEqual([followed?.note]);
    expect(await keys.exchange()).toBeUndefined();

    const dossier = await dossierOf(both, caseId, sizeOf(old));
    for (const key of [old.publicKey, now.publicKey])
      await expect(verify(dossier, key, { head: old.checkpoint })).resolves.toMatchObject({ exchanges: 1, agreesWith: sizeOf(old) });
    await expect(verify(await dossierOf(both, caseId), now.publicKey, { head: old.checkpoint })).rejects.toThrow('is not shown');
    expect(await ofLog(both)).toEqual([expect.stringMatching(/^ok {6}log:/)]);

    // Exchanged once more, the first key still leads to the last.
    const third = newKey();
    await stop(both);
    const last = await service({ LOG_KEY: third, LOG_KEY_PREVIOUS: SECOND });
    await last.app.get(LogKeys).exchange();
    const newest = await signedByAnother(last, now);
    const later = await dossierOf(last, caseId, sizeOf(old));
    for (const key of [old, now, newest])
      await expect(verify(later, key.publicKey, { head: old.checkpoint })).resolves.toMatchObject({ exchanges: 2 });
    const without = JSON.parse(later) as { chain: string[] };
    await expect(verify(JSON.stringify({ ...without, chain: without.chain.slice(1) }), old.publicKey)).rejects.toThrow(
      'not signed by this key',
    );
    await expect(verify(JSON.stringify({ ...without, chain: without.chain.slice(0, 1) }), old.publicKey)).rejects.toThrow(
      'not signed by this key',
    );
    await expect(verify(JSON.stringify({ ...without, chain: without.chain.toReversed() }), old.publicKey)).rejects.toThrow(
      'a key of it is missing',
    );
    const forged = without.chain.map(note => note.replace(now.publicKey, newest.publicKey));
    await expect(verify(JSON.stringify({ ...without, chain: forged }), old.publicKey)).rejects.toThrow(
      'the chain of keys counts for nothing',
    );
  });
});

describe('a log that goes on under another name', () => {
  it('where the key is lost names the last head before; the old key finds the chain broken, the new one shows what was', async () => {
    const first = await service({ LOG_KEY: FIRST });
    const world = await World.in(first);
    const caseId = await world.caseAt('screening');
    const old = await checkpointOf(first);
    await stop(first);
    const other = await service({ LOG_KEY: SECOND });
    await other.app.get(LogKeys).renew('key-lost');
    const now = await signedByAnother(other, old);
    expect(now.publicKey.split('+')[0]).not.toBe(old.publicKey.split('+')[0]);
    expect(now.chain[0]).toContain(
      `${sizeOf(old)}\n${openHead(VerifierKey.parse(old.publicKey), old.checkpoint).root.toString('base64')}\n`,
    );

    const dossier = await dossierOf(other, caseId, sizeOf(old));
    await expect(verify(dossier, old.publicKey)).rejects.toThrow(`the chain of keys is broken: ${old.publicKey.split('+')[0]} ended at`);
    const found = await verify(dossier, now.publicKey, { head: old.checkpoint });
    expect(found).toMatchObject({ agreesWith: sizeOf(old), exchanges: 0 });
    expect(found.breaks.map(({ broken }) => broken?.reason)).toEqual(['key-lost']);
    expect(await ofLog(other)).toEqual([expect.stringMatching(/^ok {6}log:/)]);
  });
});
