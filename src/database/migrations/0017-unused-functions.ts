import type { Migration } from './migration.js';

// What they worked out is worked out before it is written; queries alone called them, so no table depends on them.
export const unusedFunctions: Migration = {
  version: 17,
  name: 'unused functions',
  sql: `
DROP FUNCTION ledger.name_keys(text, text);
DROP FUNCTION ledger.name_words(text);
DROP FUNCTION ledger.birth_key(text);
`,
};
