/** A value that has no I-JSON form (RFC 7493). The message names the place, never the value. */
export class NotCanonical extends Error {
  constructor(reason: string, path: readonly (string | number)[]) {
    super(`${reason} at ${['$', ...path].join('.')}`);
    this.name = 'NotCanonical';
  }
}

const FEW_KEYS = 24;
/** Deeper than any event of ours, and far below what PostgreSQL's JSON parser has stack for. */
const MAX_DEPTH = 100;

// Quotes, backslashes, control characters, and surrogates that are not part of a pair.
const NEEDS_CARE = /["\\\p{Cc}\p{Cs}]/u;
const LONE_SURROGATE = /\p{Cs}/u;
// JavaScript moves such keys to the front of an object, so their order would not survive parsing.
const INTEGER_LIKE = /^(?:0|[1-9]\d{0,9})$/;

/**
 * The RFC 8785 form of an I-JSON value: the one text of it, which survives parsing and is what proofs are made over.
 * Duplicate keys cannot occur in a value; whoever parses text refuses them there.
 * @throws NotCanonical for what I-JSON or PostgreSQL cannot hold: undefined, functions, bigint, NaN, infinities, -0,
 * integers beyond 2^53 - 1, integer-like keys, lone surrogates, U+0000, objects that are not plain.
 */
export function canonicalJson(value: unknown): string {
  return emit(value, [], 0);
}

/**
 * Whether a text is the RFC 8785 form of what it was parsed to. Escapes of code units are looked at slowly: what I-JSON cannot hold is
 * written with one, and little else is.
 */
export function isCanonical(text: string, parsed: unknown): boolean {
  if (!text.includes('\\u') && isInOrder(parsed, 0)) return JSON.stringify(parsed) === text;
  try {
    return canonicalJson(parsed) === text;
  } catch (error) {
    if (error instanceof NotCanonical) return false;
    throw error;
  }
}

/** Of what was parsed: keys sorted, and nothing that `canonicalJson` refuses but for strings. */
function isInOrder(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every(item => isInOrder(item, depth + 1));
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || isIntegerLike(key) || !isInOrder((value as Record<string, unknown>)[key], depth + 1)) return false;
    before = key;
  }
  return true;
}

// One pass that checks and writes: half the time of a check followed by the `canonicalize` package, which is its test.
function emit(value: unknown, path: (string | number)[], depth: number): string {
  switch (typeof value) {
    case 'string':
      return emitString(value, path, depth);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return emitNumber(value, path, depth);
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw refusal('nested too deeply', path, depth);
      return Array.isArray(value) ? emitArray(value, path, depth) : emitObject(value, path, depth);
    default:
      throw refusal(`${typeof value} is not JSON`, path, depth);
  }
}

function emitString(value: string, path: (string | number)[], depth: number): string {
  if (!NEEDS_CARE.test(value)) return `"${value}"`;
  if (value.includes('\0')) throw refusal('U+0000', path, depth);
  if (LONE_SURROGATE.test(value)) throw refusal('lone surrogate', path, depth);
  return JSON.stringify(value);
}

function emitNumber(value: number, path: (string | number)[], depth: number): string {
  if (!Number.isFinite(value)) throw refusal('number that is not finite', path, depth);
  if (Object.is(value, -0)) throw refusal('negative zero', path, depth);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw refusal('integer beyond 2^53 - 1', path, depth);
  return String(value);
}

function emitArray(value: readonly unknown[], path: (string | number)[], depth: number): string {
  let text = '[';
  for (let index = 0; index < value.length; index++) {
    if (index > 0) text += ',';
    path[depth] = index;
    text += emit(value[index], path, depth + 1);
  }
  return `${text}]`;
}

function emitObject(value: object, path: (string | number)[], depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && !isPlainPrototype(prototype)) throw refusal('object that is not plain', path, depth);
  let text = '';
  for (const key of inOrder(Object.keys(value))) {
    path[depth] = key;
    if (isIntegerLike(key)) throw refusal('integer-like key', path, depth + 1);
    const separator = text === '' ? '{' : ',';
    text += `${separator}${emitString(key, path, depth + 1)}:${emit((value as Record<string, unknown>)[key], path, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** By UTF-16 code units, as `sort` does, which for a few keys takes two to three times as long and leaves garbage. */
function inOrder(keys: string[]): string[] {
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let next = 1; next < keys.length; next++) {
    const key = keys[next] as string;
    let place = next;
    for (; place > 0 && (keys[place - 1] as string) > key; place--) keys[place] = keys[place - 1] as string;
    keys[place] = key;
  }
  return keys;
}

function isIntegerLike(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && INTEGER_LIKE.test(key);
}

// A plain object of another realm (a test runner's sandbox) is plain too: its prototype has no prototype.
function isPlainPrototype(prototype: unknown): boolean {
  return (
    prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}

function refusal(reason: string, path: (string | number)[], depth: number): NotCanonical {
  return new NotCanonical(reason, path.slice(0, depth));
}
