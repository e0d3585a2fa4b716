import type { Migration } from './migration.js';

export const unfinishedBuilds: Migration = {
  version: 18,
  name: 'unfinished builds',
  sql: `
ALTER TABLE ledger.read_models ADD COLUMN unfinished boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN ledger.read_models.unfinished IS 'a build leaves to its end what is made faster over all rows, such as indexes';
`,
};
