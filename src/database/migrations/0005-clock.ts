import type { Migration } from './migration.js';

export const clock: Migration = {
  version: 5,
  name: 'clock',
  sql: `
CREATE TABLE ledger.clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  now text NOT NULL
);
COMMENT ON TABLE ledger.clock IS 'the time of a training copy, shared by its processes; empty where the clock is the system''s';
`,
  grants: role => `GRANT SELECT, INSERT, UPDATE ON ledger.clock TO ${role};`,
};
