const countries = new Intl.DisplayNames('en', { type: 'region' });

const languages = new Intl.DisplayNames('en', { type: 'language' });

/** Languages of the partner countries for which browsers have no name. */
export const SPOKEN: Readonly<Record<string, string>> = {
  acr: 'Achi',
  caa: 'Chʼortiʼ',
  cab: 'Garifuna',
  cak: 'Kaqchikel',
  ixl: 'Ixil',
  kjb: 'Qʼanjobʼal',
  mam: 'Mam',
  miq: 'Miskito',
  poh: 'Poqomchiʼ',
  tzj: 'Tzʼutujil',
};

/** `es`: Spanish; `es-HN`: Spanish (Honduras). */
export const languageName = (tag: string): string =>
  /^[a-z]{2,3}(-[A-Z]{2})?$/.test(tag) ? (SPOKEN[tag] ?? languages.of(tag) ?? tag) : tag;

export const countryName = (code: string): string => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code);

/** `transfer-requested` and `TransferRequested` within a sentence: transfer requested. */
export const inText = (code: string): string =>
  code
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()
    .replaceAll(/\bus\b/g, 'US');

/** What somebody wrote as they wrote it, but for how it begins. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** As people say it: Transfer requested. */
export const inWords = (code: string): string => capital(inText(code));

/** What a value that is shown in words is called: `sourceCode` is the source. */
export const valueName = (field: string): string => inWords(field.replace(/(?<=.)Code$/, ''));

/** `applicant.birthDate` is the birth date, `encounter.place` the encounter place. */
export const fieldName = (field: string): string => inText(field.replace(/^applicant[.]/, '').replaceAll('.', ' '));

/** An instant, in UTC as the service counts. */
export const instant = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/** An instant to the second, and to the fraction of one that it has. */
export const precisely = (at: string): string => `${at.slice(0, 10)} ${at.slice(11).replace('Z', '')} UTC`;

/** `2019-W50`: week 50 of 2019. */
export const weekInWords = (week: string): string => `week ${Number(week.slice(6))} of ${week.slice(0, 4)}`;

const UNITS: Readonly<Record<string, string>> = { D: 'day', W: 'week', M: 'month', Y: 'year', H: 'hour' };

/** `PT72H` as people say it: 72 hours. */
export function durationInWords(duration: string): string {
  const [, count, unit = ''] = /^PT?(\d+)([DWMYH])$/.exec(duration) ?? [];
  return UNITS[unit] === undefined ? duration : `${count} ${UNITS[unit]}${count === '1' ? '' : 's'}`;
}

/** Days are told without the hour at which they begin. */
export const dayOrInstant = (at: string): string => (at.slice(11, 16) === '00:00' ? at.slice(0, 10) : instant(at));

export interface Name {
  readonly givenNames?: string | null;
  readonly familyName?: string | null;
}

export const fullName = (name: Name | null | undefined): string =>
  name ? [name.givenNames, name.familyName].filter(Boolean).join(' ') : 'Erased person';
