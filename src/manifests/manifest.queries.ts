import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { AnyText, Nullable, Rows, Uuid } from '../fields/fields.js';
import { permissionsOf, type Permissions } from '../http/permissions.js';
import { TimelineRow, timelineRow } from '../http/timeline-row.js';
import { caseIn, inWords } from './manifest.in-words.js';
import { manifestStream } from './manifest.state.js';
import { manifestUseCases } from './manifest.use-cases.js';

export class FlightTimelineRow extends TimelineRow {
  @Uuid({ description: 'The passenger whom it is about.' }) @Nullable() readonly caseId!: string | null;
}

export class FlightTimeline {
  @Rows(() => FlightTimelineRow) readonly rows!: readonly FlightTimelineRow[];
  @AnyText({ description: 'Always null: there is one page.' }) @Nullable() readonly nextCursor!: string | null;
}

/** What this person may do with the manifest. */
export class AllowedOnManifest extends Query<Permissions> {
  constructor(
    readonly manifestId: string,
    readonly reader: Actor,
  ) {
    super();
  }
}

@QueryHandler(AllowedOnManifest)
export class AllowedOnManifestHandler implements IQueryHandler<AllowedOnManifest> {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not-found`; StoreUnavailable */
  execute({ manifestId: id, reader }: AllowedOnManifest): Promise<Permissions> {
    return permissionsOf(manifestUseCases.decider, this.ledger, { id, reader, now: this.clock.now() });
  }
}

/** What happened to a flight, from the store itself, newest last. */
export class ReadFlightTimeline extends Query<FlightTimeline> {
  constructor(readonly manifestId: string) {
    super();
  }
}

@QueryHandler(ReadFlightTimeline)
export class ReadFlightTimelineHandler implements IQueryHandler<ReadFlightTimeline> {
  constructor(private readonly ledger: Ledger) {}

  /** @throws DomainError `not-found`; StoreUnavailable */
  async execute({ manifestId }: ReadFlightTimeline): Promise<FlightTimeline> {
    const history = await this.ledger.history(manifestStream, manifestId);
    if (history.length === 0) throw new DomainError('not-found', 'There is no such manifest.');
    return { rows: history.map(event => ({ ...timelineRow(event, inWords(event)), caseId: caseIn(event) })), nextCursor: null };
  }
}
