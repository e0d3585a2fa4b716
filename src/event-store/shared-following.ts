import { START, weightOf, type EventStore, type Position, type SubscriptionMessage } from './event-store.js';
import { ForwardingEventStore } from './forwarding-event-store.js';

/** How much may wait for one of those who share, as the weight of events; whoever lets more come together follows alone. */
const WAITING = 4_000;
/** How much is kept for those who come to the end a little later. */
const KEPT = 2_000;

/**
 * For a store whose subscriptions are dear: those of this process that have come to its end share one. Whoever falls behind follows
 * alone until it has come to the end again.
 */
export class SharedFollowing extends ForwardingEventStore {
  #shared: Shared | undefined;

  override async *subscribeToAll({
    after = START,
    signal,
  }: Parameters<EventStore['subscribeToAll']>[0]): AsyncIterable<SubscriptionMessage> {
    for (let position = after; ;) {
      let caughtUp = false;
      let member: Member | undefined;
      for await (const message of this.store.subscribeToAll({ after: position, signal })) {
        if (message.kind === 'caught-up') caughtUp = true;
        else position = message.position;
        yield message;
        if (caughtUp && !signal.aborted) member = this.#join(position);
        if (member) break;
      }
      if (!member) return;
      for await (const message of member.messages(signal)) {
        if (message.kind !== 'caught-up') position = message.position;
        yield message;
      }
      if (signal.aborted) return;
    }
  }

  /** Undefined where what comes after the position is not kept any more. */
  #join(position: Position): Member | undefined {
    if (this.#shared?.ended !== false) this.#shared = new Shared(this.store, position);
    return this.#shared.join(position);
  }
}

type Events = Extract<SubscriptionMessage, { kind: 'events' }>;

/** One subscription, and what it brought last. */
class Shared {
  readonly #members = new Set<Member>();
  readonly #stopping = new AbortController();
  readonly #kept: Events[] = [];
  #weight = 0;
  /** All of ours after it is kept. */
  #from: Position;
  #ended = false;

  constructor(store: EventStore, after: Position) {
    this.#from = after;
    void this.#run(store.subscribeToAll({ after, signal: this.#stopping.signal }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  join(position: Position): Member | undefined {
    if (position < this.#from) return undefined;
    const member = new Member(position, () => this.#leave(member));
    this.#members.add(member);
    for (const message of this.#kept) member.take(message);
    return member;
  }

  async #run(messages: AsyncIterable<SubscriptionMessage>): Promise<void> {
    try {
      for await (const message of messages) {
        if (message.kind === 'events') this.#keep(message);
        for (const member of this.#members) member.take(message);
      }
    } catch {
      // What is wrong each finds out for itself, following alone.
    }
    this.#end();
  }

  #keep(message: Events): void {
    this.#kept.push(message);
    this.#weight += weightOfAll(message);
    for (let oldest = this.#kept[0]; oldest && this.#weight > KEPT; oldest = this.#kept[0]) {
      this.#kept.shift();
      this.#weight -= weightOfAll(oldest);
      this.#from = oldest.position;
    }
  }

  #leave(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#stopping.abort();
    for (const member of this.#members) member.end();
  }
}

/** One of those who share; it has come to a place of its own. */
class Member {
  readonly #waiting: SubscriptionMessage[] = [];
  #weight = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(
    private position: Position,
    private readonly leave: () => void,
  ) {}

  take(message: SubscriptionMessage): void {
    const news = this.#after(message);
    if (!news || this.#ended) return;
    this.#waiting.push(news);
    this.#weight += weightOfAll(news);
    if (this.#weight > WAITING) this.#part();
    this.#wake();
  }

  /** What waits is still to be read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *messages(signal: AbortSignal): AsyncGenerator<SubscriptionMessage> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift();
        if (next) {
          this.#weight -= weightOfAll(next);
          yield next;
        } else if (this.#ended) return;
        else
          await new Promise<void>(resolve => {
            this.#wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#part();
    }
  }

  #part(): void {
    this.#ended = true;
    this.leave();
  }

  /** What of the message lies after the place that it has come to; undefined where nothing does. */
  #after(message: SubscriptionMessage): SubscriptionMessage | undefined {
    if (message.kind === 'caught-up') return message;
    if (message.position <= this.position) return undefined;
    const { position } = this;
    this.position = message.position;
    if (message.kind === 'passed' || (message.events[0]?.position ?? START) > position) return message;
    return { ...message, events: message.events.filter(event => event.position > position) };
  }
}

const weightOfAll = (message: SubscriptionMessage): number =>
  message.kind === 'events' ? message.events.reduce((sum, event) => sum + weightOf(event), 0) : 0;
