import { validate as isUuidText } from 'uuid';

// Strict readings of the formats of the API. Each takes any value and never throws.

const LONE_SURROGATE = /\p{Surrogate}/u;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|\+00:00)$/;
const WEEK = /^(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])$/;
const DURATION = /^P(?!$)(\d{1,4}W|(\d{1,5}D)?(T(?=\d)(\d{1,5}H)?(\d{1,5}M)?(\d{1,5}S)?)?)$/;
const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const COMMON_LANGUAGE = /^[a-z]{2,3}(?:-[A-Z]{2})?$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 1 to `max` characters (code points) that a database can keep: no U+0000, no half of a surrogate pair. */
export function isText(value: unknown, max: number): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 2 * max) return false;
  if (value.includes('\u0000') || LONE_SURROGATE.test(value)) return false;
  return value.length <= max || Array.from(value).length <= max;
}

/** Any UUID of RFC 9562, in either case. */
export const isUuid = (value: unknown): value is string => typeof value === 'string' && isUuidText(value);

/** Lower-case words and digits joined by hyphens, at most 100 characters. */
export const isCode = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 100 && CODE.test(value);

/** What may name a person who works with the service: the `sub` of a token. */
export const PERSON_ID = /^[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,199}$/;
/** An office. */
export const OFFICE = /^[A-Z]{2,5}$/;

/** A well-formed BCP 47 tag; whether its parts are registered is not asked. */
export function isLanguage(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 100) return false;
  if (COMMON_LANGUAGE.test(value)) return true;
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}

/** A day that exists in the Gregorian calendar, `YYYY-MM-DD`. */
export function isDay(value: unknown): value is string {
  const [, year, month, day] = (typeof value === 'string' && DAY.exec(value)) || [];
  const days = DAYS_IN_MONTH[Number(month) - 1];
  if (days === undefined || Number(day) < 1) return false;
  return Number(day) <= (month === '02' && isLeap(Number(year)) ? 29 : days);
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** An RFC 3339 instant in UTC (`Z` or `+00:00`) on a day that exists; no leap seconds. */
export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value) && isDay(value.slice(0, 10));

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
