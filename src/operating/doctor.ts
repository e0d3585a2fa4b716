import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { Database } from '../database/database.js';
import { EventStore, START, type Position } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { HealthRegistry } from '../http/health.js';
import { DataKeys } from '../personal-data/data-keys.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { Generations } from '../projecting/generations.js';
import { Projections } from '../projecting/projection.js';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { ProcessInbox } from '../reacting/process-inbox.js';
import { ProcessRunner } from '../reacting/process-runner.js';
import { Processes } from '../reacting/process.js';
import { type Diagnosis, Report, Unwell } from './diagnosis.js';
import { Examiners } from './examiners.js';
import { EventExaminer } from './examine-events.js';
import { Followers } from './followers.js';
import { FollowersPresence } from './followers-presence.js';
import { NotesExaminer } from './examine-notes.js';
import { RowsExaminer } from './examine-rows.js';
import { TimerExaminer } from './examine-timers.js';
import { TriggerExaminer } from './examine-triggers.js';
import { overtaken } from './overtaken.js';
import { ProjectionStatus } from './projection-status.js';

export interface Examination {
  /** Compares every row of every read model with what its events give; else those of some streams. */
  readonly deep?: boolean;
  /** Otherwise, of so many streams of each category; 100 unless told. */
  readonly sampled?: number;
  /** Called with how many events more were looked at. */
  readonly progress?: (events: number) => void;
}

/** After so many milliseconds whoever is behind must have moved. */
const LOOK_AGAIN_MS = 3_000;

/**
 * Looks at everything that the service stands on, beside one that runs; every stored event is read, opened and checked against what this
 * build knows.
 */
export async function examine(app: INestApplicationContext, examination: Examination = {}): Promise<Diagnosis> {
  const report = new Report();
  const [database, store, processes] = [app.get(Database), app.get(EventStore), app.get(ProcessRunner)];
  await report.check('database', async () => {
    await database.query('SELECT 1');
    return 'reachable';
  });
  await report.check('event-store', async () => {
    const storeId = await store.storeId();
    await app.get(Followers).assertHere();
    return `reachable, store ${storeId}`;
  });
  const issuer = app.get(HealthRegistry).get('token-issuer');
  if (issuer) {
    await report.check('token-issuer', async () => {
      const { up, issuer: found } = await issuer();
      if (!up) throw new Unwell('its keys cannot be fetched, and nobody comes in');
      if (found !== 'reachable') throw new Unwell('its keys cannot be fetched; those known before go on to count');
      return 'reachable, with keys that can be used';
    });
  }
  await report.check('master-key', async () => {
    const wrapped = await app.get(DataKeys).wrapping.wrapped();
    const others = wrapped.filter(({ own }) => !own);
    const [{ keys } = { keys: 0 }] = wrapped.filter(({ own }) => own);
    return report.tell(
      'master-key',
      others.map(
        other => `${other.keys} data keys, such as ${other.keyId}, are wrapped by master key ${other.masterKeyId}: run rotate-master-key`,
      ),
      `wraps all ${keys} data keys`,
      `wraps ${keys} data keys`,
    );
  });
  await report.check('streams', async () =>
    report.tell('streams', await store.irregularities(), 'neither limits nor deletions', 'all others have neither limits nor deletions'),
  );
  await examineStored(app, report, examination);
  await report.check('followers', async () => {
    if (!(await isWaitedFor(app))) return 'nothing waits for a service that does not run';
    // One that has just started takes the lead in a moment.
    await sleep(LOOK_AGAIN_MS);
    if (await isWaitedFor(app)) throw new Unwell('processes have something to answer, or a deadline that has passed, and no service runs');
    return 'a service has just begun';
  });

  const head = await store.head().catch(() => undefined);
  const ahead = await report.all('checkpoints', () => overtaken(database));
  const assertPossible = (name: string, position: Position): void => {
    if (position === START) return;
    if (!store.isPosition(position)) throw new Unwell(`stands at ${position}, which is no place of the event store`);
    if (head !== undefined && position > head) throw new Unwell(`stands at ${position}, beyond the event store's end ${head}`);
    const row = ahead.find(other => other.name === name);
    if (row) throw new Unwell(`stands at ${position}, before ${row.position}, where it was already: ${row.what}`);
  };
  const followers = async () =>
    [
      await report.all('read-models', () => app.get(ProjectionStatus).status()),
      await report.all('processes', () => processes.status()),
    ] as const;
  const newest = await store.newest().catch(() => START);
  const behind = (await followers()).flat().filter(({ position }) => position < newest);
  if (behind.length > 0) await sleep(LOOK_AGAIN_MS);
  const before = new Map(behind.map(({ name, position }) => [name, position]));
  const [models, reacting] = await followers();
  for (const model of models) {
    await report.check(model.name, async () => {
      assertPossible(model.name, model.position);
      if (model.stopped) throw new Unwell(`stopped: ${model.stopped}`);
      if (model.parked > 0) throw new Unwell(`${model.parked} streams parked`);
      if (before.get(model.name) === model.position)
        throw new Unwell(`${model.lagEvents} events behind, and does not get on: does a service run?`);
      return model.caughtUp ? 'in step' : `${model.lagEvents} events behind`;
    });
  }
  for (const process of reacting) {
    await report.check(process.name, async () => {
      assertPossible(process.name, process.position);
      if (process.stopped) throw new Unwell(`stopped: ${process.stopped}`);
      if (before.get(process.name) === process.position)
        throw new Unwell('has not looked at what is stored, and does not get on: does a service run?');
      if (process.failed > 0) throw new Unwell(`${process.failed} triggers failed`);
      return `${process.pending} pending, ${process.refused} commands refused`;
    });
  }
  return report;
}

/** What protects somebody may wait to be answered, and nobody does: at this moment, whoever did before. */
async function isWaitedFor(app: INestApplicationContext): Promise<boolean> {
  const presence = new FollowersPresence(app.get(Database), app.get(Generations));
  return !(await presence.seen()) && app.get(ProcessInbox).hasWork(app.get(Clock).now());
}

/** All that needs a look at every event, in one. */
async function examineStored(
  app: INestApplicationContext,
  report: Report,
  { deep = false, sampled, progress = () => undefined }: Examination,
): Promise<void> {
  const tools = {
    database: app.get(Database),
    store: app.get(EventStore),
    ledger: app.get(Ledger),
    clock: app.get(Clock),
    kinds: app.get(StreamKinds),
    personalData: app.get(PersonalData),
    processes: app.get(Processes),
    projections: app.get(Projections),
    generations: app.get(Generations),
  };
  const [events, timers, triggers, notes, rows] = [
    new EventExaminer(tools),
    new TimerExaminer(tools),
    new TriggerExaminer(tools),
    new NotesExaminer(tools, deep),
    new RowsExaminer(tools, deep, sampled),
  ];
  const others = app.get(Examiners).all();
  try {
    const isRead = await report.check('events', async () => {
      await tools.clock.refresh();
      await triggers.begin();
      await rows.begin();
      for await (const batch of tools.store.readAll()) {
        await events.see(batch);
        await timers.see(batch);
        await triggers.see(batch);
        await notes.see(batch);
        await rows.see(batch);
        for (const other of others) await other.see(batch);
        progress(batch.length);
      }
      return report.tell(
        'events',
        events.findings.lines,
        `${events.events} readable, as their types say`,
        `all others of ${events.events} are readable, as their types say`,
      );
    });
    // What else is there, only all events tell.
    if (!isRead) return;
    await report.check('timers', async () =>
      report.tell(
        'timers',
        await timers.findings(),
        'each has its event, and each deadline its timer',
        'all others have their event and their deadline',
      ),
    );
    await report.check('triggers', async () => {
      const { lines, rows: looked } = await triggers.findings();
      return report.tell(
        'triggers',
        lines,
        `each of the ${looked} rows of processes comes of a stored event`,
        'all others come of stored events',
      );
    });
    await report.check('notes', async () =>
      report.tell(
        'notes',
        await notes.findings(),
        deep ? 'processes have noted all whom they must have in mind' : 'processes have noted whom they must have in mind, by sample',
        'all others are noted',
      ),
    );
    for (const other of others) {
      await report.check(other.name, async () => {
        const { findings, allWell } = await other.end();
        return report.tell(other.name, findings, allWell, 'nothing else was found');
      });
    }
    await report.check('rows', async () => {
      for await (const { name, findings, compared } of rows.findings()) report.say(`rows of ${name}`, findings, compared);
      return deep ? 'every read model was compared with its events' : 'compared by sample; all of them with --deep';
    });
  } finally {
    await triggers.close();
    await rows.close();
  }
}
