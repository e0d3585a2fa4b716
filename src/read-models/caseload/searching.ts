import type { PersonName } from '../../cases/case.events.js';

// Names are compared word by word, without regard to case, accents and apostrophes.

/** All that somebody is or was called, and all numbers that are or were theirs. */
interface Person {
  readonly names: readonly PersonName[];
  readonly alienNumbers: readonly string[];
}

export interface Searchable {
  /** The words, each behind a space, so that a word's beginning can be told from its inside. */
  readonly words: string;
  readonly grams: string[];
}

export interface Search {
  /** What any hit has; empty where the text names nobody. */
  readonly grams: string[];
  /** LIKE patterns, all of which a hit fulfils. */
  readonly patterns: string[];
  /** The first and the last case id that begins like the text. */
  readonly ids: readonly [first: string, last: string] | null;
}

const SEVERAL = 3;
const ALIEN_NUMBER = /^a?\d{1,9}$/;
const CASE_ID = /^[0-9a-f]{8,32}$/;

/** Families are listed in this order. */
export const plain = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’ʼ`]/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

export function searchable({ names, alienNumbers }: Person): Searchable {
  // Of a number with eight digits many people leave out the 0.
  const numbers = alienNumbers.flatMap(number => [number, number.replace(/^A0+/, 'A')]);
  const told = [...names.flatMap(({ givenNames = '', familyName = '' }) => [givenNames, familyName]), ...numbers];
  const words = [...new Set(plain(told.join(' ')).split(' ').filter(Boolean))];
  return { words: words.map(word => ` ${word}`).join(''), grams: [...new Set(words.flatMap(gramsOfWord))] };
}

export function search(text: string): Search {
  const joined = text.toLowerCase().replaceAll(/[\s.#-]/g, '');
  const terms = ALIEN_NUMBER.test(joined) ? [joined] : plain(text).split(' ').filter(Boolean);
  const parts = terms.map(termOf);
  return {
    grams: [...new Set(parts.flatMap(({ grams }) => grams))],
    patterns: parts.map(({ pattern }) => pattern),
    ids: CASE_ID.test(joined) ? [joined.padEnd(32, '0'), joined.padEnd(32, 'f')] : null,
  };
}

/** Three letters and more are found anywhere in a word, fewer and numbers at its beginning. */
function termOf(term: string): { grams: string[]; pattern: string } {
  const word = ALIEN_NUMBER.test(term) ? `a${term.replace('a', '')}` : term;
  const inside = word === term && !ALIEN_NUMBER.test(term) && Array.from(term).length >= SEVERAL;
  return inside ? { grams: triples(word), pattern: `%${word}%` } : { grams: gramsOfWord(word), pattern: `% ${word}%` };
}

/** By hand what pg_trgm does: it is an extension that a database need not have, nor let the service install. */
function gramsOfWord(word: string): string[] {
  const letters = Array.from(word);
  return [` ${letters[0] ?? ''}`, ...(letters.length > 1 ? [` ${letters[0]}${letters[1]}`] : []), ...triples(word)];
}

function triples(word: string): string[] {
  const letters = Array.from(word);
  return letters.slice(SEVERAL - 1).map((_, index) => letters.slice(index, index + SEVERAL).join(''));
}
