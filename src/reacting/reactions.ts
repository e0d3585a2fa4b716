import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import { classOf, type Act } from '../event-store/act.js';
import { SYSTEM } from '../event-store/actor.js';
import { processCommandId } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import { Erasing } from '../event-store/erasing.js';
import { categoryOf, EventStore, type StoredEvent } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { recordedEvents } from '../event-store/recorded-events.js';
import { recorded, type DomainEvent, type Recorded } from '../event-store/stream-kind.js';
import { tracedAfter } from '../tracing.js';
import { PersonalData } from '../personal-data/personal-data.js';
import type { Process, ProcessStep, StepOutcome } from './process.js';
import { stepKey, type Refusals } from './inbox-reads.js';
import { ProcessInbox, type Trigger } from './process-inbox.js';
import { StreamKinds } from '../projecting/stream-kinds.js';

/** The process was called off between two steps; it runs again elsewhere or later. */
export class Interrupted extends Error {
  constructor() {
    super('called off');
    this.name = 'Interrupted';
  }
}

/** Who has the lead, as far as it is known here. */
export interface Lead {
  /** No further step is begun. */
  readonly aborted: boolean;
  /** Another may have it by now: nothing more is written. */
  readonly lost?: boolean;
}

/** Lets a process answer one trigger. */
@Injectable()
export class Reactions {
  constructor(
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    private readonly kinds: StreamKinds,
    private readonly ledger: Ledger,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly inbox: ProcessInbox,
    private readonly erasing: Erasing,
  ) {}

  /**
   * @param stored the trigger's event, where it need not be read
   * @throws Interrupted once the lead is given up or lost; whatever the process, the store or the database throws
   */
  async react(process: Process, trigger: Trigger, lead: Lead, stored?: StoredEvent): Promise<void> {
    const event = await this.event(trigger, stored);
    await this.clock.refresh();
    const step = this.step(trigger, event, lead);
    await tracedAfter(event.metadata.traceparent, `answer ${process.name}`, async () =>
      trigger.timer === '' ? process.react(event, step) : process.timers?.elapsed(event, trigger.timer, step),
    );
  }

  private async event({ stream, revision }: Trigger, stored: StoredEvent | undefined): Promise<Recorded<DomainEvent>> {
    const { store, personalData } = this;
    const kind = this.kinds.required(categoryOf(stream));
    if (stored) return recorded(kind, stored, (await personalData.openAll([stored]))[0] ?? null);
    for await (const [found] of recordedEvents(kind, stream, { store, personalData }, { from: revision, to: revision }))
      if (found) return found.event;
    throw new Error(`${stream} has no revision ${revision}`);
  }

  private step(trigger: Trigger, event: Recorded<DomainEvent>, lead: Lead): ProcessStep {
    let refusals: Promise<Refusals> | undefined;
    return {
      read: async (kind, id) => {
        assertLeading(lead);
        const { state, revision } = await this.ledger.read(kind, id);
        return { state, revision };
      },
      history: async (kind, id) => {
        assertLeading(lead);
        return this.ledger.history(kind, id, this.personalData);
      },
      keyed: async text => {
        assertLeading(lead);
        return this.personalData.keyed(text);
      },
      now: async () => {
        await this.clock.refresh();
        return this.clock.now();
      },
      note: async (list, item) => {
        assertLeading(lead);
        await this.inbox.note(trigger, list, item);
      },
      forget: async (list, item) => {
        assertLeading(lead);
        await this.inbox.forget(trigger, list, item);
      },
      noted: async (list, after, limit) => {
        assertLeading(lead);
        return this.inbox.noted(trigger.process, list, after, limit);
      },
      destroyKeys: async (stream, to) => {
        assertLeading(lead);
        await this.erasing.destroyKeys(stream, to);
      },
      at: async (timer, dueAt) => {
        assertLeading(lead);
        await this.inbox.setTimer(trigger, timer, dueAt);
      },
      send: async (step, command, streamId) => {
        assertLeading(lead);
        // A step that was refused before an interruption stays refused: later steps have answered that refusal.
        const codes = (await (refusals ??= this.inbox.refusals(trigger))).get(stepKey(step, streamId));
        return codes ? { outcome: 'refused', codes } : this.send(trigger, event, step, command, streamId, lead);
      },
    };
  }

  private async send(
    trigger: Trigger,
    event: Recorded<DomainEvent>,
    step: string,
    command: Act,
    streamId: string,
    lead: Lead,
  ): Promise<StepOutcome> {
    const assertMayWrite = (): void => {
      if (lead.lost) throw new Interrupted();
    };
    const now = this.clock.now();
    const { correlationId } = event.metadata;
    Object.assign(command, {
      streamId,
      context: {
        actor: SYSTEM,
        commandId: processCommandId(event.id, trigger.process, step, streamId),
        correlationId,
        causationId: event.id,
        now,
        assertMayWrite,
      },
    });
    try {
      return { outcome: 'done', receipt: await this.commands.execute(command) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Stored by an earlier run, from what it read then.
      if (error.code === 'idempotency-key-reused')
        return { outcome: 'done', receipt: { streamId, revision: -1, events: [], correlationId, shown: {} } };
      assertMayWrite();
      const codes = error.violations.map(({ code }) => code);
      const { process, triggerId } = trigger;
      await this.inbox.refused({ process, triggerId, step, targetStream: streamId, command: classOf(command).type, codes, refusedAt: now });
      return { outcome: 'refused', codes };
    }
  }
}

function assertLeading({ aborted, lost }: Lead): void {
  if (aborted || lost) throw new Interrupted();
}
