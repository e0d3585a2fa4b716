import { isDay, isInstant, isUuid, isWeek } from '../fields/formats.js';
import type { DomainEvent } from './stream-kind.js';

/** What a stored value must look like: each misfit says where and why, and never what stands there. */
export interface AnyShape {
  readonly misfits: (value: unknown, at: string) => readonly string[];
  readonly isOptional?: boolean;
}

/** Of values of exactly that type: one that takes more, or less, does not compile in its place. */
export interface Shape<T> extends AnyShape {
  /** Never set; it tells shapes of different types apart. */
  readonly describes?: (value: T) => T;
}

export type Fields<T> = { readonly [Name in keyof T]-?: Shape<T[Name]> };
type DataOf<E extends DomainEvent, Type extends E['type']> = Extract<E, { type: Type }>['data'];

/** What an event holds; `personal` is null where there is none, it is sealed or its key was destroyed. */
export interface Content<Data = object, Personal = object> {
  readonly data: Data;
  readonly personal: Personal | null;
}

/** An earlier schema version of an event. */
export interface Former {
  readonly data: Readonly<Record<string, AnyShape>>;
  /** The same event as the next version holds it. */
  upcast(content: Content): Content;
}

export const former = <Data extends object, Personal extends object>(
  data: Fields<Data>,
  upcast: (content: Content<Data, Personal>) => Content,
): Former => ({
  data,
  upcast,
});

/**
 * Every event type that a stream may hold, and what its data is in each schema version from 1: the newest, the last, is held to the type.
 */
export type Described<E extends DomainEvent> = {
  readonly [Type in E['type']]: readonly [...Former[], Fields<DataOf<E, Type>>];
};

const scalar = <T>(fits: (value: unknown) => boolean, what: string): Shape<T> => ({
  misfits: (value, at) => (fits(value) ? [] : [`${at} is no ${what}`]),
});

export const text = scalar<string>(value => typeof value === 'string', 'text');
export const flag = scalar<boolean>(value => typeof value === 'boolean', 'yes or no');
export const wholeNumber = scalar<number>(Number.isSafeInteger, 'whole number');
export const uuid = scalar<string>(isUuid, 'UUID');
export const instant = scalar<string>(isInstant, 'instant');
export const day = scalar<string>(isDay, 'day');
export const dayOrInstant = scalar<string>(value => isDay(value) || isInstant(value), 'day or instant');
export const week = scalar<string>(isWeek, 'week');
export const oneOf = <const Values extends readonly string[]>(values: Values): Shape<Values[number]> =>
  scalar(value => (values as readonly unknown[]).includes(value), `one of ${values.join(', ')}`);

export const optional = <T>({ misfits }: Shape<T>): Shape<T | undefined> => ({
  misfits: (value, at) => (value === undefined ? [] : misfits(value, at)),
  isOptional: true,
});
export const nullable = <T>({ misfits }: Shape<T>): Shape<T | null> => ({
  misfits: (value, at) => (value === null ? [] : misfits(value, at)),
});

export const list = <T>(item: Shape<T>): Shape<readonly T[]> => ({
  misfits: (value, at) =>
    Array.isArray(value) ? value.flatMap((one, index) => item.misfits(one, `${at}/${index}`)) : [`${at} is no list`],
});

/** By names that are not known beforehand, and are not told. */
export const dictionary = <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  misfits: (value, at) =>
    isObject(value) ? [...new Set(Object.values(value).flatMap(one => item.misfits(one, `${at}/*`)))] : [`${at} is no object`],
});

/** With these fields; others may stand beside them, as a newer version may have written. */
export const record = <T extends object>(fields: Fields<T>): Shape<T> => ({ misfits: (value, at) => misfitsOf(fields, value, at) });

export function misfitsOf(fields: Readonly<Record<string, AnyShape>>, value: unknown, at: string): readonly string[] {
  if (!isObject(value)) return [`${at} is no object`];
  return Object.entries(fields).flatMap(([name, { misfits, isOptional }]) => {
    const field = value[name];
    if (field === undefined) return isOptional ? [] : [`${at}/${name} is missing`];
    return misfits(field, `${at}/${name}`);
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
