import type { Type } from '@nestjs/common';
import type { Kind } from './kinds.js';

/** What is known of one field of a body, query or path. */
export interface Field {
  readonly optional: boolean;
  /** `null` takes the value away. */
  readonly clearable?: boolean;
  readonly personal: boolean;
  /** The class of an object, or of a list's objects. */
  readonly nested?: () => Type;
  /** What a value, or each element of a list, must be; absent where `nested` is. */
  readonly kind?: Kind;
  /** Whether a value, as a whole, is one of the field; what a nested class asks for is asked there. */
  readonly fits?: (value: unknown) => boolean;
  readonly list?: { readonly min: number; readonly max: number; readonly unique?: boolean };
  readonly notInFuture?: boolean;
  /** Names somebody else than whoever sends it. */
  readonly notSender?: boolean;
}

const declared = new Map<object, Map<string, Field>>();
const groups = new Map<Type, readonly string[]>();
const resolved = new WeakMap<Type, ReadonlyMap<string, Field>>();

/** Adds to what is known of a field; decorators of one field may come in any order. */
export function register(prototype: object, name: string | symbol, more: Partial<Field>): Field {
  const own = declared.get(prototype) ?? new Map<string, Field>();
  declared.set(prototype, own);
  const whole = { optional: false, personal: false, ...own.get(String(name)), ...more };
  own.set(String(name), whole);
  return whole;
}

/** One of these optional fields, at least, must be there. */
export const registerGroup = (target: Type, names: readonly string[]): void => void groups.set(target, names);

export const groupOf = (target: Type): readonly string[] => groups.get(target) ?? [];

/** The fields of a class, inherited ones first. */
export function fieldsOf(target: Type): ReadonlyMap<string, Field> {
  const known = resolved.get(target);
  if (known) return known;
  const fields = new Map<string, Field>();
  for (const prototype of lineage(target.prototype as object)) {
    for (const [name, field] of declared.get(prototype) ?? []) fields.set(name, field);
  }
  resolved.set(target, fields);
  return fields;
}

/** A class that its fields describe, rather than a primitive or a foreign one. */
export const isDescribed = (target: unknown): target is Type =>
  typeof target === 'function' && target !== Object && lineage(target.prototype as object).some(prototype => declared.has(prototype));

export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function lineage(prototype: object | null | undefined): object[] {
  if (!prototype || prototype === Object.prototype) return [];
  return [...lineage(Object.getPrototypeOf(prototype) as object | null), prototype];
}

/** Whether a body, as it was sent, holds personal data of this class, nested fields included. */
export function hasPersonalField(target: Type, body: unknown): boolean {
  if (!isJsonObject(body)) return false;
  for (const [name, info] of fieldsOf(target)) {
    const value = body[name];
    if (value === undefined || value === null || !Object.hasOwn(body, name)) continue;
    if (info.personal) return true;
    const { nested } = info;
    if (nested && (Array.isArray(value) ? value : [value]).some(part => hasPersonalField(nested(), part))) return true;
  }
  return false;
}
