import type { AgreementEvent } from '../../agreements/agreement.events.js';
import type { Agreement } from '../../agreements/agreement.state.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { Change, Projection } from '../../projecting/projection.js';

export const AGREEMENTS = 'agreements';

/** Each agreement as it was after each of its few events: what was published and agreed under which signature. */
export const agreementsProjection: Projection<Agreement, AgreementEvent> = {
  name: AGREEMENTS,
  version: 3,
  tables: `
    CREATE TABLE agreements (
      country text NOT NULL,
      revision int NOT NULL,
      recorded_at timestamptz NOT NULL,
      state json NOT NULL,
      PRIMARY KEY (country, revision)
    )`,
  categories: ['agreement'],
  project: writeAgreements,
};

async function writeAgreements(changes: readonly Change<Agreement, AgreementEvent>[], tx: Queryable): Promise<void> {
  await tx.query(
    `INSERT INTO agreements (country, revision, recorded_at, state)
     SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::json[])
     ON CONFLICT (country, revision) DO UPDATE SET recorded_at = excluded.recorded_at, state = excluded.state`,
    [
      changes.map(({ event }) => idOf(event.stream)),
      changes.map(({ event }) => event.revision),
      changes.map(({ event }) => event.metadata.recordedAt),
      changes.map(({ after }) => JSON.stringify(after)),
    ],
  );
}
