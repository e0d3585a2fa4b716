import type { Migration } from './migration.js';

// Primary data: what was once signed must be what is proved later, so nothing here is ever built again from events.
export const log: Migration = {
  version: 13,
  name: 'log',
  sql: `
CREATE TABLE ledger.log (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  origin text NOT NULL,
  public_key bytea NOT NULL,
  store_id text NOT NULL,
  position text COLLATE "C" NOT NULL,
  size bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE ledger.log IS 'the Merkle log of all events: its name, whose key signs it, and up to where it has taken them in';

CREATE TABLE ledger.log_tiles (
  level smallint NOT NULL,
  index bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, index)
);
COMMENT ON TABLE ledger.log_tiles IS 'hashes of complete subtrees, up to 256 to a row; those of level 0 are of single events';
ALTER TABLE ledger.log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE ledger.log_entries (
  stream text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  place bigint NOT NULL,
  PRIMARY KEY (stream, revision)
);
COMMENT ON TABLE ledger.log_entries IS 'which leaf of the log is which event';

CREATE TABLE ledger.log_heads (
  origin text NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (origin, size)
);
COMMENT ON TABLE ledger.log_heads IS 'every head that was ever signed, as it left';
`,
  grants: role => `
GRANT SELECT, INSERT, UPDATE ON ledger.log, ledger.log_tiles TO ${role};
GRANT SELECT, INSERT ON ledger.log_entries, ledger.log_heads TO ${role};`,
};
