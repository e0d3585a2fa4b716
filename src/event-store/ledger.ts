import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { traced } from '../tracing.js';
import { hasPersonalField } from '../fields/field-registry.js';
import { DataKeys, type DataKey } from '../personal-data/data-keys.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { classOf, type Act, type Receipt } from './act.js';
import { isSystem } from './actor.js';
import { canonicalJson } from './canonical-json.js';
import { commandHash, uuidV5 } from './command-identity.js';
import { DomainError } from './domain-error.js';
import {
  EventStore,
  KeyNotCommitted,
  StoreUnavailable,
  type AppendRequest,
  type AppendResult,
  type NewEvent,
  type StoredEvent,
} from './event-store.js';
import type { HistoryReader, Placed } from './fact-reader.js';
import { empty, FoldedStreams, type FoldedStream, type StoredCommand } from './folded-streams.js';
import { newEvents } from './new-events.js';
import { recordedEvents } from './recorded-events.js';
import type { Moment } from './rule.js';
import type { DomainEvent, StreamKind } from './stream-kind.js';
import { Turns } from './turns.js';

/** How often a decision is made again because another process wrote the stream meanwhile. */
const ATTEMPTS = 25;
/** The longest pause before another attempt, in milliseconds. */
const LONGEST_PAUSE = 50;

export interface Decision<S, E extends DomainEvent> {
  /** Of the command: the stream's kind, and whether the stream may come into being. */
  readonly kind: StreamKind<S, E>;
  readonly creates: boolean;
  /** Who may write this stream at all; asked after a repeat was answered. @throws DomainError */
  readonly guard?: (state: S, act: Act) => void;
  /** @throws DomainError */
  readonly rule: (folded: FoldedStream<S>, moment: Moment, facts: HistoryReader) => Promise<readonly E[]>;
}

@Injectable()
export class Ledger {
  private readonly streams: FoldedStreams;
  /** One command at a time per stream and process: what would only conflict waits instead. */
  private readonly turns = new Turns();

  constructor(
    private readonly store: EventStore,
    @Inject(DataKeys) private readonly keys: Pick<DataKeys, 'get' | 'take' | 'forget'>,
    personalData: PersonalData,
  ) {
    this.streams = new FoldedStreams(store, personalData);
  }

  /** The stream as the store has it now; revision -1 where it does not exist. */
  read<S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string): Promise<FoldedStream<S>> {
    return this.streams.fresh(kind, id);
  }

  /** All that the stream holds. What is personal stays sealed, unless there is what opens it. */
  async history<S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string, personalData?: PersonalData): Promise<readonly Placed<E>[]> {
    const events: Placed<E>[] = [];
    for await (const batch of recordedEvents(kind, `${kind.category}-${id}`, { store: this.store, personalData })) {
      events.push(...batch.map(({ stored: { position }, event }) => Object.assign(event, { position })));
    }
    return events;
  }

  /** How the stream stood before that event, where this process appended it a moment ago. */
  stoodBefore(event: StoredEvent): FoldedStream<unknown> | undefined {
    return this.streams.before.of(event);
  }

  /** Reads every stream from the store again: what is remembered may not be there any more. */
  forget(): void {
    this.streams.forget();
  }

  /**
   * Decides one command and stores what the rule returns. A repeat of a stored command gets the first receipt.
   * @throws DomainError when refused; StoreUnavailable when the outcome is unknown (the same command may be sent again)
   */
  decide<S, E extends DomainEvent>(act: Act, decision: Decision<S, E>): Promise<Receipt> {
    return traced(`decide ${classOf(act).type}`, () => this.decided(act, decision));
  }

  private async decided<S, E extends DomainEvent>(act: Act, decision: Decision<S, E>): Promise<Receipt> {
    const stream = `${decision.kind.category}-${act.streamId}`;
    const { waitFor } = act.context;
    // Outside of the stream's turn: what is waited for may have to write the stream.
    if (waitFor && !(await this.admitted(await this.streams.fresh(decision.kind, act.streamId), act, decision)).repeated) await waitFor();
    return this.turns.take(stream, () => this.attempt(stream, act, decision));
  }

  private async attempt<S, E extends DomainEvent>(stream: string, act: Act, decision: Decision<S, E>): Promise<Receipt> {
    const { kind } = decision;
    const foreseen = isSystem(act.context.actor) ? await this.onWhatIsKept(stream, act, decision) : undefined;
    if (foreseen) return foreseen;
    // A new stream is decided without a look at the store: if it is there already, the append says so.
    const unseen = decision.creates && act.context.ifMatch === undefined && !this.streams.peek(kind, stream);
    let folded = unseen ? empty(kind, stream) : await this.streams.fresh(kind, act.streamId);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const result = await this.once(folded, act, decision).catch(async (error: unknown) => {
        // What is refused today may have been stored before, or by an earlier send that was still on its way: then it is a repeat.
        const mayHaveMoved = error instanceof DomainError && attempt < ATTEMPTS - 1;
        if (!mayHaveMoved || (await this.streams.fresh(kind, act.streamId)).revision === folded.revision) throw error;
        return undefined;
      });
      if (result) return result === 'nothing to do' ? nothingToDo(act, folded) : result;
      // Two processes in step with each other would have the same one lose every time.
      if (attempt > 0) await sleep(Math.random() * Math.min(5 * attempt, LONGEST_PAUSE));
      folded = await this.streams.fresh(kind, act.streamId);
    }
    throw new StoreUnavailable(`${stream} is written by too many at once`);
  }

  /**
   * A process has just read the stream. What is kept of it may be old, so nothing counts but an append at its revision, which the store
   * checks.
   */
  private async onWhatIsKept<S, E extends DomainEvent>(stream: string, act: Act, decision: Decision<S, E>): Promise<Receipt | undefined> {
    const kept = this.streams.peek(decision.kind, stream);
    if (!kept) return undefined;
    try {
      const result = await this.once(kept, act, decision);
      return result === 'nothing to do' ? undefined : result;
    } catch (error) {
      if (error instanceof DomainError) return undefined;
      throw error;
    }
  }

  /** Undefined where what stands in the stream has to be read. @throws DomainError */
  private async once<S, E extends DomainEvent>(
    folded: FoldedStream<S>,
    act: Act,
    decision: Decision<S, E>,
  ): Promise<Receipt | 'nothing to do' | undefined> {
    const { hash, key, repeated } = await this.admitted(folded, act, decision);
    if (repeated) return repeated;
    const basedOn: Record<string, number> = {};
    const decided = await decision.rule(folded, momentOf(act, folded.revision + 1), this.factReader(basedOn));
    return decided.length === 0 ? 'nothing to do' : this.append(folded, act, decided, { hash, key, basedOn, kind: decision.kind });
  }

  /** Whether the command may be decided on the stream at all, or was stored already. @throws DomainError */
  private async admitted<S, E extends DomainEvent>(
    folded: FoldedStream<S>,
    act: Act,
    { kind, creates, guard }: Decision<S, E>,
  ): Promise<{ readonly hash: string; readonly key?: DataKey; readonly repeated?: Receipt }> {
    if (folded.revision < 0 && !creates && !kind.alwaysExists) throw new DomainError('not-found', 'There is no such record.');
    const { hash, key } = await this.identity(folded, act);
    const repeated = this.repeated(folded, act, hash);
    if (repeated) return { hash, key, repeated };
    guard?.(folded.state, act);
    if (folded.commands.has(act.context.commandId))
      throw new DomainError('idempotency-key-reused', 'This Idempotency-Key was used for another command.');
    if (act.context.ifMatch !== undefined && act.context.ifMatch !== folded.revision)
      throw new DomainError('revision-mismatch', 'The record has changed since the revision that If-Match names.');
    if (creates && folded.revision >= 0) throw new DomainError('already-exists', 'This id is in use.');
    return { hash, key };
  }

  /** Undefined where what stands in the stream has to be read: on a conflict, and where another send may have stored this command. */
  private async append<S, E extends DomainEvent>(
    folded: FoldedStream<S>,
    act: Act,
    decided: readonly E[],
    { hash, key: known, basedOn, kind }: { hash: string; key?: DataKey; basedOn: Record<string, number>; kind: StreamKind<S, E> },
  ): Promise<Receipt | undefined> {
    const sealing = decided.some(event => event.personal) ? (known ?? (await this.keyOf(folded))) : known;
    const { context } = act;
    const events = newEvents(folded, act, decided, { hash, sealing, basedOn, kind });
    const { assertMayWrite } = context;
    // Who follows the store may come to the events before the answer comes here.
    if (folded.revision >= 0) this.streams.before.keep(events[0]!.id, folded);
    const result = await this.stored({
      stream: folded.stream,
      expectedRevision: folded.revision < 0 ? 'no-stream' : folded.revision,
      events,
      tellRepeats: true,
      assertMayWrite,
    });
    // Another send, maybe in another process, was before this one: what stands there is what counts.
    if (result?.outcome !== 'ok') return undefined;
    const after = await this.streams.appended(
      kind,
      folded,
      placed(folded, events, result),
      decided.map(({ personal }) => (personal ? (JSON.parse(JSON.stringify(personal)) as object) : null)),
    );
    return receipt(act, after.commands.get(context.commandId) as StoredCommand);
  }

  /** Undefined where the database lacks the data key: it went back to an older copy, or the key was destroyed elsewhere. */
  private async stored(request: AppendRequest): Promise<AppendResult | undefined> {
    try {
      return (await this.store.append([request]))[0];
    } catch (error) {
      if (!(error instanceof KeyNotCommitted)) throw error;
      this.keys.forget();
      this.forget();
      return undefined;
    }
  }

  private async identity<S>(folded: FoldedStream<S>, act: Act): Promise<{ hash: string; key?: DataKey }> {
    const body = Object.fromEntries(Object.entries(act).filter(([name]) => name !== 'streamId' && name !== 'context'));
    const asked = { route: `${classOf(act).type} ${folded.stream}`, actor: act.context.actor, body };
    // A plain hash of a name and a birth date could be guessed, and would outlive an erasure.
    if (!hasPersonalField(classOf(act), body)) return { hash: commandHash(asked) };
    const first = folded.commands.get(act.context.commandId);
    const key = first?.keyId === undefined ? await this.keyOf(folded) : await this.standing(first.keyId);
    // With that key destroyed nobody can tell what was asked the first time: its id alone says that it is the same.
    return key ? { hash: commandHash(asked, key.key), key } : { hash: first?.hash ?? '' };
  }

  /** The stream's data key, or one from the pool where it has none, or its own was destroyed or is about to be. */
  private async keyOf<S>(folded: FoldedStream<S>): Promise<DataKey> {
    return (folded.keyId && (await this.standing(folded.keyId))) || this.keys.take();
  }

  /** Undefined where it was destroyed. */
  private async standing(keyId: string): Promise<DataKey | undefined> {
    const key = (await this.keys.get([keyId])).get(keyId);
    return key && key !== 'destroyed' ? { keyId, key } : undefined;
  }

  private repeated<S>(folded: FoldedStream<S>, act: Act, hash: string): Receipt | undefined {
    const first = folded.commands.get(act.context.commandId);
    return first && first.hash === hash ? receipt(act, first) : undefined;
  }

  /** Reads each stream once, so that a decision sees one state of it. */
  private factReader(basedOn: Record<string, number>): HistoryReader {
    const seen = new Map<string, Promise<FoldedStream<unknown>>>();
    return {
      read: async <S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string) => {
        const stream = `${kind.category}-${id}`;
        let reading = seen.get(stream) as Promise<FoldedStream<S>> | undefined;
        if (!reading) seen.set(stream, (reading = this.streams.fresh(kind, id)));
        const { state, revision } = await reading;
        basedOn[stream] = revision;
        return { state, revision };
      },
      history: (kind, id) => this.history(kind, id),
    };
  }

  /** Facts for a question that stores nothing. */
  facts(): HistoryReader {
    return this.factReader({});
  }
}

export function momentOf(act: Act, streamLength: number): Moment {
  const { context } = act;
  return {
    now: context.now,
    occurredAt: act.occurredAt ?? context.now,
    actor: context.actor,
    streamLength,
    newId: name => uuidV5(name, context.commandId),
  };
}

/**
 * As whoever reads the stream finds them, to the order of the fields: a read model that folds on from here must make the same row as
 * one that reads.
 */
const placed = <S>(
  folded: FoldedStream<S>,
  events: readonly NewEvent[],
  result: Exclude<AppendResult, { outcome: 'conflict' }>,
): StoredEvent[] =>
  events.map(({ data, metadata, ...event }, index) => ({
    ...event,
    ...(JSON.parse(canonicalJson({ data, metadata })) as Pick<StoredEvent, 'data' | 'metadata'>),
    stream: folded.stream,
    revision: folded.revision + 1 + index,
    position: result.position,
  }));

const nothingToDo = <S>(act: Act, folded: FoldedStream<S>): Receipt => ({
  streamId: act.streamId,
  revision: folded.revision,
  events: [],
  correlationId: act.context.correlationId,
  shown: {},
});

const receipt = (act: Act, command: StoredCommand): Receipt => ({
  streamId: act.streamId,
  revision: command.events.at(-1)?.revision ?? -1,
  events: command.events,
  position: command.position,
  correlationId: command.correlationId,
  shown: command.shown,
  ...(command.refused && { refused: command.refused }),
});
