import { applyDecorators, type Type } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiSchema, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { isJsonObject, register, registerGroup, type Field } from './field-registry.js';
import { OFFICE, PERSON_ID } from './formats.js';
import * as kinds from './kinds.js';
import type { Kind } from './kinds.js';

// One decorator a field: it is the check, the shape of the body and the OpenAPI schema at once.
// `@Optional()` is the only other one that a field needs; `@OneAtLeast()` stands on the class.

export interface FieldOptions {
  /** Personal data: sealed where it is kept, never logged. */
  readonly personal?: boolean;
  readonly example?: unknown;
  /** What it is called where people fill it in; its name in words, unless told. */
  readonly title?: string;
  readonly description?: string;
}
export interface TimeOptions extends FieldOptions {
  readonly notInFuture?: boolean;
}
export interface ListOptions extends FieldOptions {
  /** 0 and 100 unless told. */
  readonly min?: number;
  readonly max?: number;
  /** No element twice; true unless told. */
  readonly unique?: boolean;
}
/** A decorator of fields that can hold every `V`; on another field it does not compile. */
export type FieldOf<V> = <T extends object, K extends keyof T & string>(target: T, name: K & ([V] extends [T[K]] ? string : never)) => void;
type TextField = (options?: FieldOptions) => FieldOf<string>;

/** 1 to `max` characters, 20,000 unless told. */
export const Text = ({ max = 20_000, ...options }: FieldOptions & { readonly max?: number } = {}): FieldOf<string> =>
  scalar(kinds.text(max), options);
/** 1 to 200 characters. */
export const ShortText: TextField = options => scalar(kinds.text(200), options);
/** What people are called: 1 to `max` characters, 200 unless told, on one line and with a letter. */
export const Name = ({ max = 200, ...options }: FieldOptions & { readonly max?: number } = {}): FieldOf<string> =>
  scalar(kinds.name(max), options);
/** A reference or number of somebody else's, on one line: 1 to `max` characters, 20,000 unless told. */
export const Reference = ({ max = 20_000, ...options }: FieldOptions & { readonly max?: number } = {}): FieldOf<string> =>
  scalar(kinds.line(max), options);
/** A text of a known form; `message` says which, as "must be …". */
export const Matching = (pattern: RegExp, message: string, options?: FieldOptions): FieldOf<string> =>
  scalar(kinds.matching(pattern, message), options);
const personId = (options?: FieldOptions): PropertyDecorator =>
  scalar(kinds.matching(PERSON_ID, 'must be the sub of a token: 1 to 200 letters, digits and . _ @ | : + -, a letter or digit first'), {
    example: 'cw-ana',
    description: 'The name that they sign in with, the `sub` of their token.',
    ...options,
  });
/** The `sub` of somebody who works with the service. */
export const PersonId: TextField = personId;
/** Who interpreted, if anybody: the `sub` of somebody else than whoever sends it. */
export const Interpreter = (options?: FieldOptions): FieldOf<string | undefined> =>
  applyDecorators(
    personId({
      title: 'Interpreter',
      example: 'int-rosa',
      description: 'The name that the interpreter signs in with, the `sub` of their token; never the sender.',
      ...options,
    }),
    (target: object, name: string | symbol) => void register(target, name, { notSender: true }),
    optional,
  );
const office = kinds.matching(OFFICE, 'must be an office: 2 to 5 capital letters');
export const Office: TextField = options => scalar(office, { example: 'ELP', ...options });
/** A kebab-case code. */
export const Code: TextField = options => scalar(kinds.code, options);
/** Why something is done, as a code. */
export const Reason: TextField = options => scalar(kinds.code, { title: 'Reason', ...options });
export const OneOf = <const V extends string>(values: readonly V[], options?: FieldOptions): FieldOf<V> =>
  scalar(kinds.oneOf(values), options);
export const Bool = (options?: FieldOptions): FieldOf<boolean> => scalar(kinds.bool, options);
export const WholeNumber = ({
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
  ...options
}: FieldOptions & { readonly min?: number; readonly max?: number } = {}): FieldOf<number> => scalar(kinds.wholeNumber(min, max), options);
/** Any UUID; it arrives in lower case. */
export const Uuid: TextField = options => scalar(kinds.uuid, options);
export const CaseId: TextField = options => scalar(kinds.caseId, options);
/** As people write it; it arrives as `A` and nine digits. */
export const AlienNumber: TextField = options => scalar(kinds.alienNumber, options);
/** ISO 3166-1 alpha-2. */
export const Country: TextField = options => scalar(kinds.country, options);
/** A country with an agreement. */
export const PartnerCountry = (options?: FieldOptions): FieldOf<(typeof PARTNER_COUNTRIES)[number]> =>
  scalar(kinds.oneOf(PARTNER_COUNTRIES), { example: 'GT', ...options });
/** BCP 47. */
export const Language: TextField = options => scalar(kinds.language, options);
/** `YYYY-MM-DD`. */
export const Day = (options?: TimeOptions): FieldOf<string> => scalar(kinds.day, options);
/** RFC 3339 in UTC; it arrives with `Z`. */
export const Instant = (options?: TimeOptions): FieldOf<string> => scalar(kinds.instant, options);
export const DayOrInstant = (options?: TimeOptions): FieldOf<string> => scalar(kinds.dayOrInstant, options);
/** ISO 8601, `2020-W05`. */
export const Week: TextField = options => scalar(kinds.week, options);
/** ISO 8601, in weeks, days or time. */
export const Duration: TextField = options => scalar(kinds.duration, options);
/** When a report happened: absent, or an instant not in the future. */
export const OccurredAt = (options?: FieldOptions): FieldOf<string | undefined> =>
  applyDecorators(
    scalar(kinds.instant, { notInFuture: true, title: 'When it happened', description: 'Now unless told.', ...options }),
    optional,
  );

export const TextList = ({ length = 200, ...options }: ListOptions & { readonly length?: number } = {}): FieldOf<string[]> =>
  list(kinds.text(length), options);
export const OfficeList = (options?: ListOptions): FieldOf<string[]> => list(office, { example: ['ELP'], ...options });
export const CodeList = (options?: ListOptions): FieldOf<string[]> => list(kinds.code, options);
export const OneOfList = <const V extends string>(values: readonly V[], options?: ListOptions): FieldOf<V[]> =>
  list(kinds.oneOf(values), options);
export const UuidList = (options?: ListOptions): FieldOf<string[]> => list(kinds.uuid, options);
export const CaseIdList = (options?: ListOptions): FieldOf<string[]> => list(kinds.caseId, options);
export const AlienNumberList = (options?: ListOptions): FieldOf<string[]> => list(kinds.alienNumber, options);
export const CountryList = (options?: ListOptions): FieldOf<string[]> => list(kinds.country, options);
export const LanguageList = (options?: ListOptions): FieldOf<string[]> => list(kinds.language, options);
export const DurationList = (options?: ListOptions): FieldOf<string[]> => list(kinds.duration, options);

export const PARTNER_COUNTRIES = ['SV', 'GT', 'HN'] as const;

// What only answers hold.

/** Any text, the empty one too. */
export const AnyText: TextField = options => scalar(kinds.anyText, options);
/** A number that need not be whole. */
export const Figure = (options?: FieldOptions): FieldOf<number> => scalar(kinds.figure, options);
/** How often each code occurs. */
export const Counts = (options?: FieldOptions): FieldOf<Record<string, number>> => scalar(kinds.counts, options);
/** How often each code occurs; null where that is not shown. */
export const PublishedCounts = (options?: FieldOptions): FieldOf<Record<string, number | null>> => scalar(kinds.publishedCounts, options);
/** By stream. */
export const Revisions = (options?: FieldOptions): FieldOf<Record<string, number>> => scalar(kinds.revisions, options);
/** An object whose fields are told elsewhere. */
export const AnyFields = (options?: FieldOptions): FieldOf<object> => scalar(kinds.anyFields, options);
/** Any JSON. */
export const AnyJson = (options?: FieldOptions): FieldOf<unknown> => scalar(kinds.anyJson, options);
/** A list of any length. */
export const ANY_NUMBER: ListOptions = { max: Infinity, unique: false };
export const Rows = <V extends object>(target: () => Type<V>, options?: FieldOptions): FieldOf<V[]> =>
  NestedList(target, { ...ANY_NUMBER, ...options });

// Swagger takes a function for a late type only when it is named `type`: hence `type: () => target()`.

/** An object with the fields of another class. */
export const Nested = <V extends object>(target: () => Type<V>, options?: FieldOptions): FieldOf<V> =>
  field(
    { fits: isJsonObject, message: 'must be an object' },
    { ...options, nested: target },
    { type: () => target(), ...described(options) },
    [ValidateNested()],
  );

export const NestedList = <V extends object>(
  target: () => Type<V>,
  { min = 0, max = 100, unique = true, ...options }: ListOptions = {},
): FieldOf<V[]> =>
  field(
    {
      fits: value => Array.isArray(value) && value.length >= min && value.length <= max && value.every(isJsonObject),
      message: `must be a list of ${min} to ${max} objects`,
    },
    { ...options, nested: target, list: { min, max, unique } },
    { type: () => target(), isArray: true, ...lengths(min, max), ...(unique && { uniqueItems: true }), ...described(options) },
    [ValidateNested({ each: true })],
  );

/** The field may be absent; `null` is still a fault. */
export const Optional = (): FieldOf<undefined> => optional;

const optional: PropertyDecorator = (target, name) => {
  register(target, name, { optional: true });
  ValidateIf((_, value) => value !== undefined)(target, name);
  ApiPropertyOptional()(target, name);
};

/** The field may be absent, or `null`, which takes away what was there. */
export const Clearable = (): FieldOf<null | undefined> => (target, name) => {
  register(target, name, { optional: true, clearable: true });
  ValidateIf((_, value) => value !== undefined && value !== null)(target, name);
  ApiPropertyOptional(clearing({ nullable: true, description: '`null` takes it away.' }))(target, name);
};

/** The list may be absent, or empty, which takes away what was there. */
export const ClearableList = (): FieldOf<undefined> => (target, name) => {
  optional(target, name);
  ApiPropertyOptional(clearing({ description: 'The whole of it: an empty list takes away all that was there.' }))(target, name);
};

/** A form offers a way to say so; whoever leaves a field empty says nothing. */
const clearing = (options: ApiPropertyOptions): ApiPropertyOptions => Object.assign(options, { 'x-clearable': true });

/** Of these optional fields of the class at least one must be there; the last one is named where none is. */
export const OneAtLeast =
  <T extends object>(...names: readonly (keyof T & string)[]) =>
  (target: Type<T>): void => {
    registerGroup(target, names);
    ApiSchema({ anyOf: names.map(name => ({ required: [name] })) } as object)(target);
  };

/** The field of an answer may be null. */
export const Nullable = (): FieldOf<null> => ApiProperty({ nullable: true });

function scalar(kind: Kind, { notInFuture = false, personal = false, ...options }: TimeOptions = {}): PropertyDecorator {
  return field(kind, { personal, kind, notInFuture }, { ...kind.schema, ...described(options), ...(personal && { 'x-personal': true }) });
}

function list(item: Kind, { min = 0, max = 100, unique = true, personal = false, ...options }: ListOptions = {}): PropertyDecorator {
  const { example, ...schema } = item.schema;
  const fits = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length >= min &&
    value.length <= max &&
    value.every(item.fits) &&
    (!unique || new Set(value).size === value.length);
  return field(
    { fits, message: `must be a list of ${min} to ${max}${unique ? ' different' : ''} elements, each of which ${item.message}` },
    { personal, kind: item, list: { min, max, unique } },
    {
      type: 'array',
      items: schema,
      ...lengths(min, max),
      example: example === undefined ? undefined : [example],
      ...(unique && { uniqueItems: true }),
      ...described(options),
      ...(personal && { 'x-personal': true }),
    },
  );
}

function field(
  check: Pick<Kind, 'fits' | 'message'>,
  info: Partial<Field>,
  schema: ApiPropertyOptions,
  others: PropertyDecorator[] = [],
): PropertyDecorator {
  return (target, name) => {
    const { optional } = register(target, name, { ...info, fits: check.fits });
    const constraint = ValidateBy({ name: 'invalid', validator: { validate: check.fits, defaultMessage: () => check.message } });
    applyDecorators(constraint, ApiProperty({ ...schema, required: !optional } as ApiPropertyOptions), ...others)(target, name);
  };
}

const lengths = (min: number, max: number): object => ({ ...(min > 0 && { minItems: min }), ...(max < Infinity && { maxItems: max }) });

function described({ example, title, description }: FieldOptions = {}): ApiPropertyOptions {
  return {
    ...(example !== undefined && { example }),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}
