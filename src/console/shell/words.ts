const countries = new Intl.DisplayNames('en', { type: 'region' });

const languages = new Intl.DisplayNames('en', { type: 'language' });

/** `es`: Spanish; `es-HN`: Spanish (Honduras). */
export const languageName = (tag: string): string => (/^[a-z]{2,3}(-[A-Z]{2})?$/.test(tag) ? (languages.of(tag) ?? tag) : tag);

export const countryName = (code: string): string => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code);

/** `transfer-requested` and `TransferRequested` within a sentence: transfer requested. */
export const inText = (code: string): string =>
  code
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()
    .replaceAll(/\bus\b/g, 'US');

/** As people say it: Transfer requested. */
export function inWords(code: string): string {
  const text = inText(code);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An instant, in UTC as the service counts. */
export const instant = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/** Days are told without the hour at which they begin. */
export const dayOrInstant = (at: string): string => (at.slice(11, 16) === '00:00' ? at.slice(0, 10) : instant(at));

export interface Name {
  readonly givenNames?: string | null;
  readonly familyName?: string | null;
}

export const fullName = (name: Name | null | undefined): string =>
  name ? [name.givenNames, name.familyName].filter(Boolean).join(' ') : 'Erased person';
