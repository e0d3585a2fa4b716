import type { Migration } from './migration.js';

// Positions are text in the order of their bytes, whichever store they come from. The fill factor leaves room
// for checkpoints to move within their page.
export const projecting: Migration = {
  version: 3,
  name: 'projecting',
  sql: `
CREATE TABLE ledger.read_models (
  name text COLLATE "C" NOT NULL,
  generation int NOT NULL CHECK (generation > 0),
  code_version int NOT NULL,
  state text NOT NULL CHECK (state IN ('building', 'live', 'retired')),
  position text COLLATE "C" NOT NULL,
  store_id text NOT NULL,
  parked_version int NOT NULL DEFAULT 0,
  stopped text,
  created_at timestamptz NOT NULL DEFAULT now(),
  moved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, generation)
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.read_models IS 'one row for each generation of a read model; its tables are in a schema of its own';
COMMENT ON COLUMN ledger.read_models.parked_version IS 'moves when parked events were applied, so that the projector looks again';
CREATE UNIQUE INDEX one_live_generation ON ledger.read_models (name) WHERE state = 'live';

CREATE TABLE ledger.parked_events (
  read_model text COLLATE "C" NOT NULL,
  generation int NOT NULL,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  position text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  error text,
  parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (read_model, generation, stream, revision),
  FOREIGN KEY (read_model, generation) REFERENCES ledger.read_models (name, generation) ON DELETE CASCADE
);
COMMENT ON COLUMN ledger.parked_events.error IS 'null where the event only waits behind an earlier one of its stream';
`,
  grants: role => `
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.read_models, ledger.parked_events TO ${role};`,
};
