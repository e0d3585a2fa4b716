import { categoryOf, type Actor, type EventMetadata, type EventStore, type StoredEvent } from '../event-store/event-store.js';
import {
  dictionary,
  instant,
  list,
  misfitsOf,
  nullable,
  optional,
  record,
  text,
  uuid,
  wholeNumber,
  type Fields,
} from '../event-store/shape.js';
import { assertKnown, shapesOf, UnknownEvent } from '../event-store/stream-kind.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import { isPassing } from '../projecting/stopping.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';
import { Findings } from './findings.js';

/** Streams of which the last revision is remembered; of any other the store is asked for the event before. */
const REMEMBERED = 200_000;

const metadata: Fields<EventMetadata> = {
  actor: record<Actor>({ id: text, roles: list(text), office: nullable(text) }),
  commandId: uuid,
  commandHash: text,
  correlationId: text,
  causationId: text,
  occurredAt: instant,
  recordedAt: instant,
  ruleSet: optional(record<NonNullable<EventMetadata['ruleSet']>>({ country: text, version: wholeNumber })),
  basedOn: optional(dictionary(wholeNumber)),
  keyId: optional(uuid),
  traceparent: optional(text),
};

interface Tools {
  readonly store: EventStore;
  readonly kinds: StreamKinds;
  readonly personalData: PersonalData;
}

/** Looks at every event in the order of the store, in bounded memory. */
export class EventExaminer {
  events = 0;
  readonly findings = new Findings();
  /** By stream, the one least lately seen first. */
  private readonly last = new Map<string, number>();

  constructor(
    private readonly tools: Tools,
    private readonly remembered = REMEMBERED,
  ) {}

  /**
   * Revisions follow each other, types and versions are known, data is what its type says, what is sealed opens.
   * @throws StoreUnavailable, DatabaseUnavailable
   */
  async see(batch: readonly StoredEvent[]): Promise<void> {
    const { personalData } = this.tools;
    this.events += batch.length;
    const sealed = await personalData.openAll(batch).then(
      () => false,
      (error: unknown) => {
        if (isPassing(error)) throw error;
        return true;
      },
    );
    for (const event of batch) {
      await this.follows(event);
      await this.findings.of(event, () => this.fits(event));
      if (sealed) await this.findings.of(event, () => personalData.openAll([event]));
    }
  }

  private async follows(event: StoredEvent): Promise<void> {
    const { stream, revision } = event;
    const last = this.last.get(stream) ?? (await this.before(event));
    if (revision > last + 1) this.findings.add(event, `follows revision ${last}: what stood between is gone`);
    if (revision <= last) this.findings.add(event, `comes after revision ${last}`);
    this.remember(stream, Math.max(revision, last));
  }

  private remember(stream: string, revision: number): void {
    this.last.delete(stream);
    this.last.set(stream, revision);
    if (this.last.size <= this.remembered) return;
    const [oldest = stream] = this.last.keys();
    this.last.delete(oldest);
  }

  /** The revision that stands before the event in its stream, by what the store says now; -1 where there is none. */
  private async before({ stream, revision }: StoredEvent): Promise<number> {
    if (revision === 0) return -1;
    for await (const batch of this.tools.store.readStream(stream, { to: revision - 1, direction: 'backwards' }))
      return batch[0]?.revision ?? -1;
    return -1;
  }

  private fits(event: StoredEvent): void {
    const { stream, type, schemaVersion } = event;
    const kind = this.tools.kinds.of(categoryOf(stream));
    if (!kind) throw new UnknownEvent(event);
    assertKnown(kind, event);
    const data = shapesOf(kind, type)?.[schemaVersion - 1] ?? {};
    const misfits = [...misfitsOf(data, event.data, 'data'), ...misfitsOf(metadata, event.metadata, 'metadata')];
    for (const misfit of misfits) this.findings.add(event, `${type} version ${schemaVersion}: ${misfit}`);
  }
}
