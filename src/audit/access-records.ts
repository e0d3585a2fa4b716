import { createHmac, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../database/clock.js';
import { Gathering } from '../database/gathering.js';
import { commandHash, eventId, uuidV5 } from '../event-store/command-identity.js';
import { EventStore, KeyNotCommitted, type Actor, type NewEvent } from '../event-store/event-store.js';
import { newestVersion } from '../event-store/stream-kind.js';
import type { OnRecord, RequestContext } from '../http/request-context.js';
import { DataKeys, type DataKey } from '../personal-data/data-keys.js';
import { seal } from '../personal-data/sealing.js';
import { packed, type AccessEvent, type WhatWasListed, type WhatWasRead } from './access.events.js';
import { accessStream } from './access.stream.js';

/** Names of callers are turned into stream ids in this namespace (RFC 9562, URL). */
const CALLERS = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
/** Keys of access streams that a process remembers; a stream whose key was forgotten takes another one. */
const REMEMBERED = 10_000;

/** Records of one stream that are appended together at most. */
const TOGETHER = 64;
/** Streams whose records may be on their way. */
const GATHERED = 1_000;

/** Who asks, and for what stated purpose. */
type Reader = Pick<RequestContext, 'actor' | 'purpose' | 'correlationId'>;

export interface CaseShown {
  readonly caseId: string;
  readonly revision: number;
}

/** A list or search, and the cases that it showed. */
export interface Listing {
  readonly list: WhatWasListed;
  readonly caseIds: readonly string[];
  readonly filters: Readonly<Record<string, string>>;
  /** What was searched for: of it only a keyed hash is kept. */
  readonly q?: string;
}

const NOBODY: Actor = { id: 'nobody', roles: [], office: null };

/** The stream of one caller's searches and lists. */
export const listingsOf = (sub: string): string => `access-${uuidV5(sub, CALLERS)}`;

/**
 * Who read or searched what, kept in the same store as the cases. Written before the answer leaves:
 * a read that cannot be recorded is not answered.
 */
@Injectable()
export class AccessRecords {
  // No longer than any other copy of a key: an erasure destroys all that the stream names.
  private readonly keyByStream = new LRUCache<string, DataKey>({ max: REMEMBERED, ttl: 60_000 });

  // One that is forgotten while it appends has a second one beside it, which is as well.
  private readonly gatherings = new LRUCache<string, Gathering<NewEvent>>({ max: GATHERED });

  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * The answer, once it is recorded that its reader saw these cases.
   * @throws StoreUnavailable
   */
  async caseRead<A>(reader: Reader, what: WhatWasRead, shown: CaseShown | readonly CaseShown[], answer: A): Promise<OnRecord<A>> {
    await this.withKeysAtHand(() =>
      Promise.all(
        [shown]
          .flat()
          .map(({ caseId, revision }) => this.append(`access-${caseId}`, { type: 'CaseFileRead', data: { what, revision } }, reader)),
      ),
    );
    return onRecord(answer);
  }

  /**
   * The answer, once it is recorded that its reader saw a list: one record for the whole of it.
   * @throws StoreUnavailable
   */
  async casesListed<A>(reader: Reader, { list, caseIds, filters, q }: Listing, answer: A): Promise<OnRecord<A>> {
    const stream = listingsOf((reader.actor ?? NOBODY).id);
    await this.withKeysAtHand(async () => {
      const searched =
        q === undefined
          ? {}
          : {
              q: createHmac('sha256', (await this.keyOf(stream)).key)
                .update(q)
                .digest('base64url'),
            };
      await this.append(
        stream,
        { type: 'CasesListed', data: { list, cases: packed(caseIds), filters, ...searched } },
        reader,
        q !== undefined,
      );
    });
    return onRecord(answer);
  }

  /** Once more with other keys where the database does not hold those that are remembered. */
  private async withKeysAtHand(record: () => Promise<unknown>): Promise<void> {
    try {
      await record();
    } catch (error) {
      if (!(error instanceof KeyNotCommitted)) throw error;
      this.keyByStream.clear();
      this.keys.forget();
      await record();
    }
  }

  private async append(
    stream: string,
    { type, data }: AccessEvent,
    { actor: caller, purpose, correlationId }: Reader,
    keyed = false,
  ): Promise<void> {
    const actor = caller ?? NOBODY;
    const commandId = randomUUID();
    const hash = commandHash({ route: type, actor, body: data });
    const id = eventId({ stream, commandId, commandHash: hash, index: 0 });
    const key = keyed || purpose !== undefined ? await this.keyOf(stream) : undefined;
    const now = this.clock.now();
    const metadata = {
      actor,
      commandId,
      commandHash: hash,
      correlationId,
      causationId: commandId,
      occurredAt: now,
      recordedAt: now,
      ...(key && { keyId: key.keyId }),
    };
    const sealed =
      key && purpose !== undefined ? { personal: seal(key.key, { stream, eventId: id, type, keyId: key.keyId }, { purpose }) } : {};
    const schemaVersion = newestVersion(accessStream, type) ?? 1;
    await this.together(stream).ask({ id, type, schemaVersion, data: { ...data }, ...sealed, metadata });
  }

  /** What is recorded in a stream while an append to it is on its way shares the next one: who lists much waits for one, not for all. */
  private together(stream: string): Gathering<NewEvent> {
    const known = this.gatherings.get(stream);
    if (known) return known;
    const gathering = new Gathering<NewEvent>(
      async events => {
        // Stored twice by a retry it would only say twice that somebody looked.
        await this.store.append([{ stream, expectedRevision: 'any', events }]);
        return () => undefined;
      },
      { together: TOGETHER },
    );
    this.gatherings.set(stream, gathering);
    return gathering;
  }

  private async keyOf(stream: string): Promise<DataKey> {
    const known = this.keyByStream.get(stream);
    if (known) return known;
    const key = await this.keys.take();
    this.keyByStream.set(stream, key);
    return key;
  }
}

const onRecord = <A>(answer: A): OnRecord<A> => answer as OnRecord<A>;
