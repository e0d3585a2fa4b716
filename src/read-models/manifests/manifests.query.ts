import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { Clock } from '../../database/clock.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Position } from '../../event-store/event-store.js';
import {
  ANY_NUMBER,
  AnyText,
  Instant,
  Nullable,
  OneOf,
  Optional,
  PartnerCountry,
  Rows,
  Uuid,
  UuidList,
  Week,
  WholeNumber,
} from '../../fields/fields.js';
import type { Manifest, ManifestStatus } from '../../manifests/manifest.state.js';
import { wrongCursor } from '../../http/cursor.js';
import { ReadModels } from '../../projecting/read-models.js';
import { MANIFESTS } from './manifests.projection.js';
import { Passenger, passengerOn, type PassengerRow } from './passenger.js';

export const MANIFEST_STATUSES = [
  'drafted',
  'approved',
  'boarding',
  'departed',
  'arrived',
  'cancelled',
] as const satisfies readonly ManifestStatus[];

export class ShownManifest {
  @Uuid() readonly manifestId!: string;
  @WholeNumber() readonly revision!: number;
  @OneOf(MANIFEST_STATUSES) readonly status!: ManifestStatus;
  @PartnerCountry() readonly country!: Manifest['country'];
  @AnyText() readonly flight!: string;
  @Instant() readonly departsAt!: string;
  @Week() readonly week!: string;
  @AnyText() readonly draftedBy!: string;
  @AnyText() @Nullable() readonly approvedBy!: string | null;
  @Rows(() => Passenger) readonly passengers!: readonly Passenger[];
  @UuidList(ANY_NUMBER) readonly boarded!: readonly string[];
  @Instant() @Nullable() readonly departedAt!: string | null;
  @UuidList(ANY_NUMBER) readonly arrived!: readonly string[];
}

export class ManifestPage {
  @Rows(() => ShownManifest) readonly rows!: readonly ShownManifest[];
  @Uuid() @Nullable() readonly nextCursor!: string | null;
  @WholeNumber({ min: 1, description: 'Manifests and cases that are held back until a repair.' }) @Optional() readonly parked?: number;
}

export interface ManifestFilters {
  readonly country?: string;
  readonly status?: string;
  readonly limit: number;
  /** The last manifest of the page before. */
  readonly cursor?: string;
}

/** The latest departures first. */
export class ListManifests extends Query<ManifestPage> {
  constructor(
    readonly filters: ManifestFilters,
    readonly token?: Position,
  ) {
    super();
  }
}

export class ReadManifest extends Query<ShownManifest> {
  constructor(
    readonly manifestId: string,
    readonly token?: Position,
  ) {
    super();
  }
}

interface Row {
  readonly manifest_id: string;
  readonly state: Manifest;
  readonly passengers: readonly PassengerRow[] | null;
}

const WITH_PASSENGERS = `
  SELECT flight.manifest_id, flight.state, (
    SELECT json_agg(passenger) FROM {manifests}.passengers passenger
    WHERE passenger.case_id IN (SELECT json_array_elements_text(flight.state -> 'passengers')::uuid)
  ) AS passengers
  FROM {manifests}.manifests flight`;

// Departures never change and no manifest ever goes: the last one seen tells where the next page begins.
const PAGE = `${WITH_PASSENGERS}
  WHERE ($1::text IS NULL OR flight.country = $1) AND ($2::text IS NULL OR flight.status = $2)
    AND ($3::uuid IS NULL OR (flight.departs_at, flight.manifest_id) < (SELECT departs_at, manifest_id FROM {manifests}.manifests
    WHERE manifest_id = $3))
  ORDER BY flight.departs_at DESC, flight.manifest_id DESC LIMIT $4`;
const ONE = `${WITH_PASSENGERS} WHERE flight.manifest_id = $1`;

@QueryHandler(ListManifests)
export class ListManifestsHandler implements IQueryHandler<ListManifests> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly clock: Clock,
  ) {}

  /** @throws ValidationFailed for a wrong cursor; ReadModelBehind, DatabaseUnavailable */
  async execute({ filters: { country, status, limit, cursor }, token }: ListManifests): Promise<ManifestPage> {
    const rows = await this.readModels.query<Row>(MANIFESTS, PAGE, [country ?? null, status ?? null, cursor ?? null, limit + 1], { token });
    // After a manifest that is none, nothing would follow, and the list would seem to end.
    if (cursor !== undefined && rows.length === 0 && !(await this.isManifest(cursor))) throw wrongCursor('/cursor');
    const parked = await this.readModels.parked(MANIFESTS);
    const page = rows.slice(0, limit);
    const nextCursor = rows.length > limit ? (page.at(-1)?.manifest_id ?? null) : null;
    return { rows: page.map(row => shown(row, this.clock.now())), nextCursor, ...(parked > 0 && { parked }) };
  }

  private async isManifest(id: string): Promise<boolean> {
    return (await this.readModels.query(MANIFESTS, 'SELECT FROM {manifests}.manifests WHERE manifest_id = $1', [id])).length > 0;
  }
}

@QueryHandler(ReadManifest)
export class ReadManifestHandler implements IQueryHandler<ReadManifest> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not-found`; ReadModelBehind also where a passenger's case is held back; DatabaseUnavailable */
  async execute({ manifestId, token }: ReadManifest): Promise<ShownManifest> {
    const [row] = await this.readModels.query<Row>(MANIFESTS, ONE, [manifestId], { token });
    if ((await this.readModels.parked(MANIFESTS)) > 0) {
      const streams = [`manifest-${manifestId}`, ...(row?.state.passengers.map(caseId => `case-${caseId}`) ?? [])];
      for (const stream of streams) await this.readModels.assertNotParked(MANIFESTS, stream);
    }
    if (!row) throw new DomainError('not-found', 'There is no such manifest.');
    return shown(row, this.clock.now());
  }
}

function shown({ manifest_id: manifestId, state, passengers }: Row, now: string): ShownManifest {
  const { revision, status, country, flight, departsAt, week, draftedBy, approvedBy, boarded, departedAt, arrived } = state;
  const known = new Map(passengers?.map(row => [row.case_id, row]));
  return {
    manifestId,
    revision,
    status,
    country,
    flight,
    departsAt,
    week,
    draftedBy,
    approvedBy,
    passengers: state.passengers.map(caseId => passengerOn(manifestId, state, caseId, known.get(caseId), now)),
    boarded,
    departedAt,
    arrived,
  };
}
