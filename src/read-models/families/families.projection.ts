import { idOf } from '../../event-store/event-store.js';
import type { FamilyEvent } from '../../families/family.events.js';
import type { Family } from '../../families/family.state.js';
import type { Projection } from '../../projecting/projection.js';

export const FAMILIES = 'families';

/** Every family unit as it stands: who is in it, and who may part from whom. */
export const familiesProjection: Projection<Family, FamilyEvent> = {
  name: FAMILIES,
  version: 1,
  tables: `
    CREATE TABLE families (
      family_unit_id uuid PRIMARY KEY,
      revision int NOT NULL,
      members json NOT NULL,
      separations json NOT NULL
    )`,
  categories: ['family'],
  async project(changes, tx) {
    const last = [...new Map(changes.map(change => [change.event.stream, change])).values()];
    await tx.query(
      `INSERT INTO families SELECT * FROM unnest($1::uuid[], $2::int[], $3::json[], $4::json[])
       ON CONFLICT (family_unit_id) DO UPDATE
       SET revision = excluded.revision, members = excluded.members, separations = excluded.separations`,
      [
        last.map(({ event }) => idOf(event.stream)),
        last.map(({ event }) => event.revision),
        last.map(({ after }) => JSON.stringify(after.members)),
        last.map(({ after }) => JSON.stringify(after.separations)),
      ],
    );
  },
};
