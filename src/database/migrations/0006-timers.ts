import type { Migration } from './migration.js';

// A timer that has run down becomes a row of the inbox, beside that of its trigger.
export const timers: Migration = {
  version: 6,
  name: 'timers',
  sql: `
CREATE TABLE ledger.process_timers (
  process text COLLATE "C" NOT NULL REFERENCES ledger.processes (name),
  position text COLLATE "C" NOT NULL,
  timer text COLLATE "C" NOT NULL,
  trigger_id uuid NOT NULL,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  type text NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (process, position, timer)
);
CREATE INDEX process_timers_due ON ledger.process_timers (due_at);

ALTER TABLE ledger.process_inbox ADD COLUMN timer text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger.process_inbox DROP CONSTRAINT process_inbox_pkey;
ALTER TABLE ledger.process_inbox ADD PRIMARY KEY (process, position, timer);
COMMENT ON COLUMN ledger.process_inbox.timer IS 'of a timer that has run down, its name; empty for the trigger itself';
`,
  grants: role => `GRANT SELECT, INSERT, DELETE ON ledger.process_timers TO ${role};`,
};
