import type { Database, Queryable } from '../database/database.js';
import { categoryOf, type Position } from '../event-store/event-store.js';
import { tracedInEach } from '../tracing.js';
import { describeSafely } from './back-off.js';
import { CheckpointMoved, ERASURE, moveCheckpoints, park, type Member } from './checkpoints.js';
import { enter, within } from './generations.js';
import { stillToTake } from './place-in-streams.js';
import type { Change } from './projection.js';
import { isPoison } from './stopping.js';

/** Beyond this many streams it is not single events that are at fault but the projection. */
const PARKED_STREAMS_AT_MOST = 1_000;

/** Of so many changes the members write side by side, each lane in a transaction of its own. */
const WORTH_LANES = 1_000;
const LANES = 3;
const lanesOf = (members: readonly Member[]): Member[][] =>
  Array.from({ length: Math.min(LANES, members.length) }, (_, lane) => members.filter((__, index) => index % LANES === lane));

/** A read model that must not go on; the others of its projector do. */
class MemberStopped extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MemberStopped';
  }
}

/** Writes changes into read models, rows and checkpoints together. */
export class BatchWriter {
  constructor(private readonly database: Database) {}

  /**
   * Brings every member up to the position, its rows and its checkpoint in one transaction. Where that fails and the
   * database is well, each goes alone, and the events that it cannot take are parked. A member that cannot go on has `stopped` set.
   * @throws CheckpointMoved, DatabaseUnavailable, and whatever else is no fault of an event: then nothing is known but what the database
   * holds
   */
  async write(members: readonly Member[], changes: readonly Change[], position: Position): Promise<void> {
    const behind = members.filter(member => member.stopped === undefined && member.position < position);
    if (behind.length === 0) return;
    const wanted = sharedOut(changes);
    const lanes = changes.length < WORTH_LANES ? [behind] : lanesOf(behind);
    const write = (lane: readonly Member[]): Promise<void> => this.writeTogether(lane, wanted, position);
    const outcomes = await Promise.allSettled(
      // So many are of a rebuild: who sent what they follow from is not waiting any more.
      lanes.length > 1
        ? lanes.map(write)
        : [
            tracedInEach(
              () => causesOf(behind, wanted),
              () => write(behind),
            ),
          ],
    );
    const failed = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    const passing = failed.find(error => !isPoison(error) || error instanceof CheckpointMoved);
    if (passing !== undefined) throw passing;
    if (failed.length === 0) return;
    for (const member of behind) if (member.position < position) await this.writeCarefully(member, wanted(member), position);
  }

  private async writeTogether(
    members: readonly Member[],
    wanted: (member: Member) => readonly Change[],
    position: Position,
  ): Promise<void> {
    const parked = await this.database.transaction(
      async tx => {
        await moveCheckpoints(tx, members, position);
        const sets = members.map(member => new Set(member.parked));
        for (const [index, member] of members.entries()) {
          const ready = await setAside(tx, member, sets[index] as Set<string>, wanted(member));
          if (ready.length > 0) await member.projection.project(ready, within(tx, member), member.unfinished);
        }
        return sets;
        // Rows and checkpoints are lost together or not at all, and made again from the events.
      },
      { mayBeLost: true },
    );
    for (const [index, member] of members.entries()) {
      member.position = position;
      member.parked = parked[index] ?? member.parked;
    }
  }

  private async writeCarefully(member: Member, changes: readonly Change[], position: Position): Promise<void> {
    try {
      member.parked = await this.database.transaction(async tx => {
        await moveCheckpoints(tx, [member], position);
        await enter(tx, member);
        const parked = new Set(member.parked);
        await bisect(tx, member, parked, changes);
        return parked;
      });
      member.position = position;
    } catch (error) {
      if (!(error instanceof MemberStopped)) throw error;
      member.stopped = error.message;
    }
  }
}

/** In which traces stood what the members take in. */
const causesOf = (members: readonly Member[], wanted: (member: Member) => readonly Change[]): { name: string; traceparent: string }[] =>
  members.flatMap(member =>
    [...new Set(wanted(member).flatMap(({ event }) => event.metadata.traceparent ?? []))].map(traceparent => ({
      name: `project ${member.name}`,
      traceparent,
    })),
  );

/** What each member takes of the changes: looked for once for all that follow the same categories from the same position. */
function sharedOut(changes: readonly Change[]): (member: Member) => readonly Change[] {
  const categories = changes.map(({ event }) => categoryOf(event.stream));
  const found = new Map<string, readonly Change[]>();
  return ({ position, categories: followed }) => {
    const key = [position, ...followed].join(' ');
    const before = found.get(key);
    if (before) return before;
    const isNew = stillToTake(position);
    const taken = changes.filter((change, index) => followed.has(categories[index] as string) && isNew(change));
    found.set(key, taken);
    return taken;
  };
}

/**
 * Parks what cannot be folded, and what belongs to parked streams; adds to these. What is left may be applied now.
 * @throws MemberStopped
 */
async function setAside(tx: Queryable, member: Member, parked: Set<string>, changes: readonly Change[]): Promise<readonly Change[]> {
  if (parked.size === 0 && changes.every(({ fault }) => fault === undefined)) return changes;
  const ready: Change[] = [];
  const waiting: Change[] = [];
  for (const change of changes) {
    const { event, fault } = change;
    if (parked.has(event.stream)) waiting.push(change);
    else if (fault !== undefined) await parkFirst(tx, member, parked, change, fault);
    // An erasure is applied at once, and once more in its place: what waits before it may bring back what it erased.
    if (!parked.has(event.stream) || event.type === ERASURE) ready.push(change);
  }
  if (waiting.length > 0) await park(tx, member, waiting, null);
  const unerased = ready.find(({ fault }) => fault !== undefined);
  if (unerased) throw notApplied(member, unerased, unerased.fault ?? '');
  return ready;
}

const notApplied = ({ name }: Member, { event: { type, stream, revision } }: Change, error: string): MemberStopped =>
  new MemberStopped(`${name} cannot apply ${type} of ${stream} at revision ${revision}: ${error}`);

/** The first of a stream that cannot be taken. @throws MemberStopped for an erasure, or where there are too many */
async function parkFirst(tx: Queryable, member: Member, parked: Set<string>, change: Change, error: string): Promise<void> {
  if (change.event.type === ERASURE) throw notApplied(member, change, error);
  parked.add(change.event.stream);
  if (parked.size > PARKED_STREAMS_AT_MOST)
    throw new MemberStopped(`${member.name} cannot take events of more than ${PARKED_STREAMS_AT_MOST} streams, at last: ${error}`);
  await park(tx, member, [change], error);
}

async function bisect(tx: Queryable, member: Member, parked: Set<string>, changes: readonly Change[]): Promise<void> {
  const ready = await setAside(tx, member, parked, changes);
  if (ready.length === 0) return;
  const error = await attempt(tx, member, ready);
  if (!error) return;
  if (ready.length > 1) {
    const middle = ready.length >> 1;
    await bisect(tx, member, parked, ready.slice(0, middle));
    await bisect(tx, member, parked, ready.slice(middle));
    return;
  }
  await parkFirst(tx, member, parked, (ready as [Change])[0], error);
}

/** What went wrong, in words that may be kept; undefined when nothing did. */
export async function attempt(
  tx: Queryable,
  { projection, unfinished }: Pick<Member, 'projection' | 'unfinished'>,
  changes: readonly Change[],
): Promise<string | undefined> {
  await tx.query('SAVEPOINT attempt');
  try {
    await projection.project(changes, tx, unfinished);
    await tx.query('RELEASE SAVEPOINT attempt');
    return undefined;
  } catch (error) {
    if (!isPoison(error)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT attempt');
    return describeSafely(error);
  }
}
