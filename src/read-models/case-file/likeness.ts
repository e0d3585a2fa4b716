import { alienNumbersOf, type Applicant } from '../../cases/case.state.js';

/** What another file of the same person is recognised by, as it is sent to the database. */
export interface Likeness {
  /** Each name that the person bears, or has borne, whole. */
  readonly names: readonly string[];
  readonly born: string | null;
  readonly numbers: readonly string[];
}

export type Person = Partial<
  Pick<Applicant, 'givenNames' | 'familyName' | 'otherNames' | 'birthDate' | 'alienNumber' | 'otherAlienNumbers'>
>;

/** An alias of one part goes with the other part of the name. */
export function likenessOf(person: Person): Likeness {
  const { givenNames = '', familyName = '', otherNames = [], birthDate } = person;
  const whole = [{ givenNames, familyName }, ...otherNames.map(other => ({ givenNames, familyName, ...other }))];
  return {
    names: whole.map(name => `${name.givenNames} ${name.familyName}`.trim()).filter(name => name !== ''),
    born: birthDate ?? null,
    numbers: alienNumbersOf(person),
  };
}

/** In SQL, the columns of `people` for rows of `given` with `names`, `born` and `numbers`. */
export const LIKENESS = `
  CROSS JOIN LATERAL (SELECT ledger.birth_key(given.born) AS birth_key) AS birth
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT words), '{}') AS names, given.numbers || coalesce(array_agg(DISTINCT key), '{}') AS keys
    FROM unnest(given.names) AS name, ledger.name_words(name) AS words, unnest(ledger.name_keys(words, birth.birth_key)) AS key
  ) AS folded`;
export const GIVEN = 'names text[], born text, numbers text[]';

/** In SQL, whether `own` and `other` have a number in common, and whether their names are alike. */
export const BY_NUMBER = 'own.numbers && other.numbers';
export const BY_NAME = `(own.birth_key = other.birth_key
  AND EXISTS (SELECT 1 FROM unnest(own.names) AS one, unnest(other.names) AS another WHERE ledger.alike(one, another)))`;
