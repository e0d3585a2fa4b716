import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { caseStream } from '../../cases/case.stream.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { ManifestEvent } from '../../manifests/manifest.events.js';
import { manifestStream, type Manifest } from '../../manifests/manifest.state.js';
import { changesOf, type Change, type Projection } from '../../projecting/projection.js';

export const MANIFESTS = 'manifests';

type ManifestChange = Change<Manifest, ManifestEvent>;
type CaseChange = Change<AsylumCase, CaseEvent>;

/** Every flight, and beside it what readiness and clearance of its passengers depend on. */
export const manifestsProjection: Projection = {
  name: MANIFESTS,
  version: 4,
  tables: `
    CREATE TABLE manifests (
      manifest_id uuid PRIMARY KEY,
      status text NOT NULL,
      country text NOT NULL,
      departs_at timestamptz NOT NULL,
      state json NOT NULL
    ) WITH (fillfactor = 70);
    CREATE INDEX manifests_by_departure ON manifests (departs_at, manifest_id);
    CREATE TABLE passengers (
      case_id uuid PRIMARY KEY,
      status text NOT NULL,
      country text,
      manifest_id uuid,
      cleared_until text,
      holds int NOT NULL
    ) WITH (fillfactor = 70);`,
  categories: [caseStream.category, manifestStream.category],
  async project(changes, tx) {
    const last = [...new Map(changes.map(change => [change.event.stream, change])).values()];
    await writeManifests(changesOf(manifestStream, last), tx);
    // Nobody flies before a transfer was asked for: most cases never come here.
    await writePassengers(
      changesOf(caseStream, last).filter(({ after }) => after.transfer !== null),
      tx,
    );
  },
};

async function writeManifests(last: readonly ManifestChange[], tx: Queryable): Promise<void> {
  if (last.length === 0) return;
  await tx.query(
    `INSERT INTO manifests (manifest_id, status, country, departs_at, state)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::json[])
     ON CONFLICT (manifest_id) DO UPDATE SET status = excluded.status, country = excluded.country,
        departs_at = excluded.departs_at, state = excluded.state`,
    [
      last.map(({ event }) => idOf(event.stream)),
      last.map(({ after }) => after.status),
      last.map(({ after }) => after.country),
      last.map(({ after }) => after.departsAt),
      last.map(({ after }) => JSON.stringify(after)),
    ],
  );
}

async function writePassengers(last: readonly CaseChange[], tx: Queryable): Promise<void> {
  if (last.length === 0) return;
  await tx.query(
    `INSERT INTO passengers (case_id, status, country, manifest_id, cleared_until, holds)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::int[])
     ON CONFLICT (case_id) DO UPDATE SET status = excluded.status, country = excluded.country, manifest_id = excluded.manifest_id,
       cleared_until = excluded.cleared_until, holds = excluded.holds`,
    [
      last.map(({ event }) => idOf(event.stream)),
      last.map(({ after }) => after.status),
      last.map(({ after }) => after.transfer?.country ?? null),
      last.map(({ after }) => after.transfer?.manifestId ?? null),
      last.map(({ after }) => after.transfer?.clearedUntil ?? null),
      last.map(({ after }) => after.holds.length),
    ],
  );
}
