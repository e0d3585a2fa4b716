import type { Type } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';
import type { Actor, Position } from './event-store.js';
import type { Violation } from './domain-error.js';

/** Who asks, under which name, and when. Set by the service after validation: no sender can choose it. */
export interface CommandContext {
  readonly actor: Actor;
  /** The Idempotency-Key, or a fresh UUID; for a process UUIDv5 of (trigger event, process, step, target stream). */
  readonly commandId: string;
  readonly correlationId: string;
  /** The event that made a process act, or the command's own id. */
  readonly causationId: string;
  /** The revision that `If-Match` names. */
  readonly ifMatch?: number;
  /** What has to be waited for before it is decided; a repeat of what was stored is answered without. Whatever it throws is the answer. */
  readonly waitFor?: () => Promise<void>;
  /** Asked right before anything is sent to the store. @throws Error where who sent it may not write any more */
  readonly assertMayWrite?: () => void;
  /** The instant of the decision, RFC 3339 UTC, from the injected clock. */
  readonly now: string;
}

/** A request to change one stream. The class is the HTTP body too. */
export abstract class Act extends Command<Receipt> {
  /** The id of the stream, without its category. */
  declare readonly streamId: string;
  declare readonly context: CommandContext;
  /** When a report happened in the world; only commands that are reports carry the field. */
  declare readonly occurredAt?: string;
}

/** The class of a command. `type` is the command's name as it is stored in hashes and asked by a route: never to be changed. */
export type CommandClass<C extends Act = Act> = Type<C> & { readonly type: string };

export const classOf = (act: Act): CommandClass => act.constructor as CommandClass;

/** What a command did, read from the events that it stored. */
export interface Receipt {
  readonly streamId: string;
  /** The stream's revision after the command. */
  readonly revision: number;
  readonly events: readonly { readonly id: string; readonly type: string; readonly revision: number }[];
  /** The position of the last event; absent where nothing was stored. */
  readonly position?: Position;
  /** Of the command that stored the events: a repeat gets the first one's. */
  readonly correlationId: string;
  /** What else the answer shows, taken from the events (`possibleDuplicates`). */
  readonly shown: Readonly<Record<string, unknown>>;
  /** Set where what was stored is a refused attempt (`DepartureBlocked`, `WithdrawalRefused`). */
  readonly refused?: readonly Violation[];
}
