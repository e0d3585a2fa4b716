import type { Migration } from './migration.js';

export const logKeys: Migration = {
  version: 14,
  name: 'log-keys',
  sql: `
ALTER TABLE ledger.log ADD COLUMN renewal text;
COMMENT ON COLUMN ledger.log.renewal IS 'why the log will go on under another name; until then no head is signed';
`,
};
