import { randomInt, randomUUID } from 'node:crypto';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import type { Projection } from '../../src/projecting/projection.js';
import { ReadModelBehind } from '../../src/projecting/read-models.js';
import { Draw } from '../model/draw.js';
import { follow, once, type Following } from './following.js';

export const CASES = Number(process.env['CASES'] ?? 300);
export const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
/** For them to be stored and followed, in milliseconds, however busy the machine is. */
export const PATIENCE_MS = 600_000 + 20 * CASES;
const AT_ONCE = 250;

export interface RandomCases {
  readonly following: Following;
  /** Every event, by case, in the order of the store. */
  readonly raw: ReadonlyMap<string, readonly NewEvent[]>;
}

/** A read model that has followed so many random cases. @param last what happens in one more, after all others */
export async function followRandomCases(
  projection: Projection,
  story: (draw: Draw) => NewEvent[],
  last: readonly NewEvent[] = [],
): Promise<RandomCases> {
  const following = await follow(projection, kinds => kinds.register(caseStream), undefined, once);
  const raw = new Map<string, readonly NewEvent[]>();
  const draw = new Draw(SEED);
  const append = async (stories: readonly (readonly NewEvent[])[]): Promise<void> => {
    const named = stories.map(events => ({ caseId: randomUUID(), events }));
    for (const { caseId, events } of named) raw.set(caseId, events);
    await following.store.append(
      named.map(({ caseId, events }) => ({ stream: `case-${caseId}`, expectedRevision: 'no-stream' as const, events })),
    );
  };
  for (let left = CASES; left > 0; left -= AT_ONCE) await append(Array.from({ length: Math.min(AT_ONCE, left) }, () => story(draw)));
  if (last.length > 0) await append([last]);
  await caughtUp(following, projection.name);
  return { following, raw };
}

/** However long it takes: a query waits for five seconds. */
async function caughtUp({ readModels, store }: Following, name: string): Promise<void> {
  const newest = await store.newest();
  for (let behind = true; behind;)
    behind = await readModels.waitFor(name, newest).then(
      () => false,
      (error: unknown) => {
        if (error instanceof ReadModelBehind) return true;
        throw error;
      },
    );
}
