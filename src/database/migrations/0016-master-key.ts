import type { Migration } from './migration.js';

// Whoever commits a data key locks the row for that moment: once it names another master key, nothing more is wrapped by the one before.
export const masterKey: Migration = {
  version: 16,
  name: 'master key',
  sql: `
CREATE TABLE ledger.master_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  id text NOT NULL
);
COMMENT ON TABLE ledger.master_key IS 'the id of the master key that wraps new data keys; others may be wrapped by the one before it';
INSERT INTO ledger.master_key (id) SELECT wrapped_by FROM ledger.data_keys WHERE wrapped IS NOT NULL LIMIT 1;
`,
  grants: role => `GRANT SELECT, INSERT, UPDATE ON ledger.master_key TO ${role};`,
};
