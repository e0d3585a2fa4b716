import { execFileSync } from 'node:child_process';
import { caseworkers } from './asking.js';
import { History } from './history.js';
import { fastStore, openLedger, untilInStep } from './ledger.js';
import type { Answered, Load } from './load.js';
import type { Resources } from './resources.js';
import { inProcessOfItsOwn, startService, type RunningService } from './service.js';
import { perSecond, times, type Row, type Say } from './table.js';

const CONNECTIONS = 64;
const LONG_CASES = 300;
const LONG = 200;
const BAR = { perSecond: 3_000, p99Ms: 50 };

/** Cases opened over HTTP on an empty database, and then notes to cases that have a history. */
export async function measureCommands(resources: Resources, say: Say): Promise<Row[]> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  const tokens = await caseworkers(dataDir);
  const opening = await load(service, { tokens, caseIds: [] }, resources, say);
  const store = fastStore(ledger);
  const caseIds = await new History(store, ledger.keys).writeLong(LONG_CASES, LONG);
  await store.close();
  await untilInStep(ledger.database);
  const noting = await load(service, { tokens, caseIds }, resources, say);
  await ledger.close();
  await service.stop();
  return [
    {
      what: `command over HTTP: a case opened, ${CONNECTIONS} connections, projectors running`,
      bar: `≥ 3k/s, p99 < ${BAR.p99Ms} ms`,
      figure: `${perSecond(opening.rate)}, p99 ${opening.p99.toFixed(0)} ms`,
      ratio: `${times(opening.rate / BAR.perSecond)} 3k/s, p99 ${times(opening.p99 / BAR.p99Ms)} ${BAR.p99Ms} ms`,
      met: opening.rate >= BAR.perSecond && opening.p99 < BAR.p99Ms,
    },
    {
      what: `command on an existing case of ${LONG} events: a note`,
      bar: '≥ 0.7 × opening a case',
      figure: `${perSecond(noting.rate)}, p99 ${noting.p99.toFixed(0)} ms`,
      ratio: `${times(noting.rate / opening.rate)} opening a case`,
      met: noting.rate >= 0.7 * opening.rate,
    },
  ];
}

/** The same command on PostgreSQL and, a little later, over a server that events are kept in. */
export async function measureOpeningOver(eventStoreUrl: string, resources: Resources, say: Say): Promise<Row> {
  const opening = async (url?: string): Promise<Answered> => {
    const dataDir = resources.folder();
    const service = await startService(dataDir, url);
    resources.add(() => service.stop());
    const answered = await load(service, { tokens: await caseworkers(dataDir), caseIds: [] }, resources, say);
    await service.stop();
    return answered;
  };
  const here = await opening();
  const there = await opening(eventStoreUrl);
  return {
    what: `command over HTTP: a case opened, ${CONNECTIONS} connections, EventStoreDB`,
    bar: '≥ 0.5 × PostgreSQL, p99 within 2 ×',
    figure: `${perSecond(there.rate)}, p50 ${there.p50.toFixed(0)} ms, p99 ${there.p99.toFixed(0)} ms`,
    ratio: `${times(there.rate / here.rate)} PostgreSQL (${perSecond(here.rate)}), p99 ${times(there.p99 / here.p99)}`,
    met: there.rate >= 0.5 * here.rate && there.p99 <= 2 * here.p99,
  };
}

async function load({ port }: RunningService, what: Pick<Load, 'tokens' | 'caseIds'>, resources: Resources, say: Say): Promise<Answered> {
  const asked: Load = { port, connections: CONNECTIONS, warmUpSeconds: 4, windowSeconds: 3, windows: 3, ...what };
  // What was written before is still on its way to the disk, and would be waited for by what is measured next.
  execFileSync('sync');
  const answered = await inProcessOfItsOwn<Answered>('./load.ts', asked, child => resources.add(() => void child.kill()));
  if (answered.failed > 0) throw new Error(`${answered.failed} commands failed, at last with ${answered.failure}`);
  say(
    `${perSecond(answered.rate)}, p50 ${answered.p50.toFixed(0)} ms, p99 ${answered.p99.toFixed(0)} ms; the load itself took ` +
      `${answered.ownCpu.toFixed(2)} of a core`,
  );
  return answered;
}
