import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import type { Actor } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { AnyText, Nullable, Rows } from '../fields/fields.js';
import { permissionsOf, type Permissions } from '../http/permissions.js';
import { TimelineRow, timelineRow } from '../http/timeline-row.js';
import type { PartnerCountry } from './agreement.events.js';
import { inWords } from './agreement.in-words.js';
import { agreementStream } from './agreement.state.js';
import { agreementUseCases } from './agreement.use-cases.js';

export class AgreementTimeline {
  @Rows(() => TimelineRow) readonly rows!: readonly TimelineRow[];
  @AnyText({ description: 'Always null: there is one page.' }) @Nullable() readonly nextCursor!: string | null;
}

/** What this person may do with the agreement. */
export class AllowedOnAgreement extends Query<Permissions> {
  constructor(
    readonly country: PartnerCountry,
    readonly reader: Actor,
  ) {
    super();
  }
}

@QueryHandler(AllowedOnAgreement)
export class AllowedOnAgreementHandler implements IQueryHandler<AllowedOnAgreement> {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws StoreUnavailable */
  execute({ country: id, reader }: AllowedOnAgreement): Promise<Permissions> {
    return permissionsOf(agreementUseCases.decider, this.ledger, { id, reader, now: this.clock.now() });
  }
}

/** What happened to an agreement, from the store itself, newest last. */
export class ReadAgreementTimeline extends Query<AgreementTimeline> {
  constructor(readonly country: PartnerCountry) {
    super();
  }
}

@QueryHandler(ReadAgreementTimeline)
export class ReadAgreementTimelineHandler implements IQueryHandler<ReadAgreementTimeline> {
  constructor(private readonly ledger: Ledger) {}

  /** @throws StoreUnavailable */
  async execute({ country }: ReadAgreementTimeline): Promise<AgreementTimeline> {
    const history = await this.ledger.history(agreementStream, country);
    return { rows: history.map(event => timelineRow(event, inWords(event))), nextCursor: null };
  }
}
