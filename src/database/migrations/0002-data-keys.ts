import type { Migration } from './migration.js';

// A row without bytes is a destroyed key. Rows are never deleted: a key that is not there at all means that one was lost.
// A destroyed key's bytes stay in a dead row until vacuum comes by, which must not wait for a fifth of the table to change.
// The index tells at once whether any key is wrapped by another master key.
export const dataKeys: Migration = {
  version: 2,
  name: 'data keys',
  sql: `
CREATE TABLE ledger.data_keys (
  key_id uuid PRIMARY KEY,
  wrapped bytea,
  wrapped_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz,
  CONSTRAINT destroyed_has_no_bytes CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
COMMENT ON COLUMN ledger.data_keys.wrapped IS 'by the master key; null once destroyed';
COMMENT ON COLUMN ledger.data_keys.wrapped_by IS 'id of the master key';
CREATE INDEX ON ledger.data_keys (wrapped_by) WHERE wrapped IS NOT NULL;
`,
  grants: role => `
GRANT SELECT, INSERT, UPDATE (wrapped, wrapped_by, destroyed_at) ON ledger.data_keys TO ${role};`,
};
