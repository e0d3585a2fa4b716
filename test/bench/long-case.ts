import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './asking.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { residentMb, startService } from './service.js';
import { times, type Row } from './table.js';

const NOTES = 100_000;
const BAR_MB = 500;

/** A service that finds one case of so many notes, stored while it was down. */
export async function longCaseRow(resources: Resources): Promise<Row> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  const [caseId] = await new History(store, ledger.keys).writeLong(1, NOTES);
  const newest = await store.newest();
  await store.close();
  const begun = performance.now();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  let peakMb = 0;
  for (let behind = true; behind; await sleep(50)) {
    peakMb = Math.max(peakMb, residentMb(service.pid));
    const { rows } = await ledger.database.query<{ behind: boolean }>(
      "SELECT bool_or(position < $1 OR state <> 'live') IS NOT FALSE AS behind FROM ledger.read_models",
      [newest],
    );
    behind = rows[0]?.behind === true;
  }
  const caughtUpS = (performance.now() - begun) / 1_000;
  const supervisor = await Caller.of(service, dataDir, 'supervisor');
  const asked = performance.now();
  const file = JSON.parse(await supervisor.ask(`/v1/cases/${caseId}`)) as { revision: number };
  if (file.revision !== NOTES - 1) throw new Error(`the file of the long case stands at ${file.revision}`);
  const fileMs = performance.now() - asked;
  peakMb = Math.max(peakMb, residentMb(service.pid));
  await ledger.close();
  await service.stop();
  return {
    what: `projecting one case of ${NOTES} notes: resident at most`,
    bar: `< ${BAR_MB} MB`,
    figure: `${peakMb.toFixed(0)} MB; in step after ${caughtUpS.toFixed(1)} s, its file answered in ${fileMs.toFixed(0)} ms`,
    ratio: `${times(peakMb / BAR_MB)} ${BAR_MB} MB`,
    met: peakMb < BAR_MB,
  };
}
