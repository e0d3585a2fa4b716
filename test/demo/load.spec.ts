import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { readConfig, type Config } from '../../src/config.js';
import { loadOffline } from '../../src/demo/load/offline.js';
import { loadOverHttp } from '../../src/demo/load/over-http.js';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { createApplication } from '../../src/http/application.js';
import { startCaseledger } from '../support/caseledger.js';
import { Commands, type Said } from '../support/commands.js';
import { startTestDatabase } from '../support/postgres.js';

/* Invented people by the thousand: decided by the real rules, the same for the same seed. */

const CASES = 24;

describe('--offline', () => {
  const directory = mkdtempSync(join(tmpdir(), 'caseledger-'));
  const open: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of open.toReversed()) await close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function store(): Promise<{ app: NestFastifyApplication; config: Config }> {
    const database = await startTestDatabase();
    const env = { DATA_DIR: directory, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, LOG_LEVEL: 'silent' };
    const config = readConfig(env);
    const app = await createApplication(AppModule, config);
    await app.init();
    open.push(
      () => database.stop(),
      () => app.close(),
    );
    return { app, config };
  }
  const eventsOf = async (app: NestFastifyApplication): Promise<StoredEvent[]> => {
    const events: StoredEvent[] = [];
    for await (const batch of app.get(EventStore).readAll()) events.push(...batch);
    return events;
  };
  /** Ids that follow from a hash under a random data key are left out. */
  const told = (events: readonly StoredEvent[]): string[] =>
    events
      .map(({ stream, revision, type, data, metadata: { actor, recordedAt } }) =>
        JSON.stringify([stream, revision, type, { ...data, transferId: undefined }, actor, recordedAt]),
      )
      .toSorted();

  it('stores the same for the same seed, and nothing twice', async () => {
    const [first, second] = [await store(), await store()];
    let shown = 0;
    const load = { cases: CASES, seed: 5, progress: (cases: number) => (shown += cases) };
    await loadOffline(first.app, first.config, load);
    expect(shown).toBe(CASES);
    const events = await eventsOf(first.app);
    await loadOffline(first.app, first.config, load);
    expect((await eventsOf(first.app)).length).toBe(events.length);
    await loadOffline(second.app, second.config, load);
    expect(told(await eventsOf(second.app))).toEqual(told(events));
    const count = (wanted: string): number => events.filter(({ type }) => type.startsWith(wanted)).length;
    expect(count('CaseOpened')).toBe(CASES);
    expect(count('TransferredTo')).toBeGreaterThan(CASES / 2);
    expect(events.filter(({ type }) => type === 'DepartureBlocked' || type === 'PassengerRemoved')).toEqual([]);
    for (const other of [
      { ...load, seed: 6 },
      { ...load, cases: CASES + 1 },
    ])
      await expect(loadOffline(first.app, first.config, other)).rejects.toThrow('holds something else');
    await expect(loadOffline(first.app, { production: true }, load)).rejects.toThrow('production');
  });
});

it('loads a service through its API, counts what is refused, ends with 1 for it, and repeats nothing for the same seed', async () => {
  const commands = new Commands();
  const directory = mkdtempSync(join(tmpdir(), 'caseledger-'));
  const caseledger = await startCaseledger({ DATA_DIR: directory, CLOCK: 'system' });
  try {
    const config = readConfig({ DATA_DIR: directory });
    let shown = 0;
    const load = { cases: 20, seed: 3, concurrency: 8, urls: [caseledger.url], progress: (cases: number) => (shown += cases) };
    const first = await loadOverHttp(config, load);
    expect(first.errors).toEqual({});
    expect(shown).toBe(20);
    expect(first.commands).toBeGreaterThan(20 * 5);
    expect(first.latency.p50).toBeGreaterThan(0);
    expect(first.latency.max).toBeGreaterThanOrEqual(first.latency.p99);
    await caseledger.settled();
    const { app } = caseledger;
    const cases = async (): Promise<number> => {
      let events = 0;
      for await (const batch of app.get(EventStore).readAll()) events += batch.filter(({ stream }) => stream.startsWith('case-')).length;
      return events;
    };
    const before = await cases();
    // Another day: what was met is told otherwise, so that the same keys are refused.
    const { errors } = await loadOverHttp(config, load);
    expect(Object.keys(errors)).toEqual(['idempotency-key-reused']);
    expect(await cases()).toBe(before);
    const asked = (seed: number, count: number): Promise<Said> =>
      commands.run(['load', '--cases', `${count}`, '--seed', `${seed}`, '--url', caseledger.url], { DATA_DIR: directory }).said;
    const refused = await asked(load.seed, load.cases);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/errors: \d+ idempotency-key-reused\n/) });
    expect(await asked(9, 2)).toMatchObject({ code: 0, stdout: expect.stringContaining('no errors') });
  } finally {
    commands.end();
    await caseledger.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
