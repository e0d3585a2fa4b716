import type { AgreementEvent } from '../agreements/agreement.events.js';
import type { CaseEvent } from '../cases/case.events.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { FamilyEvent, MembershipEvent } from '../families/family.events.js';
import type { HoldOrderEvent } from '../hold-orders/hold-order.events.js';
import type { ManifestEvent } from '../manifests/manifest.events.js';
import type { Kept, Look, Process, ProcessStep, Timers } from '../reacting/process.js';
import type { ReassignmentEvent } from '../reassignments/reassignment.events.js';
import type { ReceptionEvent } from '../reception/reception.events.js';

type Known =
  | AgreementEvent
  | CaseEvent
  | FamilyEvent
  | HoldOrderEvent
  | ManifestEvent
  | MembershipEvent
  | ReassignmentEvent
  | ReceptionEvent;
type EventType = Known['type'];

/** A stored event of one of these types. */
export type Trigger<T extends EventType> = Recorded<Extract<Known, { type: T }>>;

type InTheOpen<E> = E extends { readonly type: unknown; readonly data: unknown } ? Pick<E, 'type' | 'data'> : never;

interface Told<T extends EventType> extends Omit<Process, 'on' | 'react' | 'timers' | 'passesOver' | 'keeps'> {
  readonly on: readonly T[];
  react(trigger: Trigger<T>, step: ProcessStep): Promise<void>;
  passesOver?(event: InTheOpen<Trigger<T>>): boolean;
  readonly timers?: Timers<Trigger<T>>;
  keeps?(trigger: Trigger<T>, look: Look): Promise<readonly Kept[]>;
}

/**
 * A process that is given the events that it names, as what they are; a name that no event has does not compile:
 *
 *     export const whenClosedTellSupervisor = process({
 *       name: 'when-closed-tell-supervisor', on: ['CaseClosed'], startsFrom: 'now',
 *       async react({ stream, data: { reasonCode } }, step) {
 *         await step.send('tell', command(AddNote, { text: `Closed: ${reasonCode}` }), idOf(stream));
 *       },
 *     });
 */
export const process = <const T extends EventType>(told: Told<T>): Process => told;

export const isOneOf = <T extends EventType, U extends T>(types: readonly U[], trigger: Trigger<T>): trigger is Trigger<T> & Trigger<U> =>
  (types as readonly string[]).includes(trigger.type);
