import { validate as isUuidText } from 'uuid';

// Strict readings of the formats of the API. Each takes any value and never throws.

const LONE_SURROGATE = /\p{Surrogate}/u;
/** Most texts by far: printable ASCII that neither begins nor ends with a blank. */
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;
/** More marks on one letter than UAX #15 calls safe: putting them in order takes the square of their number. */
const ENDLESS_MARKS = /\p{M}{31}/u;
const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Joiners are part of how some scripts are written, but only between letters and their marks. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}|(?<![\p{L}\p{M}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}])/u;
const ALL_HIDDEN = new RegExp(HIDDEN, 'gu');
const LETTER = /\p{L}/u;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|\+00:00)$/;
const WEEK = /^(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])$/;
const DURATION = /^P(?!$)(\d{1,4}W|(\d{1,5}D)?(T(?=\d)(\d{1,5}H)?(\d{1,5}M)?(\d{1,5}S)?)?)$/;
const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MAX_TAG = 100;
/** What nearly everybody here speaks: not asked each time, which takes a while. */
const CANONICAL_AS_IT_IS: ReadonlySet<string> = new Set(['es', 'en', 'quc', 'mam', 'kek', 'cab']);
/** Undetermined, several, uncoded, and no linguistic content. */
const NO_LANGUAGE = /^(?:und|mul|mis|zxx)(?:-|$)/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Without blanks around it, and composed (NFC): what looks alike is stored alike. */
export const tidied = (value: string): string => {
  if (PLAIN.test(value)) return value;
  return (ENDLESS_MARKS.test(value) ? value : value.normalize('NFC')).trim();
};

/** 1 to `max` characters (code points) that a database can keep (no U+0000, no half of a surrogate pair), of which one can be seen. */
export function isText(value: unknown, max: number): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 2 * max) return false;
  if (PLAIN.test(value)) return value.length <= max;
  if (value.includes('\u0000') || LONE_SURROGATE.test(value) || !VISIBLE.test(value)) return false;
  return value.length <= max || Array.from(value).length <= max;
}

/** A text on one line in which nothing hides: no control, format or bidirectional override character. */
export const isLine = (value: unknown, max: number): value is string => isText(value, max) && (PLAIN.test(value) || !HIDDEN.test(value));

/** What people are called: a line with a letter in it, in any script. */
export const isName = (value: unknown, max: number): value is string => isLine(value, max) && LETTER.test(value);

/** What of a name can stand in one today: without what hides, tidied; empty where nothing of it can be seen. */
export const withoutHidden = (name: string): string => {
  const seen = PLAIN.test(name) ? name : tidied(name.replaceAll(ALL_HIDDEN, ''));
  return VISIBLE.test(seen) ? seen : '';
};

/** Any UUID of RFC 9562, in either case. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && isUuidText(value);

/** Lower-case words and digits joined by hyphens, at most 100 characters. */
export const isCode = (value: unknown): value is string => typeof value === 'string' && value.length <= 100 && CODE.test(value);

/** What may name a person who works with the service: the `sub` of a token. */
export const PERSON_ID = /^[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,199}$/;
/** An office. */
export const OFFICE = /^[A-Z]{2,5}$/;

/** A BCP 47 tag in its canonical form that names a language; whether its parts are registered is not asked. */
export const isLanguage = (value: unknown): value is string =>
  typeof value === 'string' && canonical(value) === value && !NO_LANGUAGE.test(value);

/** As BCP 47 canonicalises a tag (`iw` is `he`, `spa` is `es`); what is no tag stays as it is. */
export const canonicalLanguage = (tag: string): string => canonical(tag) ?? tag;

function canonical(tag: string): string | undefined {
  if (CANONICAL_AS_IT_IS.has(tag)) return tag;
  if (tag.length > MAX_TAG) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** What people set between the digits of a number: blanks, dashes, dots and `#`. */
const BETWEEN_DIGITS = /[\p{Zs}\p{Pd}\u2212.#]/gu;
const WRITTEN_ALIEN_NUMBER = /^A?(\d{7,9})$/i;
/** Far longer than anybody sets apart nine digits. */
const MAX_WRITTEN = 50;
export const ALIEN_NUMBER = /^A\d{9}$/;

/**
 * An alien number as people write it, in the one form in which it is kept and compared: `A` and nine digits. What is none stays as it is.
 */
export function canonicalAlienNumber(written: string): string {
  if (written.length > MAX_WRITTEN) return written;
  const digits = WRITTEN_ALIEN_NUMBER.exec(written.trim().replaceAll(BETWEEN_DIGITS, ''))?.[1];
  return digits === undefined ? written : `A${digits.padStart(9, '0')}`;
}

/** A day that exists in the Gregorian calendar, `YYYY-MM-DD`; it begins with the year 1, as PostgreSQL's does. */
export function isDay(value: unknown): value is string {
  const [, year, month, day] = (typeof value === 'string' && DAY.exec(value)) || [];
  const days = DAYS_IN_MONTH[Number(month) - 1];
  if (days === undefined || Number(day) < 1 || year === '0000') return false;
  return Number(day) <= (month === '02' && isLeap(Number(year)) ? 29 : days);
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** An RFC 3339 instant in UTC (`Z` or `+00:00`) on a day that exists; no leap seconds. */
export const isInstant = (value: unknown): value is string => typeof value === 'string' && INSTANT.test(value) && isDay(value.slice(0, 10));

/** An ISO 8601 week that its year has, `2020-W05`. */
export function isWeek(value: unknown): value is string {
  const [, year, week] = (typeof value === 'string' && WEEK.exec(value)) || [];
  if (year === undefined) return false;
  return week !== '53' || hasWeek53(Number(year));
}

/** A year has 53 weeks when it begins on a Thursday, or is a leap year and begins on a Wednesday. */
function hasWeek53(year: number): boolean {
  const newYear = new Date(Date.UTC(2000, 0, 1));
  newYear.setUTCFullYear(year);
  const weekday = newYear.getUTCDay();
  return weekday === 4 || (weekday === 3 && isLeap(year));
}

/** An ISO 8601 duration in weeks, or in days and time; no months and years, whose length varies. */
export const isDuration = (value: unknown): value is string => typeof value === 'string' && DURATION.test(value);
