import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppModule } from '../../src/app.module.js';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { EventStore, START } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { createApplication, stop } from '../../src/http/application.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { Generations } from '../../src/projecting/generations.js';
import { Leadership } from '../../src/database/leadership.js';
import { Projecting } from '../../src/projecting/projecting.js';
import { type Projection, Projections } from '../../src/projecting/projection.js';
import { ReadModels } from '../../src/projecting/read-models.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { median } from './table.js';

// A process of its own that puts the application together and lets nothing but its read models run.

const LOOK_MS = 20;

export interface Follow {
  readonly dataDir: string;
  readonly runsTogether: number;
}

export interface Followed {
  readonly events: number;
  /** Events a second, as all others here. */
  readonly reading: number;
  readonly together: number;
  readonly alone: Readonly<Record<string, number>>;
}

process.once('message', (follow: Follow) => {
  void measure(follow).then(answer => process.send?.(answer, () => process.disconnect()));
});

async function measure({ dataDir, runsTogether }: Follow): Promise<Followed> {
  const app = await createApplication(AppModule, readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
  await app.init();
  const of = {
    store: app.get(EventStore),
    database: app.get(Database),
    personalData: app.get(PersonalData),
    kinds: app.get(StreamKinds),
    ledger: app.get(Ledger),
  };
  const all = app.get(Projections).all();
  const { events } = (await of.database.query<{ events: number }>('SELECT count(*) AS events FROM ledger.events')).rows[0] as {
    events: number;
  };
  const newest = await of.store.newest();
  const rate = (ms: number): number => (events / ms) * 1000;

  /** From nothing until they can be read, with all that has come. */
  async function build(projections: readonly Projection[]): Promise<number> {
    const chosen = new Projections();
    for (const projection of projections) chosen.add(projection);
    const generations = new Generations(of.database);
    const leadership = new Leadership(of.database);
    const readModels = new ReadModels(of.database, generations, chosen, leadership);
    const projecting = new Projecting(
      of.database,
      of.store,
      of.personalData,
      of.kinds,
      chosen,
      generations,
      leadership,
      readModels,
      of.ledger,
    );
    const begun = performance.now();
    await projecting.start();
    for (let rows = await generations.list(); rows.some(({ state }) => state !== 'live'); rows = await generations.list()) {
      const stopped = rows.find(row => row.stopped !== null);
      if (stopped) throw new Error(`${stopped.name} stands at ${stopped.position || 'the beginning'}: ${stopped.stopped}`);
      await sleep(LOOK_MS);
    }
    const took = performance.now() - begun;
    await projecting.stop();
    const behind = (await generations.list()).find(row => row.position < newest);
    if (behind) throw new Error(`${behind.name} is live and stands at ${behind.position}`);
    await leadership.close();
    await removeAll(of.database);
    return rate(took);
  }

  const reading = median([await read(of.store, newest), await read(of.store, newest), await read(of.store, newest)].map(rate));
  const together: number[] = [];
  for (let run = 0; run < runsTogether; run++) together.push(await build(all));
  const alone: Record<string, number> = {};
  for (const projection of all) alone[projection.name] = await build([projection]);
  await stop(app);
  return { events, reading, together: median(together), alone };
}

/** Milliseconds to be given all events and do nothing with them. */
async function read(store: EventStore, newest: string): Promise<number> {
  const begun = performance.now();
  const done = new AbortController();
  for await (const message of store.subscribeToAll({ after: START, signal: done.signal })) {
    if (message.kind !== 'caught-up' && message.position >= newest) break;
  }
  const took = performance.now() - begun;
  done.abort();
  return took;
}

async function removeAll(database: Database): Promise<void> {
  const { rows } = await database.query<{ schema: string }>("SELECT nspname AS schema FROM pg_namespace WHERE nspname LIKE 'rm\\_%'");
  for (const { schema } of rows) await database.query(`DROP SCHEMA "${schema}" CASCADE`);
  await database.query('DELETE FROM ledger.read_models');
}
