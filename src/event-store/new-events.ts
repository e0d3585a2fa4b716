import type { DataKey } from '../personal-data/data-keys.js';
import { seal } from '../personal-data/sealing.js';
import { currentTraceparent } from '../tracing.js';
import type { Act } from './act.js';
import { eventId } from './command-identity.js';
import type { NewEvent } from './event-store.js';
import type { FoldedStream } from './folded-streams.js';
import { newestVersion, type DomainEvent, type StreamKind } from './stream-kind.js';

interface Circumstances<S, E extends DomainEvent> {
  readonly kind: StreamKind<S, E>;
  /** Of the command. */
  readonly hash: string;
  /** Of the stream; needed where an event has something personal. */
  readonly sealing?: DataKey;
  /** The other streams that the decision looked at, each with the revision that it saw. */
  readonly basedOn: Readonly<Record<string, number>>;
}

/** What the store is asked to keep of a decision: with ids that a repeat has too, sealed, and with who, when and why. */
export function newEvents<S, E extends DomainEvent>(
  { stream }: FoldedStream<S>,
  act: Act,
  decided: readonly E[],
  { kind, hash, sealing, basedOn }: Circumstances<S, E>,
): NewEvent[] {
  const { context } = act;
  const traceparent = currentTraceparent();
  return decided.map((event, index): NewEvent => {
    const id = eventId({ stream, commandId: context.commandId, commandHash: hash, index });
    return {
      id,
      type: event.type,
      schemaVersion: newestVersion(kind, event.type) ?? 1,
      data: event.data as Record<string, unknown>,
      ...(event.personal &&
        sealing && {
          personal: seal(sealing.key, { stream, eventId: id, type: event.type, keyId: sealing.keyId }, event.personal),
        }),
      metadata: {
        actor: context.actor,
        commandId: context.commandId,
        commandHash: hash,
        correlationId: context.correlationId,
        causationId: context.causationId,
        occurredAt: event.occurredAt ?? act.occurredAt ?? context.now,
        recordedAt: context.now,
        ...(event.ruleSet && { ruleSet: event.ruleSet }),
        ...(Object.keys(basedOn).length > 0 && { basedOn }),
        ...(sealing && { keyId: sealing.keyId }),
        ...(traceparent !== undefined && { traceparent }),
      },
    };
  });
}
