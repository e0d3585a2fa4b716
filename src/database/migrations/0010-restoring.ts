import type { Migration } from './migration.js';

// Another event store takes what is restored append by append: until all is there, nobody may take it for the whole.
export const restoring: Migration = {
  version: 10,
  name: 'restoring',
  sql: `
CREATE TABLE ledger.restoring (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  file text NOT NULL,
  store_id text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.restoring IS 'a restore that has begun and is not finished: the SHA-256 of its backup, and the event store that it fills';
`,
  grants: role => `GRANT SELECT ON ledger.restoring TO ${role};`,
};
