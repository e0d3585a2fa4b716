import { setTimeout as sleep } from 'node:timers/promises';
import { firstLoadRow, measureFirstLoad } from './first-load.js';
import { History } from './history.js';
import { fastStore, openLedger, untilInStep } from './ledger.js';
import type { Resources } from './resources.js';
import { proportionalMb, residentMb, startService } from './service.js';
import { times, type Row } from './table.js';

const EVENTS = 10_000;
const AT_REST_S = 5;

/** A service that was here before, the embedded server included, and the console that it serves. */
export async function measureStart(resources: Resources): Promise<Row[]> {
  const dataDir = resources.folder();
  const before = await openLedger(dataDir, resources);
  const store = fastStore(before);
  await new History(store, before.keys).write(EVENTS);
  await store.close();
  const first = await startService(dataDir);
  await untilInStep(before.database);
  await before.close();
  await first.stop();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await sleep(AT_REST_S * 1_000);
  const serviceMb = residentMb(service.pid);
  const ledger = await openLedger(dataDir, resources);
  const databaseMb = proportionalMb(ledger.server.pid);
  await ledger.close();
  const firstLoad = await measureFirstLoad(`http://127.0.0.1:${service.port}`);
  await service.stop();
  const readyS = service.readyAfterMs / 1_000;
  return [
    {
      what: 'start, embedded, second time: ready; resident 5 s later',
      bar: '< 3 s, < 250 MB',
      figure: `${readyS.toFixed(2)} s, ${serviceMb.toFixed(0)} MB (service process)`,
      ratio: `${times(readyS / 3)} 3 s, ${times(serviceMb / 250)} 250 MB; PostgreSQL beside it ${databaseMb.toFixed(0)} MB`,
      met: readyS < 3 && serviceMb < 250,
    },
    firstLoadRow(firstLoad),
  ];
}
