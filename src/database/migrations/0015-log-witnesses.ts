import type { Migration } from './migration.js';

export const logWitnesses: Migration = {
  version: 15,
  name: 'log-witnesses',
  sql: `
CREATE TABLE ledger.log_witnesses (
  witness text PRIMARY KEY,
  origin text NOT NULL,
  size bigint NOT NULL,
  failing_since timestamptz,
  failure text
);
COMMENT ON TABLE ledger.log_witnesses IS 'up to which head each witness has taken the log in, and why it takes in no more';

CREATE TABLE ledger.log_cosignatures (
  origin text NOT NULL,
  size bigint NOT NULL,
  witness text NOT NULL,
  lines text NOT NULL,
  PRIMARY KEY (origin, size, witness)
);
COMMENT ON TABLE ledger.log_cosignatures IS 'with what lines a witness has signed a head, too';
`,
  grants: role => `
GRANT SELECT, INSERT, UPDATE ON ledger.log_witnesses TO ${role};
GRANT SELECT, INSERT ON ledger.log_cosignatures TO ${role};`,
};
