import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { PARTNER_COUNTRIES, type PartnerCountry } from '../../agreements/agreement.events.js';
import { agreementAt, agreementStream, standingsOf, type Agreement, type Standing } from '../../agreements/agreement.state.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Position } from '../../event-store/event-store.js';
import {
  ANY_NUMBER,
  AnyText,
  CodeList,
  CountryList,
  Day,
  DayOrInstant,
  DurationList,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Rows,
  Uuid,
  WholeNumber,
} from '../../fields/fields.js';
import { dayOf, isAfter } from '../../fields/time.js';
import { ReadModels } from '../../projecting/read-models.js';
import { AGREEMENTS } from './agreements.projection.js';

const STANDINGS = [
  'unsigned',
  'signed',
  'in-force',
  'transfers-suspended',
  'suspended',
  'terminated',
] as const satisfies readonly Standing[];

export class ShownRuleSet {
  @WholeNumber({ min: 1, description: 'A published set is never changed, only followed by another.' }) readonly version!: number;
  @WholeNumber() readonly replyDays!: number;
  @WholeNumber() readonly acceptanceValidDays!: number;
  @WholeNumber() readonly clearanceValidHours!: number;
  @DurationList({ ...ANY_NUMBER, description: 'After the arrival.' }) readonly followUp!: readonly string[];
  @CountryList(ANY_NUMBER) @Optional() readonly acceptedNationalities?: readonly string[];
  @CodeList(ANY_NUMBER) @Optional() readonly additionalExceptionGrounds?: readonly string[];
}

export class ShownSuspension {
  @Uuid() readonly suspensionId!: string;
  @DayOrInstant() readonly from!: string;
  @OneOf(['all', 'transfers']) readonly scope!: 'all' | 'transfers';
}

export class StandingSince {
  @DayOrInstant() readonly at!: string;
  @OneOf(STANDINGS) readonly standing!: Standing;
}

/** An agreement at an instant: by the days on which things take effect, as far as is known now. */
export class ShownAgreement {
  @OneOf(PARTNER_COUNTRIES) readonly country!: PartnerCountry;
  @OneOf(STANDINGS) readonly standing!: Standing;
  @Nested(() => ShownRuleSet, { description: 'The newest that had been published by then, under the signature of then.' })
  @Nullable()
  readonly ruleSet!: ShownRuleSet | null;
  @Day() @Nullable() readonly signedOn!: string | null;
  @DayOrInstant() @Nullable() readonly inForceFrom!: string | null;
  @Nested(() => ShownSuspension) @Nullable() readonly suspension!: ShownSuspension | null;
  @DayOrInstant() @Nullable() readonly terminatedFrom!: string | null;
  @Day() @Nullable() readonly implementationPlanAgreedOn!: string | null;
  @Rows(() => StandingSince, { description: 'What will change after that instant, as far as is known now.' })
  readonly upcoming!: readonly StandingSince[];
  @Rows(() => StandingSince, { description: 'Each standing that it ever had until that instant, the first one first.' })
  readonly standings!: readonly StandingSince[];
  @WholeNumber({ min: -1, description: "Of the stream's newest event; -1 where there is none." }) readonly revision!: number;
}

export class Agreements {
  @Rows(() => ShownAgreement) readonly rows!: readonly ShownAgreement[];
  @AnyText({ description: 'Always null: there is one page.' }) @Nullable() readonly nextCursor!: string | null;
  @WholeNumber({ min: 1, description: 'Agreements that are held back until a repair.' }) @Optional() readonly parked?: number;
}

/** `at` is an instant, or a day from its first moment in UTC. */
export class ListAgreements extends Query<Agreements> {
  constructor(
    readonly at: string,
    readonly token?: Position,
  ) {
    super();
  }
}

export class ReadAgreement extends Query<ShownAgreement> {
  constructor(
    readonly country: string,
    readonly at: string,
    readonly token?: Position,
  ) {
    super();
  }
}

interface Row {
  readonly country: PartnerCountry;
  readonly revision: number;
  readonly recordedAt: Date;
  readonly state: Agreement;
}

const SQL =
  'SELECT country, revision, recorded_at AS "recordedAt", state FROM {agreements}.agreements WHERE country = ANY($1) ORDER BY ' +
  'country, revision';

@QueryHandler(ListAgreements)
export class ListAgreementsHandler implements IQueryHandler<ListAgreements> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ at, token }: ListAgreements): Promise<Agreements> {
    const rows = await this.readModels.query<Row>(AGREEMENTS, SQL, [PARTNER_COUNTRIES], { token });
    const parked = await this.readModels.parked(AGREEMENTS);
    const shown = PARTNER_COUNTRIES.map(country =>
      shownAt(
        country,
        rows.filter(row => row.country === country),
        at,
      ),
    );
    return { rows: shown, nextCursor: null, ...(parked > 0 && { parked }) };
  }
}

@QueryHandler(ReadAgreement)
export class ReadAgreementHandler implements IQueryHandler<ReadAgreement> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `not-found` for a country without an agreement; ReadModelBehind, DatabaseUnavailable */
  async execute({ country, at, token }: ReadAgreement): Promise<ShownAgreement> {
    if (!isPartner(country)) throw new DomainError('not-found', 'There is no agreement with this country.');
    const rows = await this.readModels.query<Row>(AGREEMENTS, SQL, [[country]], { token });
    await this.readModels.assertNotParked(AGREEMENTS, `agreement-${country}`);
    return shownAt(country, rows, at);
  }
}

const isPartner = (country: string): country is PartnerCountry => (PARTNER_COUNTRIES as readonly string[]).includes(country);

/** @param history the agreement after each of its events, oldest first */
function shownAt(country: PartnerCountry, history: readonly Row[], at: string): ShownAgreement {
  const newest = history.at(-1);
  const agreement = newest?.state ?? agreementStream.initial;
  const then = agreementAt(agreement, at);
  const { standing, signedOn, ...others } = then;
  // A new signature begins anew: what was published and agreed under another one does not count.
  const underIt = history.filter(({ state }) => signedOn !== null && agreementAt(state, at).signedOn === signedOn);
  const published = underIt.findLast(({ state, recordedAt }) => state.ruleSet !== null && !isAfter(recordedAt.toISOString(), at));
  const planned = underIt.findLast(({ state: { planAgreedOn } }) => planAgreedOn !== null && !isAfter(planAgreedOn, at));
  return {
    country,
    standing,
    ruleSet: published?.state.ruleSet ?? null,
    signedOn: signedOn && dayOf(signedOn),
    ...others,
    implementationPlanAgreedOn: planned?.state.planAgreedOn ?? null,
    upcoming: standingsOf(agreement).filter(since => isAfter(since.at, at)),
    standings: standingsOf(agreement).filter(since => !isAfter(since.at, at)),
    revision: newest?.revision ?? -1,
  };
}
