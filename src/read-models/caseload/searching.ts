import type { PersonName } from '../../cases/case.events.js';
import { isDay } from '../../fields/formats.js';
import { plain } from '../../fields/plain-names.js';

// Letters such as ł and ß are folded by the database, both where they are kept and where they are asked for.

/** All that somebody is or was called, and all numbers that are or were theirs. */
interface Person {
  readonly names: readonly PersonName[];
  readonly alienNumbers: readonly string[];
}

export interface Search {
  /** Of each term the LIKE patterns of which a hit fulfils one; the longest terms first. */
  readonly terms: readonly (readonly string[])[];
  /** The names asked for, where all terms are names that can be told from others. */
  readonly names: readonly string[];
  /** Days of which one is the birth date. */
  readonly birthDates: readonly string[];
  /** The first and the last case id that begins like the text. */
  readonly ids: readonly [first: string, last: string] | null;
}

const SEVERAL = 3;
const CASE_ID = /^[0-9a-f]{8,32}$/;
const DATE = /(?<![\p{L}\p{N}])(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[./-](\d{1,2})[./-](\d{4}))(?![\p{L}\p{N}])/gu;
const NUMBER = /(?<![\p{L}\p{N}])(a?)[\s.#-]*(\d(?:[\d\s.#-]{2,20})\d)(?![\p{L}\p{N}])/giu;
const [FEWEST_DIGITS, DIGITS, MANY_DIGITS] = [4, 9, 6];

/**
 * Without what cannot be seen, with one kind of dash and one width of digits: in a text that was copied from a letter or a PDF, dates,
 * numbers and case ids would not be told otherwise.
 */
const legible = (text: string): string =>
  text
    .replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/[\p{Pd}\u2212]/gu, '-')
    .replaceAll(/\p{Nd}/gu, digit => digit.normalize('NFKC'));

const wordsOf = (text: string): string[] => [...new Set(plain(text).split(' ').filter(Boolean))];

/** The words, each between blanks, so that a beginning and an end can be told from an inside. */
export function searchable({ names, alienNumbers }: Person): string {
  const told = [...names.flatMap(({ givenNames = '', familyName = '' }) => [givenNames, familyName]), ...alienNumbers];
  return ` ${wordsOf(told.join(' ')).join(' ')} `;
}

export function search(asked: string): Search {
  const text = legible(asked);
  const birthDates: string[] = [];
  const numbers: string[][] = [];
  const rest = text
    .replaceAll(DATE, (written, ...parts: string[]) => {
      const days = daysOf(parts);
      birthDates.push(...days);
      return days.length > 0 ? ' ' : written;
    })
    .replaceAll(NUMBER, (written, a: string, digits: string) => {
      const bare = digits.replaceAll(/\D/g, '');
      if (bare.length < FEWEST_DIGITS || bare.length > DIGITS) return written;
      numbers.push(patternsOfNumber(bare, a !== ''));
      return ' ';
    });
  const words = wordsOf(rest).sort((a, b) => b.length - a.length);
  const joined = text.toLowerCase().replaceAll(/[\s.#-]/g, '');
  return {
    terms: [...numbers, ...words.map(word => [isShort(word) ? `% ${word}%` : `%${word}%`])],
    names: numbers.length > 0 || birthDates.length > 0 || words.some(word => isShort(word) || /\p{N}/u.test(word)) ? [] : words,
    birthDates,
    ids: CASE_ID.test(joined) ? [joined.padEnd(32, '0'), joined.padEnd(32, 'f')] : null,
  };
}

/** Three letters and more are found anywhere in a word, fewer, and digits alone, at its beginning. */
const isShort = (word: string): boolean => Array.from(word).length < SEVERAL || /^\p{N}+$/u.test(word);

/** By its end; by its beginning too where that may be all that was written, with or without the zero that many leave out. */
function patternsOfNumber(digits: string, begins: boolean): string[] {
  const ends = `%${digits} %`;
  if (digits.length === DIGITS) return [ends];
  return begins || digits.length >= MANY_DIGITS ? [ends, `% a${digits}%`, `% a0${digits}%`] : [ends];
}

/** Day and month are written in either order. */
function daysOf([year, month, day, one = '', other = '', lastYear = '']: readonly (string | undefined)[]): string[] {
  const [a, b] = [one.padStart(2, '0'), other.padStart(2, '0')];
  const read = year === undefined ? [`${lastYear}-${b}-${a}`, `${lastYear}-${a}-${b}`] : [`${year}-${month}-${day}`];
  return [...new Set(read)].filter(isDay);
}
