import { isISO31661Alpha2 } from 'class-validator';
import {
  ALIEN_NUMBER,
  canonicalAlienNumber,
  canonicalLanguage,
  isCode,
  isDay,
  isDuration,
  isInstant,
  isLanguage,
  isLine,
  isName,
  isText,
  isUuid,
  isWeek,
  tidied,
} from './formats.js';

/** What may stand in a field: how it is checked, said and described. Messages never repeat what was sent. */
export interface Kind {
  readonly fits: (value: unknown) => boolean;
  readonly message: string;
  /** JSON Schema, for OpenAPI. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly normalise?: (value: string) => string;
  /** The value that a query's text stands for; without it the text itself. */
  readonly fromText?: (text: string) => unknown;
  /** Whether a value that fits lies after `now`; asked only of fields that may not. */
  readonly isAfter?: (value: string, now: string) => boolean;
}

const WHOLE_SECOND = '2020-01-13T15:00:00Z'.length;
/** Whole seconds in UTC are ordered as text, which is a good deal cheaper. */
const instantIsAfter = (value: string, now: string): boolean =>
  value.length === WHOLE_SECOND && now.length === WHOLE_SECOND ? value > now : Date.parse(value) > Date.parse(now);
const dayIsAfter = (value: string, now: string): boolean => value > now.slice(0, 10);
const inZulu = (value: string): string => (value.endsWith('+00:00') ? `${value.slice(0, -6)}Z` : value);

/** Line breaks and tabs stay. */
export const text = (max: number): Kind => texts(max, isText, `must be a text of 1 to ${max} characters, one of which can be seen`);
export const line = (max: number): Kind =>
  texts(max, isLine, `must be a text of 1 to ${max} characters on one line, without control, format or bidirectional characters`);
export const name = (max: number): Kind =>
  texts(
    max,
    isName,
    `must be a name of 1 to ${max} characters with a letter, on one line, without control, format or bidirectional characters`,
  );

const texts = (max: number, fits: (value: unknown, max: number) => boolean, message: string): Kind => ({
  fits: value => fits(value, max),
  message,
  schema: { type: 'string', minLength: 1, maxLength: max, example: 'text' },
  normalise: tidied,
});

export const matching = (pattern: RegExp, message: string): Kind => ({
  fits: value => typeof value === 'string' && value.length <= 1000 && pattern.test(value),
  message,
  schema: { type: 'string', pattern: pattern.source },
});

export const alienNumber: Kind = {
  fits: value => typeof value === 'string' && ALIEN_NUMBER.test(value),
  message: 'must be an alien number: 7 to 9 digits, with or without A, blanks, dashes, dots and #',
  schema: { type: 'string', maxLength: 50, example: 'A200000001' },
  normalise: canonicalAlienNumber,
};

export const oneOf = (values: readonly string[]): Kind => {
  const known = new Set<unknown>(values);
  return {
    fits: value => known.has(value),
    message: `must be one of ${values.join(', ')}`,
    schema: { type: 'string', enum: [...values], example: values[0] },
  };
};

export const wholeNumber = (min: number, max: number): Kind => ({
  fits: value => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  message: `must be a whole number from ${min} to ${max}`,
  schema: { type: 'integer', minimum: min, maximum: max, example: min },
  fromText: text => (/^-?\d{1,15}$/.test(text) ? Number(text) : text),
});

export const bool: Kind = {
  fits: value => typeof value === 'boolean',
  message: 'must be true or false',
  schema: { type: 'boolean', example: true },
  fromText: text => (text === 'true' ? true : text === 'false' ? false : text),
};

export const code: Kind = {
  fits: isCode,
  message: 'must be a code of lower-case words joined by hyphens',
  schema: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 100, example: 'other' },
};

export const uuid: Kind = {
  fits: isUuid,
  message: 'must be a UUID',
  schema: { type: 'string', format: 'uuid', example: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e' },
  normalise: value => value.toLowerCase(),
};

/** Of a case: people know it by the name of its person. */
export const caseId: Kind = { ...uuid, schema: { ...uuid.schema, 'x-named': 'case' } };

export const country: Kind = {
  fits: value => typeof value === 'string' && /^[A-Z]{2}$/.test(value) && isISO31661Alpha2(value),
  message: 'must be a country of ISO 3166-1, in two capital letters',
  schema: { type: 'string', pattern: '^[A-Z]{2}$', example: 'HN', 'x-named': 'country' },
};

export const language: Kind = {
  fits: isLanguage,
  message: 'must be a language tag of BCP 47 that names a language',
  schema: { type: 'string', maxLength: 100, example: 'es', 'x-named': 'language' },
  normalise: canonicalLanguage,
};

export const day: Kind = {
  fits: isDay,
  message: 'must be a day that exists, YYYY-MM-DD',
  schema: { type: 'string', format: 'date', example: '2020-01-13' },
  isAfter: dayIsAfter,
};

export const instant: Kind = {
  fits: isInstant,
  message: 'must be an instant of RFC 3339 in UTC, such as 2020-01-13T15:00:00Z',
  schema: { type: 'string', format: 'date-time', example: '2020-01-13T15:00:00Z' },
  normalise: inZulu,
  isAfter: instantIsAfter,
};

export const dayOrInstant: Kind = {
  fits: value => isDay(value) || isInstant(value),
  message: 'must be a day, YYYY-MM-DD, or an instant of RFC 3339 in UTC',
  schema: {
    anyOf: [
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
    ],
    example: '2020-01-13',
  },
  normalise: inZulu,
  isAfter: (value, now) => (value.length === 10 ? dayIsAfter : instantIsAfter)(value, now),
};

export const week: Kind = {
  fits: isWeek,
  message: 'must be a week of ISO 8601, such as 2020-W05',
  schema: { type: 'string', pattern: '^\\d{4}-W(0[1-9]|[1-4]\\d|5[0-3])$', example: '2020-W05' },
};

export const duration: Kind = {
  fits: isDuration,
  message: 'must be a duration of ISO 8601 in weeks, days or time, such as P30D',
  schema: { type: 'string', format: 'duration', example: 'P30D' },
};

const anything = { fits: () => true, message: 'must be there' };
export const anyText: Kind = { ...anything, schema: { type: 'string' } };
export const figure: Kind = { ...anything, schema: { type: 'number' } };
export const counts: Kind = { ...anything, schema: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } };
/** Null where it is not shown. */
export const publishedCounts: Kind = {
  ...anything,
  schema: { type: 'object', additionalProperties: { type: 'integer', minimum: 0, nullable: true } },
};
/** -1 where there was no event yet. */
export const revisions: Kind = { ...anything, schema: { type: 'object', additionalProperties: { type: 'integer', minimum: -1 } } };
export const anyFields: Kind = { ...anything, schema: { type: 'object', additionalProperties: true } };
export const anyJson: Kind = {
  ...anything,
  schema: {
    anyOf: ['object', 'array', 'string', 'number', 'boolean', 'null'].map(type => ({ type, ...(type === 'array' && { items: {} }) })),
  },
};
