import { Caller } from './asking.js';
import { History } from './history.js';
import { fastStore, openLedger, untilInStep } from './ledger.js';
import type { Resources } from './resources.js';
import { startService } from './service.js';
import { median, medianOf, times, type Row, type Say } from './table.js';

const TURNS = 15;
const BAR_MS = 50;

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

interface Found {
  readonly people: number;
  /** The median in milliseconds of each kind of search, and of each list. */
  readonly searches: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, number>>;
}

/** One caseworker after the other, over HTTP, where so many people have a file. */
export async function measureFinding(people: number, resources: Resources, say: Say): Promise<Row[]> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  await new History(store, ledger.keys).writeOpenings(people);
  await store.close();
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await untilInStep(ledger.database);
  const caseworker = await Caller.of(service, dataDir, 'caseworker');
  const measure = async (asked: Readonly<Record<string, string>>, one: (what: string) => Promise<string>) => {
    const medians: Record<string, number> = {};
    for (const [name, what] of Object.entries(asked)) {
      await one(what);
      const took = await medianOf(TURNS, () => one(what));
      medians[name] = took;
      say(`${name}: ${took.toFixed(1)} ms`);
    }
    return medians;
  };
  const searches = await measure(SEARCHES, q => caseworker.ask('/v1/cases/search', { q }));
  const lists = await measure(LISTS, path => caseworker.ask(path));
  await ledger.close();
  await service.stop();
  return findingRows({ people, searches, lists });
}

function findingRows({ people, searches, lists }: Found): Row[] {
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
