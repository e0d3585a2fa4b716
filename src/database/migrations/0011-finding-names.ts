import type { Migration } from './migration.js';

// Bodies of standard SQL are bound when they are made: who calls them needs no search path, and the extensions may be moved.
export const findingNames: Migration = {
  version: 11,
  name: 'finding names',
  extensions: ['pg_trgm', 'unaccent', 'fuzzystrmatch'],
  sql: `
CREATE FUNCTION ledger.fold(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN lower(unaccent('unaccent'::regdictionary, written));
COMMENT ON FUNCTION ledger.fold IS 'without case and accents, in letters that every keyboard has where there are such';

CREATE FUNCTION ledger.sounds(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ARRAY(
    SELECT DISTINCT code FROM regexp_split_to_table(words, ' ') AS word,
      LATERAL (VALUES (dmetaphone(word)), (dmetaphone_alt(word))) AS codes(code)
    WHERE code <> '' ORDER BY code);
COMMENT ON FUNCTION ledger.sounds IS 'how folded words sound, in any order';

CREATE FUNCTION ledger.similarity(a text, b text) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN similarity(a, b);
COMMENT ON FUNCTION ledger.similarity IS 'from 0 to 1, of folded words in any order';

CREATE FUNCTION ledger.edits(a text, b text, most int) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN levenshtein_less_equal(left(a, 250), left(b, 250), most);
COMMENT ON FUNCTION ledger.edits IS 'how many letters to change, add or take away; more than most where there are more';
`,
};
