import type { Follow, Followed } from './following.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { inProcessOfItsOwn } from './service.js';
import { perSecond, times, type Row, type Say } from './table.js';

const EVENTS = 200_000;

/** Read models that are built from nothing, all of them at once and then each alone. */
export async function measureCatchingUp(resources: Resources, say: Say): Promise<Row> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  await new History(store, ledger.keys).write(EVENTS);
  await store.close();
  await ledger.database.query('ANALYZE ledger.events').catch(() => undefined);
  const follow: Follow = { dataDir, runsTogether: 3 };
  const { together, alone, reading } = await inProcessOfItsOwn<Followed>('./following.ts', follow, child =>
    resources.add(() => void child.kill()),
  );
  await ledger.close();
  const each = Object.entries(alone);
  say(each.map(([name, rate]) => `${name} alone ${perSecond(rate)}`).join(', '));
  const [name, slowest] = each.reduce((least, one) => (one[1] < least[1] ? one : least));
  return {
    what: 'catch-up of all read models together, and of each alone',
    bar: '≥ 28k events/s, ≥ 40k alone',
    figure: `${perSecond(together)}, slowest alone ${name} ${perSecond(slowest)}`,
    ratio: `${times(together / reading)} reading the store alone (${perSecond(reading)})`,
    met: together >= 28_000 && slowest >= 40_000,
  };
}
