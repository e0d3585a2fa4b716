import { hash } from 'node:crypto';
import { alienNumbersOf, type Applicant } from '../../cases/applicant.state.js';
import { plain } from '../../fields/plain-names.js';

/** What another file of the same person is recognised by, as columns of `people`. */
export interface Likeness {
  readonly numbers: readonly string[];
  /** Each name that the person bears, or has borne: its words, folded and in one order; none where no birth date is known. */
  readonly names: readonly string[];
  readonly birth_key: string | null;
  /** Two people who may be one share one of these. */
  readonly keys: readonly string[];
}

export type Person = Partial<
  Pick<Applicant, 'givenNames' | 'familyName' | 'otherNames' | 'birthDate' | 'alienNumber' | 'otherAlienNumbers'>
>;

/** Folds letters that no keyboard has everywhere: one text for each, in their order. */
export type Fold = (texts: readonly string[]) => Promise<readonly string[]>;
/** In SQL, what folds. */
export const FOLDED = 'SELECT ledger.fold(text) AS folded FROM unnest($1::text[]) WITH ORDINALITY AS asked (text, at) ORDER BY at';

const WORDS_AT_MOST = 20;
const SIMPLE = /^[a-z0-9 ]*$/;

/** Of each person; asks for nothing but the letters that are not folded by being made plain. */
export async function likenessesOf(people: readonly Person[], fold: Fold): Promise<Likeness[]> {
  const written = people.map(namesOf);
  const strange = [...new Set(written.flat().filter(name => !SIMPLE.test(name)))];
  const folded = new Map(strange.length === 0 ? [] : (await fold(strange)).map((name, at) => [strange[at], name]));
  return people.map((person, at) => {
    const numbers = alienNumbersOf(person);
    if (person.birthDate === undefined) return { numbers, names: [], birth_key: null, keys: numbers };
    const birthKey = birthKeyOf(person.birthDate);
    const names = [...new Set(written[at]?.map(name => wordsOf(folded.get(name) ?? name)))].filter(words => words !== '');
    const keys = names.flatMap(words => keysOf(words.split(' '), birthKey));
    return { numbers, names, birth_key: birthKey, keys: [...new Set([...numbers, ...keys])] };
  });
}

/** An alias of one part goes with the other part of the name. */
function namesOf({ givenNames = '', familyName = '', otherNames = [] }: Person): string[] {
  const whole = [{ givenNames, familyName }, ...otherNames.map(other => ({ givenNames, familyName, ...other }))];
  return whole.map(name => plain(`${name.givenNames} ${name.familyName}`));
}

/** Folding may bring what is not plain. */
const wordsOf = (folded: string): string =>
  [...new Set((SIMPLE.test(folded) ? folded : plain(folded)).split(' '))].sort().slice(0, WORDS_AT_MOST).join(' ');

/** The same for a day whose month and day of the month were swapped. */
function birthKeyOf(born: string): string {
  const [year, ...monthAndDay] = born.split('-');
  return `${year}-${monthAndDay.sort().join('')}`;
}

/** Of the birth date and all words, and all but one; a word with a digit is never left out. */
function keysOf(words: readonly string[], birthKey: string): string[] {
  const fewer = words.length < 2 ? [] : words.filter(word => !/\d/.test(word)).map(left => words.filter(word => word !== left));
  return [words, ...fewer].map(kept => hash('md5', `${birthKey} ${kept.join(' ')}`, 'hex').slice(0, 20));
}

/** In SQL, whether `own` and `other` have a number in common, and whether their names are alike. */
export const BY_NUMBER = 'own.numbers && other.numbers';
export const BY_NAME = `(own.birth_key = other.birth_key
  AND EXISTS (SELECT 1 FROM unnest(own.names) AS one, unnest(other.names) AS another WHERE ledger.alike(one, another)))`;
