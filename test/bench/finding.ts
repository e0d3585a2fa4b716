import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { startService } from './service.js';
import { median, times, type Row } from './table.js';

const TURNS = 15;
const BAR_MS = 50;
const IN_STEP_WITHIN_MS = 1_800_000;

/** What caseworkers look for; of the people that are written here some fit most of them. */
const SEARCHES: Readonly<Record<string, string>> = {
  'a name': 'bonilla-4321',
  'two words, inside': 'carcamo lucia',
  'one letter': 'a',
  'a misspelt name': 'henrikes yamilet',
  'nobody at all': 'zyxwvut',
  'a number': 'A200004321',
  'four digits': '4321',
  'a birth date': '1977-07-17',
  wildcards: '%_%',
  '200 words': Array.from({ length: 200 }, (_, word) => `word${word}`).join(' '),
};
const LISTS: Readonly<Record<string, string>> = {
  'the caseload': '/v1/cases',
  'the caseload by name': '/v1/cases?sort=familyName',
  'what is open and assigned to nobody': '/v1/cases?open=true&assignee=none',
  'the summary of the office': '/v1/cases/summary',
};

export interface Found {
  readonly people: number;
  /** The median in milliseconds of each kind of search, and of each list. */
  readonly searches: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, number>>;
}

/** One caseworker after the other, over HTTP, where so many people have a file. */
export async function measureFinding(people: number, dataDir: string, resources: Resources, say: (line: string) => void): Promise<Found> {
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  await new History(store, ledger.keys).writeOpenings(people);
  await store.close();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  const begun = performance.now();
  // What is left over, of processes too, would slow down what is measured.
  for (let left = people; left > 0; await sleep(500)) {
    if (performance.now() - begun > IN_STEP_WITHIN_MS) throw new Error(`${left} of ${people} people are not seen to`);
    left = Math.max(people - (await listed(ledger.database)), await waiting(ledger.database));
  }
  const token = await issueLocalToken(readConfig({ DATA_DIR: dataDir }), { sub: 'cw-1', roles: ['caseworker'], office: 'ELP' });
  const ask = (path: string, body?: object) => answered(service.port, token, path, body);
  const measure = async (asked: Readonly<Record<string, string>>, one: (what: string) => Promise<number>) => {
    const medians: Record<string, number> = {};
    for (const [name, what] of Object.entries(asked)) {
      await one(what);
      const took: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) took.push(await one(what));
      medians[name] = median(took);
      say(`${name}: ${median(took).toFixed(1)} ms`);
    }
    return medians;
  };
  const searches = await measure(SEARCHES, q => ask('/v1/cases/search', { q }));
  const lists = await measure(LISTS, path => ask(path));
  await ledger.close();
  await service.stop();
  return { people, searches, lists };
}

type Database = Awaited<ReturnType<typeof openLedger>>['database'];

const waiting = async (database: Database): Promise<number> =>
  Number((await database.query<{ count: string }>('SELECT count(*) AS count FROM ledger.process_inbox')).rows[0]?.count);

async function listed(database: Database): Promise<number> {
  const { rows } = await database.query<{ schema: string }>(
    "SELECT table_schema AS schema FROM information_schema.tables WHERE table_schema LIKE 'rm_caseload_%' AND table_name = 'cases'",
  );
  const schema = rows.at(-1)?.schema;
  if (schema === undefined) return 0;
  return Number((await database.query<{ count: string }>(`SELECT count(*) AS count FROM ${schema}.cases`)).rows[0]?.count);
}

async function answered(port: number, token: string, path: string, body?: object): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return performance.now() - begun;
}

export function findingRows({ people, searches, lists }: Found): Row[] {
  const row = (what: string, medians: Readonly<Record<string, number>>): Row => {
    const [name, slowest] = Object.entries(medians).reduce((most, one) => (one[1] > most[1] ? one : most));
    return {
      what: `${what} of ${people} people, ${Object.keys(medians).length} kinds: the median of the slowest`,
      bar: `< ${BAR_MS} ms`,
      figure: `${slowest.toFixed(0)} ms (${name})`,
      ratio: `${times(slowest / BAR_MS)} ${BAR_MS} ms; of all kinds ${median(Object.values(medians)).toFixed(0)} ms`,
      met: slowest < BAR_MS,
    };
  };
  return [row('a search', searches), row('a list', lists)];
}
