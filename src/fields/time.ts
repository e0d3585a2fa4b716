/**
 * Pure arithmetic on instants (RFC 3339 UTC), calendar days (`2020-01-13`) and ISO 8601 weeks and durations.
 * Nothing here asks what time it is.
 */

/** Milliseconds since 1970 of an instant, or of a day's first moment in UTC. */
export const millis = (dayOrInstant: string): number => Date.parse(dayOrInstant.length === 10 ? `${dayOrInstant}T00:00:00Z` : dayOrInstant);

/** RFC 3339 UTC; a fraction of a second only where there is one. */
export const toInstant = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z');

/** What is counted in days from then on still has a year of four digits, as every instant that is stored. */
export const LAST_TRAINING_YEAR = 8999;
export const isTrainingTime = (instant: string): boolean => Number(instant.slice(0, 4)) <= LAST_TRAINING_YEAR;

export const isBefore = (a: string, b: string): boolean => millis(a) < millis(b);
export const isAfter = (a: string, b: string): boolean => millis(a) > millis(b);
export const laterOf = (a: string, b: string): string => (isBefore(a, b) ? b : a);

const HOUR = 3_600_000;
export const plusHours = (instant: string, hours: number): string => toInstant(millis(instant) + hours * HOUR);
export const plusDays = (instant: string, days: number): string => plusHours(instant, days * 24);

/** The calendar day of an instant, which is in UTC. */
export const dayOf = (instant: string): string => instant.slice(0, 10);

export const isMonthStart = (day: string): boolean => day.endsWith('-01');
export const isMonthEnd = (day: string): boolean => isMonthStart(dayOf(plusDays(day, 1)));

/**
 * Whole years between two calendar days, as the law counts age: who was born on 29 February turns
 * a year older on 1 March of a common year.
 */
export function ageOn(birthDate: string, day: string): number {
  const [birthYear = 0, birthMonth = 0, birthDay = 0] = birthDate.split('-').map(Number);
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const hadBirthday = month > birthMonth || (month === birthMonth && date >= birthDay);
  return year - birthYear - (hadBirthday ? 0 : 1);
}

/** The ISO 8601 week of an instant in UTC: `2020-W05`. */
export function weekOf(instant: string): string {
  const date = new Date(millis(dayOf(instant)));
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const year = date.getUTCFullYear();
  const week = Math.ceil(((date.getTime() - Date.UTC(year, 0, 1)) / (24 * HOUR) + 1) / 7);
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** Hours of an ISO 8601 duration in weeks, days or time (`PT72H`, `P30D`); a day has 24. NaN for any other form. */
export function hoursOf(duration: string): number {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  if (!parts) return Number.NaN;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(part => Number(part ?? 0));
  return (weeks * 7 + days) * 24 + hours + minutes / 60 + seconds / 3600;
}

/** A day as it is; an instant to the minute, as people read it: 2019-12-12 15:00 UTC. */
export const inWords = (dayOrInstant: string): string =>
  dayOrInstant.includes('T') ? `${dayOrInstant.slice(0, 10)} ${dayOrInstant.slice(11, 16)} UTC` : dayOrInstant;
