import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import { asOf } from '../event-store/as-of.js';
import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { AnyText, Bool, Code, Instant, Nested, Nullable, OneOf, OneOfList, Rows, Uuid, WholeNumber } from '../fields/fields.js';
import { officeReadBy } from '../http/offices.js';
import { flightHistory, manifestFacts, type Manifest, type Removal } from '../manifests/manifest.facts.js';
import { gate } from './case.asks.js';
import { HOLD_KINDS, type HoldKind } from './case.events.js';
import { isClearedAt, isReadyFor } from './case.facts.js';
import { gateChecks, type GateCheck } from './case.rule-book.js';
import type { AsylumCase } from './case.state.js';
import { STATUSES, type Status } from './case.status.js';
import { caseStream } from './case.stream.js';
import { failedChecks } from './gate.rules.js';
import { ShownName } from './shown-case.file.js';
import { ShownBlock } from './shown-procedure.file.js';

export class ShownRemoval {
  @Instant() readonly at!: string;
  @Code() readonly reasonCode!: string;
}

export class PassengerChecks {
  @Uuid() readonly caseId!: string;
  @Nested(() => ShownName, {
    description: 'Null where the person was erased, or the case is of an office whose cases are not for the reader.',
  })
  @Nullable()
  readonly applicant!: ShownName | null;
  @AnyText() readonly office!: string;
  @OneOf(STATUSES) readonly status!: Status;
  @Nested(() => ShownRemoval, { description: 'Of whoever was taken off the flight.' }) @Nullable() readonly removed!: ShownRemoval | null;
  @Bool({ description: 'May be approved on this flight.' }) readonly ready!: boolean;
  @OneOfList(gateChecks, { min: 0, max: 100, description: 'Every check of the gate that fails; all others hold.' })
  readonly failedChecks!: readonly GateCheck[];
  @OneOfList(HOLD_KINDS, { min: 0, max: 100, description: 'Of the holds that stand, each kind once.' })
  readonly holds!: readonly HoldKind[];
  @Instant({ description: 'Of a clearance for this flight that stands.' }) @Nullable() readonly clearedUntil!: string | null;
  @Nested(() => ShownBlock, { description: 'The last attempt to move the person that was blocked.' })
  @Nullable()
  readonly lastBlocked!: ShownBlock | null;
}

/** What stands in the way of each passenger. */
export class FlightChecks {
  @Uuid() readonly manifestId!: string;
  @WholeNumber({ description: 'Of the manifest as it is now.' }) readonly revision!: number;
  @Instant({ description: 'What the checks are of: now or, once the flight has departed or was cancelled, the moment before.' })
  readonly at!: string;
  @Bool({ description: 'It has departed or was cancelled.' }) readonly ended!: boolean;
  @Rows(() => PassengerChecks, { description: 'Whoever is on the flight, then whoever was taken off it.' })
  readonly passengers!: readonly PassengerChecks[];
}

/** Every check of the gate for each passenger, asked of the store itself: the answer is never behind. */
export class ReadFlightChecks extends Query<FlightChecks> {
  constructor(
    readonly manifestId: string,
    readonly reader: Actor,
  ) {
    super();
  }
}

interface Asked {
  readonly caseId: string;
  readonly manifestId: string;
  readonly manifest: Manifest;
  readonly removed: Removal | null;
  readonly reader: Actor;
  readonly at: string;
}

@QueryHandler(ReadFlightChecks)
export class ReadFlightChecksHandler implements IQueryHandler<ReadFlightChecks> {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not-found`; StoreUnavailable */
  async execute({ manifestId, reader }: ReadFlightChecks): Promise<FlightChecks> {
    const now = this.ledger.facts();
    const { removed, ended } = await flightHistory(now, manifestId);
    const at = ended?.at ?? this.clock.now();
    const past = ended ? asOf(now, ended.position) : now;
    const [manifest, newest] = [await manifestFacts(past, manifestId), await manifestFacts(now, manifestId)];
    if (!manifest || !newest) throw new DomainError('not-found', 'There is no such manifest.');
    const passengers: PassengerChecks[] = [];
    // One after the other: what they share is read once, and a full flight leaves room for others.
    for (const caseId of [...manifest.passengers, ...removed.keys()])
      passengers.push(
        await this.checksOf({ caseId, manifestId, manifest, removed: removed.get(caseId) ?? null, reader, at }, { now, past }),
      );
    return { manifestId, revision: newest.revision, at, ended: ended !== null, passengers };
  }

  private async checksOf(
    { caseId, manifestId, manifest: { country }, removed, reader, at }: Asked,
    { now, past }: { readonly now: FactReader; readonly past: FactReader },
  ): Promise<PassengerChecks> {
    const { applicant } = (await now.read(caseStream, caseId)).state;
    // What is personal is left out of what was: numbers that other files bear too are those of now.
    const asylumCase: AsylumCase = { ...(await past.read(caseStream, caseId)).state, applicant };
    const moment = { now: at, occurredAt: at, actor: reader, streamLength: 0, newId: (name: string) => name };
    const facts = await gate(past, asylumCase, { streamId: caseId }, moment);
    const { office, status, holds, transfer } = asylumCase;
    const ownOffice = officeReadBy(reader);
    const { agreement } = facts;
    const isCleared = transfer?.manifestId === manifestId && agreement !== null && isClearedAt(asylumCase, at, { ...agreement, now: at });
    return {
      caseId,
      applicant: applicant && (ownOffice === null || ownOffice === office) ? nameOf(applicant) : null,
      office,
      status,
      removed,
      ready: isReadyFor(asylumCase, { country, manifestId }),
      failedChecks: failedChecks(asylumCase, { ...facts, ...moment }, manifestId),
      holds: HOLD_KINDS.filter(kind => holds.some(hold => hold.kind === kind)),
      clearedUntil: isCleared ? transfer.clearedUntil : null,
      lastBlocked: transfer?.lastBlocked ?? null,
    };
  }
}

const nameOf = ({ givenNames, familyName }: ShownName): ShownName => ({
  ...(givenNames !== undefined && { givenNames }),
  ...(familyName !== undefined && { familyName }),
});
