import { isReadyFor } from '../../cases/case.facts.js';
import { STATUSES, type Status } from '../../cases/case.status.js';
import { Bool, Nullable, OneOf, Uuid } from '../../fields/fields.js';
import { isAfter } from '../../fields/time.js';
import type { Manifest } from '../../manifests/manifest.state.js';

/** A person on a flight: ready to be put on it, and cleared to board it now. */
export class Passenger {
  @Uuid() readonly caseId!: string;
  @OneOf(STATUSES, { description: 'Null while the case is held back by a fault.' }) @Nullable() readonly status!: Status | null;
  @Bool() readonly ready!: boolean;
  @Bool({
    description:
      'By what is recorded in the file: a suspension counts once its hold is placed, a moment later. The checks of the flight ask at once.',
  })
  readonly cleared!: boolean;
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
  const known = { status: row.status, transfer: { country: row.country, manifestId: row.manifest_id }, holds: { length: row.holds } };
  return {
    caseId,
    status: row.status,
    ready: isReadyFor(known, { country, manifestId }),
    cleared: row.manifest_id === manifestId && row.cleared_until !== null && !isAfter(now, row.cleared_until),
  };
}
