import type { Migration } from './migration.js';

// Primary data: nothing here is ever rebuilt from events.
export const processes: Migration = {
  version: 4,
  name: 'processes',
  sql: `
CREATE TABLE ledger.processes (
  name text COLLATE "C" PRIMARY KEY,
  position text COLLATE "C" NOT NULL,
  store_id text NOT NULL,
  stopped text,
  created_at timestamptz NOT NULL DEFAULT now(),
  moved_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE ledger.process_inbox (
  process text COLLATE "C" NOT NULL REFERENCES ledger.processes (name),
  position text COLLATE "C" NOT NULL,
  trigger_id uuid NOT NULL,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  type text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
  error text,
  received_at timestamptz NOT NULL DEFAULT now(),
  handled_at timestamptz,
  PRIMARY KEY (process, position)
);
CREATE INDEX process_inbox_pending ON ledger.process_inbox (position) WHERE state = 'pending';
CREATE INDEX process_inbox_failed ON ledger.process_inbox (process, stream) WHERE state = 'failed';

CREATE TABLE ledger.process_refusals (
  process text COLLATE "C" NOT NULL,
  trigger_id uuid NOT NULL,
  step text COLLATE "C" NOT NULL,
  target_stream text COLLATE "C" NOT NULL,
  command text NOT NULL,
  codes text[] NOT NULL,
  refused_at timestamptz NOT NULL,
  PRIMARY KEY (process, trigger_id, step, target_stream)
);
COMMENT ON TABLE ledger.process_refusals IS 'commands of processes that a rule refused; a repeat of the step gets the same answer';
`,
  grants: role => `
GRANT SELECT, INSERT, UPDATE ON ledger.processes, ledger.process_inbox TO ${role};
GRANT SELECT, INSERT ON ledger.process_refusals TO ${role};`,
};
