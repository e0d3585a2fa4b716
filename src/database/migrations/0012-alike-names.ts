import type { Migration } from './migration.js';

// Two names that are alike share one of their keys, so that whose names are compared at all is found by an index.
export const alikeNames: Migration = {
  version: 12,
  name: 'alike names',
  sql: `
CREATE FUNCTION ledger.name_words(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT string_agg(word, ' ' ORDER BY word COLLATE "C") FROM (
    SELECT DISTINCT word FROM regexp_split_to_table(
      regexp_replace(ledger.fold(normalize(name, NFKC)), '[''’‘ʼ´\`\\u200c\\u200d]', '', 'g'), '[^[:alnum:]]+') AS word
    WHERE word <> '' LIMIT 20) AS words);
COMMENT ON FUNCTION ledger.name_words IS 'the folded words of a name in one order, with a blank between them';

CREATE FUNCTION ledger.birth_key(born text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN left(born, 5) || least(substr(born, 6, 2), substr(born, 9, 2)) || greatest(substr(born, 6, 2), substr(born, 9, 2));
COMMENT ON FUNCTION ledger.birth_key IS 'the same for a day whose month and day of the month were swapped';

CREATE FUNCTION ledger.name_keys(words text, birth_key text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT array_agg(left(md5(birth_key || ' ' || kept), 20)) FROM (
    SELECT words AS kept
    UNION ALL
    SELECT array_to_string(array_remove(string_to_array(words, ' '), word), ' ') FROM unnest(string_to_array(words, ' ')) AS word
    WHERE word !~ '[0-9]' AND words LIKE '% %') AS keys);
COMMENT ON FUNCTION ledger.name_keys IS 'of the birth date and all words, and all but one; a word with a digit is never left out';

CREATE FUNCTION ledger.alike(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT CASE
      WHEN cardinality(more) + cardinality(less) = 0 THEN true
      WHEN concat(more[1], less[1]) ~ '[0-9]' THEN false
      WHEN cardinality(more) + cardinality(less) = 1 THEN greatest(cardinality(words), cardinality(others)) > 2
      WHEN cardinality(more) = 1 AND cardinality(less) = 1 THEN ledger.edits(more[1], less[1], 2) <=
        CASE WHEN least(length(more[1]), length(less[1])) > 7 THEN 2 WHEN greatest(length(more[1]), length(less[1])) > 3 THEN 1 ELSE 0 END
      ELSE false
    END
    FROM (SELECT string_to_array(one, ' ') AS words, string_to_array(other, ' ') AS others) AS both_names,
      LATERAL (SELECT ARRAY(SELECT unnest(words) EXCEPT SELECT unnest(others)) AS more,
        ARRAY(SELECT unnest(others) EXCEPT SELECT unnest(words)) AS less) AS differing);
COMMENT ON FUNCTION ledger.alike IS 'whether two names differ by one word that one of them lacks, or that is nearly the same; never in a digit';
`,
};
