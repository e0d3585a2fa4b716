import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database.js';
import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import type { Role } from '../../src/http/roles.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { startService } from './service.js';
import { median, perSecond, times, type Row } from './table.js';

const TURNS = 15;
const BAR_MS = 50;
const NOTED = 1_000;
const IN_FLIGHT = 32;
const IN_STEP_WITHIN_MS = 1_800_000;

/** What has to be answered as fast however many events there are. */
const ASKED: Readonly<Record<string, readonly [role: Role, path: string]>> = {
  outcomes: ['reporting', '/v1/reports/outcomes?by=month'],
  screening: ['reporting', '/v1/reports/screening'],
  'hold= without a match': ['caseworker', '/v1/cases?hold=court-order'],
  'country=': ['caseworker', '/v1/cases?country=GT'],
  'country= and a hold without a match': ['caseworker', '/v1/cases?country=GT&hold=court-order'],
};

export interface Size {
  readonly events: number;
  /** Medians in milliseconds. */
  readonly medians: Readonly<Record<string, number>>;
  /** Notes a second to cases that nobody used before. */
  readonly noting: number;
  /** Of all that the database grew by, indexes and read models included. */
  readonly bytesAnEvent: number;
  /** Of the stored event of a page of fifty that was shown, as it lies in the table. */
  readonly bytesAnAccessRecord: number;
}

/** The same at several sizes, each a service and a database of its own. */
export async function measureGrowth(sizes: readonly number[], resources: Resources, say: (line: string) => void): Promise<Size[]> {
  const measured: Size[] = [];
  for (const size of sizes) {
    const one = await measureAt(size, resources);
    say(`${one.events} events: ${JSON.stringify(one)}`);
    measured.push(one);
  }
  return measured;
}

async function measureAt(atLeast: number, resources: Resources): Promise<Size> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  const empty = await bytesOf(ledger.database);
  const events = await new History(store, ledger.keys).write(atLeast);
  await store.close();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  const { database } = ledger;
  for (const until = Date.now() + IN_STEP_WITHIN_MS; await isBusy(database); await sleep(200))
    if (Date.now() > until) throw new Error(`${events} events are not seen to`);
  const tokens = new Map<Role, string>();
  for (const role of ['reporting', 'caseworker'] as const)
    tokens.set(
      role,
      await issueLocalToken(readConfig({ DATA_DIR: dataDir }), {
        sub: `${role}-1`,
        roles: [role],
        ...(role === 'caseworker' && { office: 'ELP' }),
      }),
    );
  const ask = async (role: Role, path: string, body?: object): Promise<number> => {
    const begun = performance.now();
    const response = await fetch(`http://127.0.0.1:${service.port}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${tokens.get(role)}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return performance.now() - begun;
  };
  const medians: Record<string, number> = {};
  for (const [name, [role, path]] of Object.entries(ASKED)) {
    await ask(role, path);
    const took: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) took.push(await ask(role, path));
    medians[name] = median(took);
  }
  // Of the office that the caller is from.
  const { rows: cold } = await database.query<{ id: string }>(
    `SELECT substr(stream, 6) AS id FROM ledger.events WHERE type = 'CaseOpened' AND data->>'office' = 'ELP'
     ORDER BY random() LIMIT ${NOTED}`,
  );
  const begun = performance.now();
  const ids = cold.map(({ id }) => id);
  const one = async (): Promise<void> => {
    for (let id = ids.pop(); id; id = ids.pop()) await ask('caseworker', `/v1/cases/${id}/add-note`, { text: 'Called the shelter.' });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  const noting = (cold.length * 1_000) / (performance.now() - begun);
  const bytes = (await bytesOf(database)) - empty;
  const { rows } = await database.query<{ record: number }>(
    `SELECT avg(pg_column_size(e.*))::float8 AS record FROM ledger.events e WHERE type = 'CasesListed' AND data->>'cases' <> ''`,
  );
  await ledger.close();
  await service.stop();
  return { events, medians, noting, bytesAnEvent: bytes / events, bytesAnAccessRecord: rows[0]?.record ?? Number.NaN };
}

async function bytesOf(database: Database): Promise<number> {
  return (await database.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes')).rows[0]?.bytes ?? Number.NaN;
}

/** Whether a read model is still built, or a process has something to answer. */
async function isBusy(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ busy: boolean }>(
    `SELECT NOT EXISTS (SELECT 1 FROM ledger.read_models WHERE state = 'live')
       OR EXISTS (SELECT 1 FROM ledger.read_models WHERE state = 'building')
       OR EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending')
       OR (SELECT min(position) FROM ledger.processes) < lpad((SELECT max(position) FROM ledger.events)::text, 19, '0') AS busy`,
  );
  return rows[0]?.busy !== false;
}

export function growthRows(sizes: readonly Size[]): Row[] {
  const [least, most] = [sizes[0], sizes.at(-1)];
  if (!least || !most) return [];
  const each = (of: (size: Size) => string): string => sizes.map(of).join(' → ');
  const at = `at ${each(({ events }) => `${Math.round(events / 1_000)}k`)} events`;
  return [
    ...Object.keys(ASKED).map(name => ({
      what: `${name}, ${at}`,
      bar: `< ${BAR_MS} ms`,
      figure: `${each(({ medians }) => (medians[name] ?? Number.NaN).toFixed(1))} ms`,
      ratio: `${times((most.medians[name] ?? Number.NaN) / (least.medians[name] ?? Number.NaN))} the smallest`,
      met: sizes.every(({ medians }) => (medians[name] ?? Infinity) < BAR_MS),
    })),
    {
      what: `a note to a case that nobody used before, ${at}`,
      bar: '≥ 0.8 × the smallest',
      figure: each(({ noting }) => perSecond(noting)),
      ratio: `${times(most.noting / least.noting)} the smallest`,
      met: most.noting >= 0.8 * least.noting,
    },
    {
      what: `bytes of the database an event, ${at}`,
      bar: '≤ 2,400',
      figure: each(({ bytesAnEvent }) => bytesAnEvent.toFixed(0)),
      ratio: `${times(most.bytesAnEvent / 2_400)} 2,400`,
      met: most.bytesAnEvent <= 2_400,
    },
    {
      what: `bytes of the record that a page was shown, ${at}`,
      bar: '≤ 1,900',
      figure: each(({ bytesAnAccessRecord }) => bytesAnAccessRecord.toFixed(0)),
      ratio: `${times(most.bytesAnAccessRecord / 1_900)} 1,900`,
      met: most.bytesAnAccessRecord <= 1_900,
    },
  ];
}
