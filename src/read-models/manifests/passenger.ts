import { isReadyFor } from '../../cases/case.facts.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { STATUSES, type Status } from '../../cases/case.status.js';
import { Bool, Nullable, OneOf, Uuid } from '../../fields/fields.js';
import { isAfter } from '../../fields/time.js';
import type { Manifest } from '../../manifests/manifest.state.js';

/** A person on a flight: ready to be put on it, and cleared to board it now. */
export class Passenger {
  @Uuid() readonly caseId!: string;
  @OneOf(STATUSES, { description: 'Null while the case is held back by a fault.' }) @Nullable() readonly status!: Status | null;
  @Bool() readonly ready!: boolean;
  @Bool() readonly cleared!: boolean;
}

/** What is kept of a case here. */
export interface PassengerRow {
  readonly case_id: string;
  readonly status: Status;
  readonly country: Manifest['country'] | null;
  readonly manifest_id: string | null;
  readonly cleared_until: string | null;
  readonly holds: number;
}

/** Judged as those do who decide now; a clearance for another flight is none for this one. */
export function passengerOn(
  manifestId: string,
  { country }: Manifest,
  caseId: string,
  row: PassengerRow | undefined,
  now: string,
): Passenger {
  if (!row) return { caseId, status: null, ready: false, cleared: false };
  const asylumCase = asFarAsKnown(row);
  return {
    caseId,
    status: row.status,
    ready: isReadyFor(asylumCase, { country, manifestId }),
    cleared: row.manifest_id === manifestId && row.cleared_until !== null && !isAfter(now, row.cleared_until),
  };
}

/** As much of the case as readiness looks at. */
function asFarAsKnown({ status, country, manifest_id: manifestId, holds }: PassengerRow): AsylumCase {
  return { status, transfer: { country, manifestId }, holds: Array.from({ length: holds }) } as unknown as AsylumCase;
}
