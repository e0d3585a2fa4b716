import { LRUCache } from 'lru-cache';
import { replay, type Horizon, type Replayed } from '../cases/case.replay.js';
import type { CaseEvent } from '../cases/case.events.js';
import { caseStream } from '../cases/case.stream.js';
import { DomainError } from '../event-store/domain-error.js';
import { weightOf } from '../event-store/event-store.js';
import type { Opened } from '../event-store/recorded-events.js';
import { isAfter, laterOf } from '../fields/time.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import type { CaseHistory } from './case-history.js';

/** A state to go on from, where nothing that was folded into it is taken back by what comes after. */
interface Snapshot {
  readonly at: Replayed;
  readonly lastId: string;
  /** The latest of all events in it, RFC 3339 UTC. */
  readonly recordedAt: string;
  readonly weight: number;
  /** Of what was opened for it. */
  readonly keyIds: ReadonlySet<string>;
}

/** A revision, or a horizon; the case as it is now where there is neither. */
export interface Asked extends Horizon {
  readonly revision?: number;
}

/** What the snapshots of all cases weigh at most, in KiB of their events. */
const WEIGHT = 60_000;

/**
 * Cases as they were. Of long ones the states at some revisions are kept for a while, so that the next question reads and folds only
 * what comes after one of them. None is an answer by itself: its last event is read again, and so is whether its keys still open it.
 */
export class Replays {
  private readonly kept: LRUCache<string, readonly Snapshot[]>;

  /**
   * @param apart revisions from one snapshot to the next: shorter cases have none
   * @param rememberMs how long they are kept, in milliseconds: what is personal in them may have been erased
   */
  constructor(
    private readonly histories: CaseHistory,
    private readonly personalData: PersonalData,
    private readonly apart = 500,
    rememberMs = 60_000,
  ) {
    const sizeCalculation = (snapshots: readonly Snapshot[]): number => 1 + Math.ceil(snapshots.at(-1)?.weight ?? 0);
    this.kept = new LRUCache({ maxSize: WEIGHT, ttl: rememberMs, ttlAutopurge: true, sizeCalculation });
  }

  /** @throws DomainError `not-found`, also for a revision that the case has not reached; StoreUnavailable, DatabaseUnavailable */
  async of(caseId: string, asked: Asked = {}): Promise<Replayed> {
    const from = await this.nearest(caseId, asked);
    const [last, ...tail] = from ? await this.read(caseId, asked, from.at.revision) : [];
    if (from && last?.stored.id === from.lastId && takesBackOnly(tail)) return this.fold(caseId, asked, tail, from);
    return this.fold(caseId, asked, await this.read(caseId, asked));
  }

  private async nearest(caseId: string, { revision = Infinity, recordedBy, occurredBy }: Asked): Promise<Snapshot | undefined> {
    if (occurredBy !== undefined) return undefined;
    const known = ({ recordedAt }: Snapshot): boolean => recordedBy === undefined || !isAfter(recordedAt, recordedBy);
    const nearest = this.kept.get(caseId)?.findLast(one => one.at.revision <= revision && known(one));
    const live = nearest && (await this.personalData.liveKeys([...nearest.keyIds]));
    return live?.size === nearest?.keyIds.size ? nearest : undefined;
  }

  private async read(caseId: string, { revision, recordedBy }: Asked, from?: number): Promise<Opened<CaseEvent>[]> {
    const isBeyond = ({ event }: Opened<CaseEvent>): boolean => recordedBy !== undefined && isAfter(event.metadata.recordedAt, recordedBy);
    const read = await this.histories.read(caseId, from, revision, isBeyond);
    if (revision !== undefined && (read.at(-1)?.event.revision ?? -1) < revision)
      throw new DomainError('not-found', 'The case has not reached this revision.');
    return read;
  }

  private fold(caseId: string, asked: Asked, opened: readonly Opened<CaseEvent>[], from?: Snapshot): Replayed {
    const history = opened.map(({ event }) => event);
    if (asked.occurredBy !== undefined) return replay(history, asked);
    const mended = takenBackIn(opened);
    const added: Snapshot[] = [];
    const keyIds = new Set(from?.keyIds);
    let { weight, recordedAt } = from ?? { weight: 0, recordedAt: history[0]?.metadata.recordedAt ?? '' };
    const first = history[0]?.revision ?? 0;
    const replayed = replay(history, asked, from?.at, at => {
      const { stored, personal } = opened[at.revision - first] as Opened<CaseEvent>;
      weight += weightOf(stored);
      recordedAt = laterOf(recordedAt, stored.metadata.recordedAt);
      if (personal && stored.metadata.keyId !== undefined) keyIds.add(stored.metadata.keyId);
      const stands = (at.revision + 1) % this.apart === 0 && !mended.some(([entry, by]) => entry <= at.revision && at.revision < by);
      if (stands) added.push({ at, lastId: stored.id, recordedAt, weight, keyIds: new Set(keyIds) });
    });
    this.keep(caseId, added, from);
    return replayed;
  }

  /** With those before the one that was gone on from; others may be of a store that went back to an older copy. */
  private keep(caseId: string, added: readonly Snapshot[], from?: Snapshot): void {
    if (added.length === 0) return;
    const before = from ? (this.kept.get(caseId) ?? []).filter(({ at }) => at.revision <= from.at.revision) : [];
    this.kept.set(caseId, [...before, ...added]);
  }
}

/** Of each entry that one of these takes back: its id, and the revision of the last that does. */
const takingBack = (opened: readonly Opened<CaseEvent>[]): ReadonlyMap<string | undefined, number> =>
  new Map(opened.filter(({ event }) => caseStream.retracts?.(event)).map(({ event }) => [caseStream.retracts?.(event), event.revision]));

/** Whether these take back nothing but what is among them. */
function takesBackOnly(opened: readonly Opened<CaseEvent>[]): boolean {
  const ids = new Set<string | undefined>(opened.map(({ event }) => event.id));
  return [...takingBack(opened).keys()].every(id => ids.has(id));
}

/** The revisions of each entry that is taken back among these, and of the event that does. */
function takenBackIn(opened: readonly Opened<CaseEvent>[]): readonly (readonly [entry: number, by: number])[] {
  const by = takingBack(opened);
  if (by.size === 0) return [];
  return opened.flatMap(({ event: { id, revision } }) => (by.has(id) ? [[revision, by.get(id) ?? revision] as const] : []));
}
