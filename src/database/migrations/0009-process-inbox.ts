import type { Migration } from './migration.js';

// What was answered goes from the inbox; rows that an earlier version has kept are removed by the service, some at a time.
export const processInbox: Migration = {
  version: 9,
  name: 'process-inbox',
  sql: `
ALTER TABLE ledger.process_inbox ADD COLUMN urgency smallint NOT NULL DEFAULT 2;
COMMENT ON COLUMN ledger.process_inbox.urgency IS 'the least first: 0 protects many, 1 protects somebody, 2 may wait for both';
ALTER TABLE ledger.process_timers ADD COLUMN urgency smallint NOT NULL DEFAULT 2;
CREATE INDEX process_inbox_next ON ledger.process_inbox (urgency, position, timer) WHERE state = 'pending';
ALTER TABLE ledger.process_inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);

ALTER TABLE ledger.processes ADD COLUMN triggered text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN ledger.processes.triggered IS 'position of the newest event that it had to answer';
UPDATE ledger.processes p SET triggered = coalesce((SELECT max(position) FROM ledger.process_inbox i WHERE i.process = p.name), '');

ALTER TABLE ledger.process_lists ADD COLUMN since text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN ledger.process_lists.since IS 'position of the newest event on which the item was noted';
`,
  grants: role => `
GRANT DELETE ON ledger.process_inbox TO ${role};
GRANT UPDATE ON ledger.process_timers TO ${role};
GRANT UPDATE, DELETE ON ledger.process_lists TO ${role};`,
};
