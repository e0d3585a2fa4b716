import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import type { Clock } from '../../src/database/clock.js';
import { Database, type Queryable } from '../../src/database/database.js';
import { Act } from '../../src/event-store/act.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import type { NewEvent, Position } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { text, uuid, wholeNumber } from '../../src/event-store/shape.js';
import type { DomainEvent, StreamKind } from '../../src/event-store/stream-kind.js';
import { Erasing } from '../../src/event-store/erasing.js';
import type { DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { Generations } from '../../src/projecting/generations.js';
import { Leadership } from '../../src/database/leadership.js';
import { ProcessInbox } from '../../src/reacting/process-inbox.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { Processes, type Process } from '../../src/reacting/process.js';
import { Projecting } from '../../src/projecting/projecting.js';
import { ProjectionStatus } from '../../src/operating/projection-status.js';
import { Projections, type Change, type Projection } from '../../src/projecting/projection.js';
import { Reactions } from '../../src/reacting/reactions.js';
import { ReadModels } from '../../src/projecting/read-models.js';
import { Repair } from '../../src/operating/repair.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { Followers } from '../../src/operating/followers.js';

/** A jar holds marbles. It is all that these specs know of the world. */
export type JarFact =
  | DomainEvent<'JarOpened', { owner: string }>
  | DomainEvent<'MarblesAdded', { count: number }>
  | DomainEvent<'MarblesTakenBack', { eventId: string }>
  | DomainEvent<'PersonalDataErased'>;

export interface Jar {
  readonly owner: string;
  readonly marbles: number;
}

export const jarKind: StreamKind<Jar, JarFact> = {
  category: 'jar',
  events: {
    JarOpened: [{ owner: text }],
    MarblesAdded: [{ count: wholeNumber }],
    MarblesTakenBack: [{ eventId: uuid }],
    PersonalDataErased: [{}],
  },
  initial: { owner: '', marbles: 0 },
  evolve: (jar, event) => {
    switch (event.type) {
      case 'JarOpened':
        return { ...jar, owner: event.data.owner };
      case 'MarblesAdded':
        return { ...jar, marbles: jar.marbles + event.data.count };
      case 'MarblesTakenBack':
        return jar;
      default:
        return { ...jar, owner: 'erased' };
    }
  },
  retracts: event => (event.type === 'MarblesTakenBack' ? event.data.eventId : undefined),
};

export class AddMarbles extends Act {
  static readonly type = 'AddMarbles';

  constructor(readonly count: number) {
    super();
  }
}

/** More than a hundred marbles at a time are refused. */
export async function addMarbles(ledger: Ledger, act: AddMarbles): Promise<unknown> {
  return ledger.decide(act, {
    kind: jarKind,
    creates: false,
    rule: async (): Promise<JarFact[]> => {
      if (act.count > 100) throw new DomainError('too-many', 'Too many marbles.');
      return [{ type: 'MarblesAdded', data: { count: act.count } }];
    },
  });
}

/** What every jar holds. */
export const jars = (version = 1, project = projectJars): Projection => ({
  name: 'jars',
  version,
  tables: 'CREATE TABLE jars (stream text PRIMARY KEY, owner text NOT NULL, marbles int NOT NULL)',
  categories: ['jar'],
  project,
});

export async function projectJars(changes: readonly Change<Jar>[], tx: Queryable): Promise<void> {
  const last = new Map(changes.map(({ event, after }) => [event.stream, after]));
  await tx.query(
    `INSERT INTO jars SELECT * FROM unnest($1::text[], $2::text[], $3::int[])
     ON CONFLICT (stream) DO UPDATE SET owner = excluded.owner, marbles = excluded.marbles`,
    [[...last.keys()], [...last.values()].map(({ owner }) => owner), [...last.values()].map(({ marbles }) => marbles)],
  );
}

/** How many changes came. Not safe against repeats, on purpose. */
export const counts = (): Projection => ({
  name: 'event-counts',
  version: 1,
  tables: 'CREATE TABLE counts (one boolean PRIMARY KEY DEFAULT true, events int NOT NULL)',
  categories: ['jar'],
  project: async (changes, tx) => {
    await tx.query('INSERT INTO counts (events) VALUES ($1) ON CONFLICT (one) DO UPDATE SET events = counts.events + excluded.events', [
      changes.length,
    ]);
  },
});

// Faults are made here on purpose.
Logger.overrideLogger(false);

const metadata = {
  actor: { id: 'somebody', roles: [], office: null },
  commandHash: '',
  occurredAt: '2020-01-01T00:00:00Z',
  recordedAt: '2020-01-01T00:00:00Z',
};

export const anEvent = (type: string, data: Record<string, unknown>, schemaVersion = 1): NewEvent => {
  const id = randomUUID();
  return { id: randomUUID(), type, schemaVersion, data, metadata: { ...metadata, commandId: id, correlationId: id, causationId: id } };
};
export const opened = (owner: string): NewEvent => anEvent('JarOpened', { owner });
export const added = (count: number): NewEvent => anEvent('MarblesAdded', { count });
export const takenBack = ({ id }: NewEvent): NewEvent => anEvent('MarblesTakenBack', { eventId: id });

export interface Build {
  readonly projections?: readonly Projection[];
  readonly processes?: readonly Process[];
  readonly retryFailedMs?: number;
}

export type Service = Awaited<ReturnType<typeof service>>;

/** All that one process of the service has, put together but not started. */
export async function service(url: string, { projections = [], processes = [], retryFailedMs }: Build, name = 'spec') {
  const database = Database.open({ url, applicationName: name });
  const store = new PostgresEventStore(database);
  const keys = undefined as unknown as DataKeys;
  const personalData = new PersonalData(keys);
  const kinds = new StreamKinds();
  kinds.register(jarKind);
  const registry = new Projections();
  for (const projection of projections) registry.add(projection);
  const known = new Processes();
  for (const process of processes) known.add(process);
  const clock: Clock = { now: () => '2020-01-02T00:00:00Z', refresh: async () => {}, during: work => work() };
  const generations = new Generations(database);
  const leadership = new Leadership(database);
  const readModels = new ReadModels(database, generations, registry, leadership);
  const ledger = new Ledger(store, keys, personalData);
  const projecting = new Projecting(database, store, personalData, kinds, registry, generations, leadership, readModels, ledger);
  const sent: AddMarbles[] = [];
  const bus = {
    execute: async (act: AddMarbles) => {
      sent.push(act);
      return addMarbles(ledger, act);
    },
  } as unknown as CommandBus;
  const inbox = new ProcessInbox(database);
  const runner = new ProcessRunner(
    store,
    kinds,
    known,
    inbox,
    new Reactions(store, personalData, kinds, ledger, bus, clock, inbox, new Erasing(store, keys)),
    leadership,
    clock,
    retryFailedMs,
  );
  const followers = new Followers(projecting, runner, leadership, database, store);
  return {
    database,
    store,
    kinds,
    generations,
    leadership,
    readModels,
    projecting,
    ledger,
    sent,
    inbox,
    runner,
    followers,
    status: new ProjectionStatus(database, store, clock, registry, generations),
    repair: new Repair(database, store, personalData, kinds, registry, generations, projecting, readModels),
    append: (id: string, ...events: NewEvent[]) => append(store, id, events),
    jarsIn: async (token?: Position) => {
      const rows = await readModels.query<{ stream: string; owner: string; marbles: number }>(
        'jars',
        'SELECT * FROM {jars}.jars ORDER BY stream',
        [],
        { token },
      );
      return Object.fromEntries(rows.map(row => [row.stream, row.marbles]));
    },
    stop: async () => {
      await followers.stop();
      await store.close();
      await database.close();
    },
  };
}

/** Appends behind whatever the stream holds; the position of the last event. */
async function append(store: PostgresEventStore, id: string, events: readonly NewEvent[]): Promise<Position> {
  const [result] = await store.append([{ stream: `jar-${id}`, expectedRevision: 'any', events }]);
  if (!result || result.outcome === 'conflict') throw new Error('not stored');
  return result.position;
}

/** Resolves once the condition holds. Specs that wait for ever are ended by the runner. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition()))
    await new Promise(resolve => {
      setTimeout(resolve, 10);
    });
}
