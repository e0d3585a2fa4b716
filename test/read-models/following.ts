import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { caseStream } from '../../src/cases/case.stream.js';
import type { Clock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import type { Actor, NewEvent, Position } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { newestVersion, type DomainEvent } from '../../src/event-store/stream-kind.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { Generations, schemaOf, type Generation } from '../../src/projecting/generations.js';
import { Leadership } from '../../src/database/leadership.js';
import { Projecting } from '../../src/projecting/projecting.js';
import { Projections, type Projection } from '../../src/projecting/projection.js';
import { ReadModels } from '../../src/projecting/read-models.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { startTestDatabase } from '../support/postgres.js';

export const officer = (id: string, role: string, office: string | null = 'ELP'): Actor => ({ id, roles: [role], office });

/** When a fact was recorded, when it happened and by whom, where it matters. */
export interface Circumstances {
  readonly recordedAt?: string;
  readonly occurredAt?: string;
  readonly actor?: Actor;
}

/** Of all streams here. */
const KEY_ID = '0190163d-8694-739b-aea5-966c26f8ad90';

/** A fact as the store keeps it. Personal data stands in the open here: how it is sealed in events is told elsewhere. */
export function stored<E extends DomainEvent>(
  { type, data, personal }: E,
  { recordedAt = '2020-01-13T15:00:00Z', occurredAt = recordedAt, actor = officer('cw-ana', 'caseworker') }: Circumstances = {},
): NewEvent {
  const id = randomUUID();
  return {
    id,
    type,
    schemaVersion: newestVersion(caseStream, type) ?? 1,
    data: data as Record<string, unknown>,
    ...(personal && { personal: Buffer.from(JSON.stringify(personal)).toString('base64url') }),
    metadata: { actor, commandId: id, commandHash: '', correlationId: id, causationId: id, occurredAt, recordedAt },
  };
}

/** Opens events that are not sealed, and rows that are. */
class OfOpenEvents extends PersonalData {
  override async openAll(events: readonly Pick<NewEvent, 'personal'>[]): Promise<(object | null)[]> {
    return events.map(({ personal }) =>
      personal === undefined ? null : (JSON.parse(Buffer.from(personal, 'base64url').toString()) as object),
    );
  }
}

/** Every change delivered twice, once in its batch and once alone. */
const twice = (projection: Projection): Projection => ({
  ...projection,
  async project(changes, tx, unfinished) {
    await projection.project(changes, tx, unfinished);
    if (!unfinished) for (const change of changes) await projection.project([change], tx);
  },
});

export type Following = Awaited<ReturnType<typeof follow>>;

/** Every change once, as it comes: for many of them. */
export const once = (projection: Projection): Projection => projection;

/** Of each table every row, and how its indexes are made. */
async function contentsOf(database: Database, generation: Generation): Promise<object> {
  const schema = schemaOf(generation);
  const { rows } = await database.query<{ table: string; indexes: string[] }>(
    `SELECT tablename AS "table", ARRAY(SELECT replace(indexdef, $1 || '.', '') FROM pg_indexes i
       WHERE i.schemaname = t.schemaname AND i.tablename = t.tablename ORDER BY 1) AS indexes
     FROM pg_tables t WHERE schemaname = $1 ORDER BY 1`,
    [schema],
  );
  const contents = rows.map(async ({ table, indexes }) => {
    const all = await database.query<{ row: string }>(`SELECT t::text AS row FROM "${schema}"."${table}" t ORDER BY 1`);
    return [table, { indexes, rows: all.rows.map(({ row }) => row) }] as const;
  });
  return Object.fromEntries(await Promise.all(contents));
}

/** One read model that follows a real store over a real PostgreSQL. */
export async function follow(
  projection: Projection,
  registerKinds: (kinds: StreamKinds) => void,
  now = '2020-01-20T00:00:00Z',
  delivered: (projection: Projection) => Projection = twice,
) {
  const postgres = await startTestDatabase();
  const database = Database.open({ url: postgres.url, applicationName: 'spec' });
  const masterKey = randomBytes(32);
  const keys = new DataKeys(database, masterKey);
  await keys.kept(KEY_ID);
  const personalData = new OfOpenEvents(keys);
  const store = new PostgresEventStore(database);
  const streamKinds = new StreamKinds();
  registerKinds(streamKinds);
  const projections = new Projections();
  projections.add(delivered(projection));
  const generations = new Generations(database);
  const leadership = new Leadership(database);
  const readModels = new ReadModels(database, generations, projections, leadership);
  const ledger = new Ledger(store, keys, personalData);
  const projecting = new Projecting(database, store, personalData, streamKinds, projections, generations, leadership, readModels, ledger);
  await projecting.start();
  const clock = { now: () => now, refresh: async () => {}, during: work => work() } satisfies Clock;
  return {
    database,
    store,
    readModels,
    personalData,
    clock,
    masterKey,
    keys,
    /** Appends behind whatever the stream holds; resolves once the read model shows it. */
    async given(stream: string, ...events: readonly NewEvent[]): Promise<Position> {
      const named = events.map(({ metadata, ...event }) => ({ ...event, metadata: { ...metadata, keyId: KEY_ID } }));
      const [result] = await store.append([{ stream, expectedRevision: 'any', events: named }]);
      if (!result || result.outcome === 'conflict') throw new Error('not stored');
      await readModels.waitFor(projection.name, result.position);
      return result.position;
    },
    /** Builds the read model anew. Resolves with what its tables held before and hold then, their indexes too. */
    async rebuilt(): Promise<{ readonly before: object; readonly after: object }> {
      const before = await contentsOf(database, await readModels.generationOf(projection.name));
      const generation = await generations.begin(projection, await store.storeId());
      for (projecting.nudge(); (await readModels.generationOf(projection.name)).generation !== generation; await sleep(50))
        await readModels.refresh();
      return { before, after: await contentsOf(database, await readModels.generationOf(projection.name)) };
    },
    async stop(): Promise<void> {
      await projecting.stop();
      await leadership.close();
      await store.close();
      await database.close();
      await postgres.stop();
    },
  };
}
