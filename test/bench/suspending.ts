import { setTimeout as sleep } from 'node:timers/promises';
import { Caller, caseworkers } from './asking.js';
import type { Answered, Load } from './load.js';
import { History } from './history.js';
import { fastStore, openLedger, untilInStep, type OpenLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { inProcessOfItsOwn, startService } from './service.js';
import { perSecond, times, type Row, type Say } from './table.js';

const COUNTRY = 'HN';
const CONNECTIONS = 64;
/** Few, and never idle: they are people's commands while the holds are placed. */
const MEANWHILE = 4;
const WITHIN_MS = 600_000;

interface Suspended {
  readonly cases: number;
  /** Holds a second. */
  readonly rate: number;
  /** Single commands of people, with nothing else to do. */
  readonly alone: Answered;
  readonly meanwhile: Answered;
}

/** An agreement is suspended that so many cases are under; other cases are opened all the while. */
export async function measureSuspending(cases: number, resources: Resources, say: Say): Promise<Row> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  // Of today: an acceptance of long ago has run out, and its transfer would be aborted before anybody is held.
  await new History(store, ledger.keys, () => new Date().toISOString()).writeAccepted(cases, COUNTRY);
  await store.close();
  await ledger.database.query('ANALYZE ledger.events').catch(() => undefined);
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await untilInStep(ledger.database);
  const tokens = await caseworkers(dataDir);
  const load: Load = { port: service.port, tokens, caseIds: [], connections: CONNECTIONS, warmUpSeconds: 3, windowSeconds: 3, windows: 1 };
  const run = (asked: Load) => inProcessOfItsOwn<Answered>('./load.ts', asked, child => resources.add(() => void child.kill()));
  const alone = await run(load);
  say(`${perSecond(alone.rate)} single commands`);
  await untilInStep(ledger.database);
  const admin = await Caller.of(service, dataDir, 'admin');
  const before = await newest(ledger);
  const others = run({ ...load, connections: MEANWHILE, warmUpSeconds: 2, windowSeconds: Math.max(2, Math.min(10, cases / 3_000)) });
  await sleep(1_500);
  const begun = performance.now();
  await admin.ask(`/v1/agreements/${COUNTRY}/suspend`, { from: new Date().toISOString(), scope: 'all', reasonCode: 'bench' });
  for (let held = 0; held < cases; await sleep(100)) {
    held = await placed(ledger, before);
    if (performance.now() - begun > WITHIN_MS) throw new Error(`only ${held} of ${cases} cases are held`);
  }
  const rate = (cases / (performance.now() - begun)) * 1000;
  const meanwhile = await others;
  say(
    `${perSecond(rate)} holds; meanwhile ${perSecond(meanwhile.rate)} other commands, p50 ${meanwhile.p50.toFixed(0)} ms, p99 ` +
      `${meanwhile.p99.toFixed(0)} ms`,
  );
  await service.stop();
  await ledger.close();
  return suspendRow({ cases, rate, alone, meanwhile });
}

const suspendRow = ({ cases, rate, alone, meanwhile }: Suspended): Row => ({
  what: `holds of a suspension of ${cases.toLocaleString('en')} cases; other commands meanwhile, ${MEANWHILE} at a time`,
  bar: '≥ 1,500 cases/s, others p99 < 60 ms',
  figure: `${perSecond(rate)}, others p99 ${meanwhile.p99.toFixed(0)} ms`,
  ratio: `${times(rate / alone.rate)} single commands (${perSecond(alone.rate)})`,
  met: rate >= 1_500 && meanwhile.p99 < 60,
});

/** Asked of the newest events alone: to count through the whole table would take what is measured here. */
async function placed({ database }: OpenLedger, after: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    "SELECT count(*) AS count FROM ledger.events WHERE position > $1 AND type = 'TransferHoldPlaced'",
    [after],
  );
  return rows[0]?.count ?? 0;
}

async function newest({ database }: OpenLedger): Promise<number> {
  const { rows } = await database.query<{ position: number }>('SELECT max(position) AS position FROM ledger.events');
  return rows[0]?.position ?? 0;
}
