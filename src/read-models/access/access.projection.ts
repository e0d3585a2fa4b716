import { asArray, type AccessEvent } from '../../audit/access.events.js';
import { accessStream } from '../../audit/access.stream.js';
import { caseStream } from '../../cases/case.stream.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import { changesOf, type Change, type Projection } from '../../projecting/projection.js';

export const ACCESS = 'access';

// Everybody's lists are recorded, and hardly ever is it asked who saw a case: a row a list, and an index that takes in the ids of many
// lists together, cost a tenth of a row for each case in it. What the index has pending, in kB, every question reads.
const tables = `
CREATE TABLE records (
  position text COLLATE "C" PRIMARY KEY,
  stream_id uuid NOT NULL,
  revision int NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  roles text[] NOT NULL,
  office text,
  opened boolean NOT NULL,
  purpose_stated boolean NOT NULL
);
COMMENT ON COLUMN records.opened IS 'the case of the stream was opened; else any number of cases were listed';

CREATE TABLE shown (
  position text COLLATE "C" PRIMARY KEY,
  cases uuid[] NOT NULL
);
ALTER TABLE shown ALTER COLUMN cases SET STORAGE EXTERNAL;
COMMENT ON TABLE shown IS 'which cases a list showed';

CREATE TABLE offices (
  case_id uuid NOT NULL,
  position text COLLATE "C" NOT NULL,
  office text NOT NULL,
  PRIMARY KEY (case_id, position)
);
COMMENT ON TABLE offices IS 'whose case it was from there on';
`;

const completion = `
CREATE INDEX ON records (actor, position);
CREATE INDEX ON records (stream_id, position) WHERE opened;
CREATE INDEX ON records USING brin (at);
CREATE INDEX ON shown USING gin (cases) WITH (gin_pending_list_limit = 1024);
`;

/** "Who looked?" An index of the access records: what they say is read from the store, so nothing in it is personal. */
export const accessProjection: Projection = {
  name: ACCESS,
  version: 3,
  tables,
  completion,
  categories: ['access', 'case'],
  async project(changes, tx) {
    const accesses = changesOf(accessStream, changes);
    if (accesses.length > 0) await index(accesses, tx);
    const listings = accesses.flatMap(({ event, position }) =>
      event.type === 'CasesListed' && event.data.cases !== '' ? [{ position, cases: asArray(event.data.cases) }] : [],
    );
    if (listings.length > 0)
      await tx.query(
        `INSERT INTO shown SELECT position, cases::uuid[] FROM unnest($1::text[], $2::text[]) AS listed(position, cases)
         ON CONFLICT DO NOTHING`,
        [listings.map(({ position }) => position), listings.map(({ cases }) => cases)],
      );
    const moved = changesOf(caseStream, changes).filter(({ before, after }) => before.office !== after.office);
    if (moved.length > 0)
      await tx.query('INSERT INTO offices SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING', [
        moved.map(({ event }) => idOf(event.stream)),
        moved.map(({ position }) => position),
        moved.map(({ after }) => after.office),
      ]);
  },
};

async function index(accesses: readonly Change<object, AccessEvent>[], tx: Queryable): Promise<void> {
  await tx.query('INSERT INTO records SELECT * FROM json_populate_recordset(NULL::records, $1) ON CONFLICT DO NOTHING', [
    JSON.stringify(
      accesses.map(({ event: { stream, revision, type, metadata }, position }) => ({
        position,
        stream_id: idOf(stream),
        revision,
        at: metadata.recordedAt,
        actor: metadata.actor.id,
        roles: metadata.actor.roles,
        office: metadata.actor.office,
        opened: type === 'CaseFileRead',
        // Of a list the key may have hashed what was searched for.
        purpose_stated: type === 'CaseFileRead' && metadata.keyId !== undefined,
      })),
    ),
  ]);
}
