import type { Migration } from './migration.js';

// What a process must find again by the thousand, without a read model that may be held back or rebuilt.
export const processLists: Migration = {
  version: 7,
  name: 'process-lists',
  sql: `
CREATE TABLE ledger.process_lists (
  process text COLLATE "C" NOT NULL REFERENCES ledger.processes (name),
  list text COLLATE "C" NOT NULL,
  item text COLLATE "C" NOT NULL,
  PRIMARY KEY (process, list, item)
);
COMMENT ON TABLE ledger.process_lists IS 'what processes have noted for themselves, such as the cases under an agreement';
`,
  grants: role => `GRANT SELECT, INSERT ON ledger.process_lists TO ${role};`,
};
