import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answered, Load } from './load.js';
import { History } from './history.js';
import { fastStore, openLedger, type OpenLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { inProcessOfItsOwn, startService } from './service.js';
import { perSecond, times, type Row } from './table.js';

const COUNTRY = 'HN';
const CONNECTIONS = 64;
/** Few, and never idle: they are people's commands while the holds are placed. */
const MEANWHILE = 4;
const WITHIN_MS = 600_000;

export interface Suspended {
  readonly cases: number;
  /** Holds a second. */
  readonly rate: number;
  /** Single commands of people, with nothing else to do. */
  readonly alone: Answered;
  readonly meanwhile: Answered;
}

/** An agreement is suspended that so many cases are under; other cases are opened all the while. */
export async function measureSuspending(
  cases: number,
  dataDir: string,
  resources: Resources,
  say: (line: string) => void,
): Promise<Suspended> {
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  // Of today: an acceptance of long ago has run out, and its transfer would be aborted before anybody is held.
  await new History(store, ledger.keys, () => new Date().toISOString()).writeAccepted(cases, COUNTRY);
  await store.close();
  await ledger.database.query('ANALYZE ledger.events').catch(() => undefined);
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await answered(ledger);
  const config = readConfig({ DATA_DIR: dataDir });
  const tokens = await Promise.all(
    Array.from({ length: 16 }, (_, one) => issueLocalToken(config, { sub: `cw-${one}`, roles: ['caseworker'], office: 'ELP' })),
  );
  const load: Load = { port: service.port, tokens, caseIds: [], connections: CONNECTIONS, warmUpSeconds: 3, windowSeconds: 3, windows: 1 };
  const run = (asked: Load) => inProcessOfItsOwn<Answered>('./load.ts', asked, child => resources.add(() => void child.kill()));
  const alone = await run(load);
  say(`${perSecond(alone.rate)} single commands`);
  await answered(ledger);
  const admin = await issueLocalToken(config, { sub: 'adm-hal', roles: ['admin'], office: 'ELP' });
  const before = await newest(ledger);
  const others = run({ ...load, connections: MEANWHILE, warmUpSeconds: 2, windowSeconds: Math.max(2, Math.min(10, cases / 3_000)) });
  await sleep(1_500);
  const begun = performance.now();
  await post(service.port, `/v1/agreements/${COUNTRY}/suspend`, admin, {
    from: new Date().toISOString(),
    scope: 'all',
    reasonCode: 'bench',
  });
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
  return { cases, rate, alone, meanwhile };
}

export const suspendRow = ({ cases, rate, alone, meanwhile }: Suspended): Row => ({
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

/** Until processes have answered all that is stored. */
async function answered({ database }: OpenLedger): Promise<void> {
  for (const until = Date.now() + WITHIN_MS; Date.now() < until; await sleep(200)) {
    const { rows } = await database.query<{ busy: boolean }>(
      `SELECT coalesce(bool_or(position < lpad((SELECT max(position) FROM ledger.events)::text, 19, '0')), true)
         OR EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending') AS busy FROM ledger.processes`,
    );
    if (!rows[0]?.busy) return;
  }
  throw new Error('the processes do not come to an end');
}

async function post(port: number, path: string, token: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
}
