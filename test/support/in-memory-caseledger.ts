import type { Type } from '@nestjs/common';
import type { CommandBus, ICommandHandler } from '@nestjs/cqrs';
import { agreementStream } from '../../src/agreements/agreement.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { ErasePersonalDataHandler, OpenCaseHandler } from '../../src/cases/case.use-cases.js';
import { RecentOpenings } from '../../src/cases/recent-openings.js';
import type { Clock } from '../../src/database/clock.js';
import type { Act, Receipt } from '../../src/event-store/act.js';
import { Erasing } from '../../src/event-store/erasing.js';
import {
  EventStore,
  StoreUnavailable,
  type AppendRequest,
  type AppendResult,
  type StoredEvent,
} from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import type { StreamKind } from '../../src/event-store/stream-kind.js';
import { isAfter, millis } from '../../src/fields/time.js';
import { familyStream, membershipStream } from '../../src/families/family.state.js';
import { holdOrderStream } from '../../src/hold-orders/hold-order.state.js';
import { manifestStream } from '../../src/manifests/manifest.state.js';
import type { DataKey, DataKeys } from '../../src/personal-data/data-keys.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import { ProcessModule } from '../../src/processes/process.module.js';
import { stepKey } from '../../src/reacting/inbox-reads.js';
import { triggerOf, type ProcessInbox, type Refusal, type Trigger } from '../../src/reacting/process-inbox.js';
import { Processes, type Process } from '../../src/reacting/process.js';
import { Reactions } from '../../src/reacting/reactions.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { reassignmentStream } from '../../src/reassignments/reassignment.state.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import { ALL } from './all-use-cases.js';
import { Contents, InMemoryEventStore } from './in-memory-event-store.js';

const HANDLERS: readonly Type[] = ALL.flatMap(({ handlers }) => handlers);

/** Every kind of stream that people's commands and processes write. */
export const KINDS = [
  agreementStream,
  caseStream,
  familyStream,
  holdOrderStream,
  manifestStream,
  membershipStream,
  reassignmentStream,
  receptionStream,
] as unknown as readonly StreamKind<unknown>[];

/** The command that a handler decides. */
const commandOf = (handler: Type): Type<Act> => Reflect.getMetadata('__commandHandler__', handler) as Type<Act>;

/** The service dies here, or its store is away: whoever hears of it cannot know what was stored. */
export class Died extends StoreUnavailable {}

/** Where a service may die: around every append, and before every row that a process leaves. */
export type Passing = (point: string) => void;

/** What outlives a service process: the events, and what processes have still to do. */
export class Durable {
  readonly store = new InMemoryEventStore();
  /** Triggers to be answered, and those that were; in the order in which they came. */
  readonly pending = new Map<string, Trigger>();
  readonly done = new Map<string, Trigger>();
  readonly timers = new Map<string, Trigger & { dueAt: string }>();
  readonly refusals: Refusal[] = [];
  /** Of each list its items, and the position of the event on which each was noted last. */
  readonly lists = new Map<string, Map<string, string>>();
  /** How far processes have looked. */
  looked = 0;
  now = '2020-01-13T15:00:00Z';
  keys = 0;
  readonly destroyedKeys = new Set<string>();

  /** All of it as it is at this moment: what goes on from the copy changes nothing here. */
  copy(): Durable {
    const { all, streams } = this.store.contents;
    return Object.assign(new Durable(), {
      ...this,
      store: new InMemoryEventStore(new Contents([...all], new Map(streams))),
      pending: new Map(this.pending),
      done: new Map(this.done),
      timers: new Map(this.timers),
      refusals: [...this.refusals],
      lists: new Map([...this.lists].map(([list, items]) => [list, new Map(items)])),
      destroyedKeys: new Set(this.destroyedKeys),
    });
  }
}

const rowKey = ({ process, position, timer }: Trigger): string => `${process} ${position} ${timer}`;
/** One after the other: what one process answers of one stream. */
const queueKey = ({ process, stream }: Trigger): string => `${process} ${stream}`;

/**
 * One process of the service, in memory: real handlers, rules, folds and processes. What differs is where events,
 * keys and the inbox are kept, and that nothing happens by itself: whoever holds it says which trigger is answered next.
 */
export class InMemoryCaseledger {
  readonly kinds = new StreamKinds();
  readonly processes = new Processes();
  readonly personalData: PersonalData;
  readonly ledger: Ledger;
  /** Called at every point where the service may die; it dies where this throws `Died`. */
  passing: Passing = () => undefined;
  /** Told of every command of a process before it is decided. */
  beforeCommand: (act: Act) => Promise<void> = async () => undefined;
  private readonly handlers: ReadonlyMap<Type<Act>, ICommandHandler>;
  private readonly reactions: Reactions;
  private readonly answering = new Map<string, Process[]>();

  /** @param idle a process that answers nothing */
  constructor(
    readonly durable = new Durable(),
    idle?: string,
  ) {
    const keys = {
      take: () => this.takeKey(),
      get: async (keyIds: readonly string[]) =>
        new Map(keyIds.map(keyId => [keyId, this.durable.destroyedKeys.has(keyId) ? 'destroyed' : KEY])),
      kept: async () => KEY,
      destroy: async (keyIds: readonly string[]) => {
        this.passing('before keys are destroyed');
        for (const keyId of keyIds) this.durable.destroyedKeys.add(keyId);
      },
    } as unknown as DataKeys;
    const store = this.mortal(durable.store);
    this.personalData = new PersonalData(keys);
    this.ledger = new Ledger(store, keys, this.personalData);
    const erasing = new Erasing(store, keys);
    for (const kind of KINDS) this.kinds.register(kind);
    Reflect.construct(ProcessModule, [this.processes]);
    for (const process of this.processes.all().filter(({ name }) => name !== idle))
      for (const type of process.on) this.answering.set(type, [...(this.answering.get(type) ?? []), process]);
    const queries = { execute: async () => [] };
    this.handlers = new Map(
      HANDLERS.map(Handler => [
        commandOf(Handler),
        Handler === OpenCaseHandler
          ? new Handler(this.ledger, queries, new RecentOpenings())
          : new Handler(this.ledger, ...(Handler === ErasePersonalDataHandler ? [erasing] : [])),
      ]),
    );
    const bus = { execute: (act: Act) => this.execute(act) } as unknown as CommandBus;
    this.reactions = new Reactions(
      store,
      this.personalData,
      this.kinds,
      this.ledger,
      bus,
      this.clock,
      this.inbox as unknown as ProcessInbox,
      erasing,
    );
  }

  readonly clock: Clock = { now: () => this.durable.now, refresh: async () => undefined, during: work => work() };

  /** Decides a command of a person. @throws DomainError; Died */
  async send(act: Act): Promise<Receipt> {
    const handler = this.handlers.get(act.constructor as Type<Act>);
    if (!handler) throw new Error(`nobody decides ${act.constructor.name}`);
    return this.within(act, (await handler.execute(act)) as Receipt);
  }

  /** What a command leads to is what its line says. */
  private within(act: Act, receipt: Receipt): Receipt {
    const leadsTo = LEADS_TO.get(act.constructor);
    const strange = receipt.events.find(({ type }) => !leadsTo?.includes(type));
    if (strange) throw new Error(`${act.constructor.name} led to ${strange.type}, which its line does not name`);
    return receipt;
  }

  /** The next trigger of each queue, oldest first. */
  waiting(): Trigger[] {
    this.look();
    const heads = new Map<string, Trigger>();
    for (const trigger of [...this.durable.pending.values()].toSorted((a, b) => (rowOrder(a) < rowOrder(b) ? -1 : 1)))
      if (!heads.has(queueKey(trigger))) heads.set(queueKey(trigger), trigger);
    return [...heads.values()];
  }

  /** Answers one trigger; one that was interrupted stays. @throws what the process throws, but for `Died` */
  async answer(trigger: Trigger): Promise<'answered' | 'interrupted'> {
    const process = this.processes.get(trigger.process);
    if (!process) throw new Error(`there is no process named ${trigger.process}`);
    try {
      await this.reactions.react(process, trigger, new AbortController().signal);
      this.passing('before the trigger is marked');
      this.durable.pending.delete(rowKey(trigger));
      this.durable.done.set(rowKey(trigger), trigger);
      return 'answered';
    } catch (error) {
      if (error instanceof Died) return 'interrupted';
      throw error;
    }
  }

  /** Lets a trigger that was answered be answered again, where nothing that followed it in its queue was answered yet. */
  repeatable(): Trigger[] {
    return [...new Map([...this.durable.done.values()].map(trigger => [queueKey(trigger), trigger])).values()];
  }

  repeat(trigger: Trigger): void {
    this.durable.done.delete(rowKey(trigger));
    this.durable.pending.set(rowKey(trigger), trigger);
  }

  /** Answers all that waits, and what follows from it. @param choose which of the queues is next */
  async settle(choose: (waiting: readonly Trigger[]) => Trigger | undefined = ([first]) => first): Promise<number> {
    let answered = 0;
    this.fire();
    for (let next = choose(this.waiting()); next; next = choose(this.waiting())) {
      await this.answer(next);
      answered++;
      this.fire();
    }
    return answered;
  }

  /** Timers that are due become triggers. */
  fire(): void {
    for (const [key, { dueAt, ...trigger }] of this.durable.timers) {
      if (isAfter(dueAt, this.durable.now)) continue;
      this.durable.timers.delete(key);
      this.durable.pending.set(key, trigger);
    }
  }

  nextDue(): string | undefined {
    return [...this.durable.timers.values()].map(({ dueAt }) => dueAt).toSorted((a, b) => millis(a) - millis(b))[0];
  }

  /** The time moves as in a training copy: each timer runs down at its own instant, and what follows is done before the next. */
  async pass(until: string, settle: () => Promise<unknown> = () => this.settle()): Promise<void> {
    await settle();
    for (let due = this.nextDue(); due !== undefined && !isAfter(due, until); due = this.nextDue()) {
      this.durable.now = due;
      await settle();
    }
    this.durable.now = until;
  }

  /** What processes have to answer of what was stored since they looked last. */
  private look(): void {
    const { all } = this.durable.store.contents;
    for (; this.durable.looked < all.length; this.durable.looked++) {
      const event = all[this.durable.looked] as StoredEvent;
      for (const process of (this.answering.get(event.type) ?? []).filter(({ passesOver }) => !passesOver?.(event))) {
        const trigger = triggerOf(process, event);
        this.durable.pending.set(rowKey(trigger), trigger);
      }
    }
  }

  private async execute(act: Act): Promise<Receipt> {
    await this.beforeCommand(act);
    this.passing(`before ${act.constructor.name}`);
    return this.send(act);
  }

  private async takeKey(): Promise<DataKey> {
    return { keyId: `00000000-0000-4000-8000-${String(++this.durable.keys).padStart(12, '0')}`, key: KEY };
  }

  private mortal(store: EventStore): EventStore {
    const append = async (requests: readonly AppendRequest[]): Promise<AppendResult[]> => {
      this.passing('before an append');
      const results = await store.append(requests);
      this.passing('after an append');
      return results;
    };
    return new Proxy(store, { get: (target, name) => (name === 'append' ? append : Reflect.get(target, name, target)) });
  }

  /** The part of the inbox that a reaction uses. */
  private readonly inbox = {
    refusals: async ({ process, triggerId }: Trigger) =>
      new Map(
        this.durable.refusals
          .filter(refusal => refusal.process === process && refusal.triggerId === triggerId)
          .map(({ step, targetStream, codes }) => [stepKey(step, targetStream), codes]),
      ),
    refused: async (refusal: Refusal) => {
      this.passing('before a refusal is noted');
      const same = ({ process, triggerId, step, targetStream }: Refusal): string => [process, triggerId, step, targetStream].join();
      if (!this.durable.refusals.some(known => same(known) === same(refusal))) this.durable.refusals.push(refusal);
    },
    note: async ({ process, position }: Trigger, list: string, item: string) => {
      this.passing('before a note');
      const key = `${process} ${list}`;
      const items = this.durable.lists.get(key) ?? new Map<string, string>();
      this.durable.lists.set(key, items);
      if ((items.get(item) ?? '') < position) items.set(item, position);
    },
    forget: async ({ process, position }: Trigger, list: string, item: string) => {
      this.passing('before a note is forgotten');
      const items = this.durable.lists.get(`${process} ${list}`);
      if ((items?.get(item) ?? position) <= position) items?.delete(item);
    },
    noted: async (process: string, list: string, after: string, limit: number) =>
      [...(this.durable.lists.get(`${process} ${list}`)?.keys() ?? [])]
        .filter(item => item > after)
        .toSorted()
        .slice(0, limit),
    setTimer: async ({ process, position, triggerId, stream, revision, type, urgency }: Trigger, timer: string, dueAt: string) => {
      this.passing('before a timer is set');
      const row = { process, position, triggerId, stream, revision, type, timer, urgency };
      const key = rowKey(row);
      const known = [this.durable.pending, this.durable.done, this.durable.timers].some(rows => rows.has(key));
      if (!known) this.durable.timers.set(key, { ...row, dueAt });
    },
  } satisfies Partial<Record<keyof ProcessInbox, unknown>>;
}

const KEY = Buffer.alloc(32, 7);
const LEADS_TO = new Map<unknown, readonly string[]>(ALL.flatMap(({ lines }) => lines.map(({ command, leadsTo }) => [command, leadsTo])));
const rowOrder = ({ position, timer }: Trigger): string => `${position} ${timer}`;
