import type { Type } from '@nestjs/common';
import { getMetadataStorage, validateSync, type MetadataStorage, type ValidationError } from 'class-validator';
import { fieldsOf, groupOf, isJsonObject, type Field } from './field-registry.js';
import type { Kind } from './kinds.js';

export interface Fault {
  /** JSON pointer into the body, or the parameter's name after a slash; absent for a header. */
  readonly pointer?: string;
  readonly code: string;
  readonly message: string;
}

/** What was sent does not fit. Messages never repeat it. */
export class ValidationFailed extends Error {
  constructor(
    readonly faults: readonly Fault[],
    readonly code: string = 'validation-failed',
  ) {
    super('What was sent does not fit.');
    this.name = 'ValidationFailed';
  }
}

export interface Examined<T> {
  readonly value: T;
  readonly faults: readonly Fault[];
}

// A megabyte of wrong fields must not become megabytes of answer.
const MOST_FAULTS = 100;
const REPEATED = 'stands in the list already';
const OPTIONS = { forbidUnknownValues: false, validationError: { target: false } };

rememberRules(getMetadataStorage());

/**
 * The body as an instance of its class; a missing one counts as `{}`.
 * @param now RFC 3339 UTC: what "not in the future" is measured by
 * @throws ValidationFailed with every fault
 */
export function validated<T extends object>(target: Type<T>, body: unknown, now: string): T {
  return orRefused(examined(target, body, now));
}

/** The same for a query or path, whose numbers and booleans are sent as text. @throws ValidationFailed */
export function validatedParameters<T extends object>(target: Type<T>, sent: unknown, now: string): T {
  return orRefused(examined(target, fromText(target, sent), now));
}

/**
 * The instance together with its faults, for who has more to check. With faults it must not be used.
 * @param sender the `sub` of who sent it
 */
export function examined<T extends object>(target: Type<T>, body: unknown = {}, now: string, sender?: string): Examined<T> {
  const faults: Fault[] = [];
  const value = instanceOf(target, body, { at: '', now, sender, faults });
  if (value === null) return { value: new target(), faults: [{ pointer: '', code: 'invalid', message: 'must be an object' }] };
  // Most bodies fit: what is wrong with one, and where, is found out only then.
  if (!allFit(fieldsOf(target), value)) for (const error of validateSync(value, OPTIONS)) describe(error, fieldsOf(target), '', faults);
  return { value, faults: faults.length > MOST_FAULTS ? faults.slice(0, MOST_FAULTS) : faults };
}

/** Whether every field holds what it may. */
function allFit(fields: ReadonlyMap<string, Field>, instance: object): boolean {
  for (const [name, { fits, nested, optional, clearable }] of fields) {
    const value = (instance as Readonly<Record<string, unknown>>)[name];
    if (value === undefined && optional) continue;
    if (value === null && clearable) continue;
    if (!fits?.(value)) return false;
    if (!nested) continue;
    const within = fieldsOf(nested());
    if (Array.isArray(value) ? !value.every(part => allFit(within, part as object)) : !allFit(within, value as object)) return false;
  }
  return true;
}

/** For each object class-validator sorts out anew what its class asks for. Classes do not change, and no groups are used here. */
function rememberRules(rules: MetadataStorage): void {
  type Rules = ReturnType<MetadataStorage['getTargetValidationMetadatas']>;
  const known = new Map<unknown, Rules>();
  const lookUp = rules.getTargetValidationMetadatas.bind(rules);
  rules.getTargetValidationMetadatas = (target, ...how) => {
    const found = known.get(target) ?? lookUp(target, ...how);
    known.set(target, found);
    return found;
  };
  const grouped = new WeakMap<Rules, ReturnType<MetadataStorage['groupByPropertyName']>>();
  const group = rules.groupByPropertyName.bind(rules);
  rules.groupByPropertyName = found => {
    const groups = grouped.get(found) ?? group(found);
    grouped.set(found, groups);
    return groups;
  };
}

function orRefused<T>({ value, faults }: Examined<T>): T {
  if (faults.length > 0) throw new ValidationFailed(faults);
  return value;
}

interface Place {
  /** JSON pointer. */
  readonly at: string;
  readonly now: string;
  readonly sender?: string | undefined;
  readonly faults: Fault[];
}

/**
 * An instance with the class's own fields only, as deep as the class is: class-transformer would follow a
 * sender into depths, crowds and prototypes. Reports unknown fields and future dates; null where there is no object.
 */
function instanceOf<T extends object>(target: Type<T>, sent: unknown, place: Place): T | null {
  if (!isJsonObject(sent)) return null;
  const { at, faults } = place;
  const fields = fieldsOf(target);
  const instance = new target() as T & Record<string, unknown>;
  for (const name of Object.keys(sent)) {
    const field = fields.get(name);
    if (field) (instance as Record<string, unknown>)[name] = valueOf(field, sent[name], { ...place, at: `${at}/${name}` });
    else if (faults.length <= MOST_FAULTS)
      faults.push({ pointer: `${at}/${escaped(name)}`, code: 'unknown-field', message: 'is not a field here' });
  }
  const group = groupOf(target);
  if (group.length > 0 && group.every(name => sent[name] === undefined))
    faults.push({ pointer: `${at}/${group.at(-1)}`, code: 'missing', message: `is missing: one of ${group.join(', ')} must be there` });
  return instance;
}

/** What cannot be right becomes what no field takes: null, or a list where one value is asked for. */
function valueOf(field: Field, value: unknown, place: Place): unknown {
  const { nested, list, kind } = field;
  if (value === undefined) return undefined;
  if (list) {
    if (!Array.isArray(value) || value.length > list.max) return null;
    if (nested) {
      const parts = value.map((part, index) => instanceOf(nested(), part, { ...place, at: `${place.at}/${index}` }));
      if (list.unique) repeatsAmong(parts, place);
      return parts;
    }
    return value.map(part => scalarOf(kind, part));
  }
  if (nested) return instanceOf(nested(), value, place);
  if (field.clearable && value === null) return null;
  if (field.notInFuture && kind?.isAfter && kind.fits(value) && kind.isAfter(value as string, place.now)) {
    place.faults.push({ pointer: place.at, code: 'in-the-future', message: 'must not be in the future' });
  }
  if (field.notSender && value === place.sender)
    place.faults.push({ pointer: place.at, code: 'invalid', message: 'must be somebody else than who sends it' });
  return scalarOf(kind, value);
}

function repeatsAmong(parts: readonly (object | null)[], { at, faults }: Place): void {
  const seen = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const told = JSON.stringify(Object.entries(part ?? {}).sort());
    if (seen.has(told)) faults.push({ pointer: `${at}/${index}`, code: 'invalid', message: REPEATED });
    seen.add(told);
  }
}

function scalarOf(kind: Kind | undefined, value: unknown): unknown {
  if (typeof value === 'object') return [];
  return typeof value === 'string' && kind?.normalise ? kind.normalise(value) : value;
}

function describe(error: ValidationError, fields: ReadonlyMap<string, Field>, at: string, faults: Fault[]): void {
  const pointer = `${at}/${error.property}`;
  const field = fields.get(error.property);
  const [message] = Object.values(error.constraints ?? {});
  if (message !== undefined) {
    if (error.value === undefined) faults.push({ pointer, code: 'missing', message: 'is missing' });
    else faults.push(...(elementsAtFault(field, error.value, pointer) ?? [{ pointer, code: 'invalid', message }]));
    return;
  }
  const { nested, list } = field ?? {};
  if (!nested) return;
  for (const child of error.children ?? []) {
    if (list) for (const inner of child.children ?? []) describe(inner, fieldsOf(nested()), `${pointer}/${child.property}`, faults);
    else describe(child, fieldsOf(nested()), pointer, faults);
  }
}

/** A list with wrong elements, or with one twice, is reported element by element; a list that is wrong as a whole is not. */
function elementsAtFault(field: Field | undefined, value: unknown, pointer: string): Fault[] | undefined {
  const { kind, list } = field ?? {};
  if (!kind || !list || !Array.isArray(value)) return undefined;
  const faults = value.flatMap((part: unknown, index) => {
    const message = !kind.fits(part) ? kind.message : list.unique && value.indexOf(part) < index ? REPEATED : undefined;
    return message === undefined ? [] : [{ pointer: `${pointer}/${index}`, code: 'invalid', message }];
  });
  return faults.length > 0 ? faults : undefined;
}

function fromText(target: Type, sent: unknown): unknown {
  if (!isJsonObject(sent)) return sent;
  const fields = fieldsOf(target);
  const read = Object.entries(sent).map(([name, value]) => {
    const { kind, list } = fields.get(name) ?? {};
    const one = (text: unknown): unknown => (typeof text === 'string' && kind?.fromText ? kind.fromText(text) : text);
    if (list) return [name, (Array.isArray(value) ? value : [value]).map(one)];
    return [name, one(value)];
  });
  return Object.fromEntries(read);
}

/** RFC 6901, and short enough for an answer. */
const escaped = (name: string): string => name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
