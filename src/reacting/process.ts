import { Injectable } from '@nestjs/common';
import type { Act, Receipt } from '../event-store/act.js';
import type { HistoryReader } from '../event-store/fact-reader.js';
import type { DomainEvent, Recorded } from '../event-store/stream-kind.js';

export type StepOutcome =
  | { readonly outcome: 'done'; readonly receipt: Receipt }
  /** A rule refused; the answer to a repeat of the step is the same. */
  | { readonly outcome: 'refused'; readonly codes: readonly string[] };

/** What a process may do in answer to its trigger. */
export interface ProcessStep extends HistoryReader {
  /** All that the stream holds, with what is personal opened where its key is there. */
  history: HistoryReader['history'];
  /** A hash of a text that nobody can guess without the keys: the name of a list, or an item, that follows from something personal. */
  keyed(text: string): Promise<string>;
  /**
   * Sends a command in the system's name. Its id follows from trigger, process, step and target, so that a repeat stores nothing.
   * @param step names the place in the process; unique among commands to one stream in answer to one trigger
   */
  send(step: string, command: Act, streamId: string): Promise<StepOutcome>;
  /** Destroys the keys of what is sealed in a stream, up to a revision; without one, of all that is there by then. May be repeated. */
  destroyKeys(stream: string, to?: number): Promise<void>;
  /**
   * Lets `timers.elapsed` be called at an instant, once, with this name; an instant that has passed is due at once.
   * @param dueAt RFC 3339 UTC
   */
  at(timer: string, dueAt: string): Promise<void>;
  /** The time as it is now, RFC 3339 UTC; it may have moved since the step before. */
  now(): Promise<string>;
  /** Notes something in one of the process's own lists; it is there for all who look once this resolves. */
  note(list: string, item: string): Promise<void>;
  /**
   * Takes something off a list, unless it was noted on an event after the trigger. Whoever notes before looking at what an
   * event did, and forgets after having looked, never forgets what that event brought back.
   */
  forget(list: string, item: string): Promise<void>;
  /** The first items of a list after one, in their own order; '' stands before all. */
  noted(list: string, after: string, limit: number): Promise<readonly string[]>;
}

/** The least is answered first, however long the others have waited. */
export const URGENCY = { protectsMany: 0, protects: 1, mayWait: 2 } as const;
export type Urgency = (typeof URGENCY)[keyof typeof URGENCY];

/** What follows from events: durable, and once in effect. `processes/trigger.ts` writes one with typed triggers. */
export interface Process {
  /** Its identity for ever: command ids are made from it. */
  readonly name: string;
  /** Types of the events that it answers. */
  readonly on: readonly string[];
  /** Of those types, what it has nothing to answer: told by what stands in the open alone, so that it costs no trigger. */
  passesOver?(event: Pick<Recorded<DomainEvent>, 'type' | 'data'>): boolean;
  /**
   * How urgent the triggers of a category of streams are; unless told otherwise all of them may wait. Those of one stream stay in their
   * order.
   */
  readonly urgency?: (category: string) => Urgency;
  /** Where a process that is new to a database begins. */
  readonly startsFrom: 'beginning' | 'now';
  /**
   * Runs again from its start after any interruption, so it must ask and send the same in the same order.
   * What it throws, other than that a store is away, makes the trigger fail until an operator retries it.
   */
  react(trigger: Recorded<DomainEvent>, step: ProcessStep): Promise<void>;
  /** Of one that asks for a time. */
  readonly timers?: Timers;
  /**
   * What must stand on its lists because of this trigger, as things stand now: whoever looks for faults finds what was lost from them,
   * and whom the process would therefore pass over.
   */
  keeps?(trigger: Recorded<DomainEvent>, look: Look): Promise<readonly Kept[]>;
}

/** An item of one of a process's own lists. */
export interface Kept {
  readonly list: string;
  readonly item: string;
}

/** What a process does when a time has come, and how whoever looks for faults tells which timers there must be. */
export interface Timers<T extends Recorded<DomainEvent> = Recorded<DomainEvent>> {
  /** The time that `react` asked for has come. The same holds as for `react`; what became of the trigger meanwhile, a rule must ask. */
  elapsed(trigger: T, timer: string, step: ProcessStep): Promise<void>;
  /**
   * When a timer of that name runs down that was set in answer to the trigger, RFC 3339 UTC; undefined where the trigger sets none of that
   * name.
   */
  dueAt(trigger: T, timer: string, look: Look): Promise<string | undefined>;
  /** What must still be waited for after this trigger, as things stand now, unless its time has passed. */
  awaited(trigger: T, look: Look): Promise<readonly Awaited[]>;
}

export interface Look extends HistoryReader {
  /** RFC 3339 UTC. */
  now(): string;
}

export interface Awaited {
  readonly timer: string;
  /** The name by which another trigger may have set it instead. */
  readonly otherwise?: string;
  /** RFC 3339 UTC. */
  readonly dueAt: string;
}

interface Waiting<T extends Recorded<DomainEvent>> {
  react(trigger: T, step: ProcessStep): Promise<void>;
  readonly timers: Timers<T>;
}

/** Of a process that does nothing but wait for one time after each trigger, which follows from the trigger alone. */
export const waitsUntil = <T extends Recorded<DomainEvent>>(
  name: string,
  dueAt: (trigger: T) => string,
  elapsed: Timers<T>['elapsed'],
): Waiting<T> => ({
  react: (trigger, step) => step.at(name, dueAt(trigger)),
  timers: {
    elapsed,
    dueAt: async (trigger, timer) => (timer === name ? dueAt(trigger) : undefined),
    awaited: async trigger => [{ timer: name, dueAt: dueAt(trigger) }],
  },
});

export const urgencyOf = ({ urgency }: Process, category: string): Urgency => urgency?.(category) ?? URGENCY.mayWait;

/** All processes of this build; features add theirs while the application is put together. */
@Injectable()
export class Processes {
  private readonly byName = new Map<string, Process>();

  /** @throws Error for a name that is taken */
  add(process: Process): void {
    if (this.byName.has(process.name)) throw new Error(`two processes are named ${process.name}`);
    this.byName.set(process.name, process);
  }

  all(): readonly Process[] {
    return [...this.byName.values()];
  }

  get(name: string): Process | undefined {
    return this.byName.get(name);
  }
}
