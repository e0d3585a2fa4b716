import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventStore, START, type Position } from '../event-store/event-store.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { examineEvents, examineTimers } from './examine-events.js';
import { ProcessRunner } from '../reacting/process-runner.js';
import { ProjectionStatus } from './projection-status.js';
import { reasonOf } from '../projecting/stopping.js';
import { StreamKinds } from '../projecting/stream-kinds.js';

export interface Diagnosis {
  readonly lines: readonly string[];
  readonly healthy: boolean;
}

/** After so many milliseconds whoever is behind must have moved. */
const LOOK_AGAIN_MS = 3_000;

/** What the doctor found by itself: its message is made to be shown. */
class Unwell extends Error {}

/** Looks at everything that the service stands on; every stored event is read, opened and checked against what this build knows. */
export async function examine(app: INestApplicationContext): Promise<Diagnosis> {
  const lines: string[] = [];
  let healthy = true;
  const check = async (name: string, look: () => Promise<string>): Promise<void> => {
    try {
      lines.push(`ok      ${name}: ${await look()}`);
    } catch (error) {
      healthy = false;
      lines.push(`not ok  ${name}: ${error instanceof Unwell ? error.message : reasonOf(error)}`);
    }
  };
  await check('database', async () => {
    await app.get(Database).query('SELECT 1');
    return 'reachable';
  });
  await check('event-store', async () => `reachable, store ${await app.get(EventStore).storeId()}`);
  await check('streams', async () => {
    const found = await app.get(EventStore).irregularities();
    if (found.length > 0) healthy = false;
    for (const line of found) lines.push(`not ok  streams: ${line}`);
    return found.length > 0 ? 'all others have neither limits nor deletions' : 'neither limits nor deletions';
  });
  /** Each finding is a line of its own. */
  const tell = (name: string, findings: readonly string[]): boolean => {
    if (findings.length > 0) healthy = false;
    for (const line of findings) lines.push(`not ok  ${name}: ${line}`);
    return findings.length === 0;
  };
  const store = app.get(EventStore);
  await check('events', async () => {
    const { events, findings } = await examineEvents({ store, kinds: app.get(StreamKinds), personalData: app.get(PersonalData) });
    return tell('events', findings) ? `${events} readable` : `all others of ${events} are readable`;
  });
  await check('timers', async () => (tell('timers', await examineTimers(app.get(Database), store)) ? 'each has its event' : 'all others have their event'));
  const head = await store.head().catch(() => undefined);
  const notBeyond = (position: Position): void => {
    if (head !== undefined && position !== START && position > head) throw new Unwell(`stands at ${position}, beyond the event store's end ${head}`);
  };
  const all = async <T>(name: string, look: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await look();
    } catch (error) {
      await check(name, () => Promise.reject(error as Error));
      return [];
    }
  };
  const models = await all('read-models', () => app.get(ProjectionStatus).status());
  const processes = await all('processes', () => app.get(ProcessRunner).status());
  const newest = await app.get(EventStore).newest().catch(() => START);
  const isBehind = ({ position }: { readonly position: string }): boolean => position < newest;
  if ([...models, ...processes].some(isBehind)) await sleep(LOOK_AGAIN_MS);
  const before = new Map([...models, ...processes].filter(isBehind).map(({ name, position }) => [name, position]));
  for (const model of await all('read-models', () => app.get(ProjectionStatus).status())) {
    await check(model.name, async () => {
      notBeyond(model.position);
      if (model.stopped) throw new Unwell(`stopped: ${model.stopped}`);
      if (model.parked > 0) throw new Unwell(`${model.parked} streams parked`);
      if (before.get(model.name) === model.position) throw new Unwell(`${model.lagEvents} events behind, and does not get on: does a service run?`);
      return model.caughtUp ? 'in step' : `${model.lagEvents} events behind`;
    });
  }
  for (const process of await all('processes', () => app.get(ProcessRunner).status())) {
    await check(process.name, async () => {
      notBeyond(process.position);
      if (process.stopped) throw new Unwell(`stopped: ${process.stopped}`);
      if (before.get(process.name) === process.position) throw new Unwell('has not looked at what is stored, and does not get on: does a service run?');
      if (process.failed > 0) throw new Unwell(`${process.failed} triggers failed`);
      return `${process.pending} pending, ${process.refused} commands refused`;
    });
  }
  return { lines, healthy };
}
