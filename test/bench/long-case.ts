import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { residentMb, startService } from './service.js';

export interface LongCase {
  /** The most that the service took while its read models caught up, in megabytes. */
  readonly peakMb: number;
  readonly caughtUpS: number;
  /** To answer the file of that case, in milliseconds. */
  readonly fileMs: number;
}

/** A service that finds one case of so many notes, stored while it was down. */
export async function longCase(notes: number, resources: Resources): Promise<LongCase> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  const [caseId] = await new History(store, ledger.keys).writeLong(1, notes);
  const newest = await store.newest();
  await store.close();
  const begun = performance.now();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  let peakMb = 0;
  for (let behind = true; behind; await sleep(50)) {
    peakMb = Math.max(peakMb, residentMb(service.pid));
    const { rows } = await ledger.database.query<{ behind: boolean }>(
      'SELECT bool_or(position < $1) IS NOT FALSE AS behind FROM ledger.read_models',
      [newest],
    );
    behind = rows[0]?.behind === true;
  }
  const caughtUpS = (performance.now() - begun) / 1_000;
  const token = await issueLocalToken(readConfig({ DATA_DIR: dataDir }), { sub: 'cw-0', roles: ['supervisor'], office: 'ELP' });
  const asked = performance.now();
  const answer = await fetch(`http://127.0.0.1:${service.port}/v1/cases/${caseId}`, { headers: { authorization: `Bearer ${token}` } });
  const file = (await answer.json()) as { revision: number; noteCount: number };
  if (file.revision !== notes - 1) throw new Error(`the file of the long case stands at ${file.revision}`);
  const fileMs = performance.now() - asked;
  peakMb = Math.max(peakMb, residentMb(service.pid));
  await ledger.close();
  await service.stop();
  return { peakMb, caughtUpS, fileMs };
}
