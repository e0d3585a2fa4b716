import { ValidationFailed } from '../fields/validation.js';

type Place = readonly (string | number)[];

/** Where a list goes on. Opaque, but not secret: nothing personal may be part of it. */
export const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');

/**
 * The place that a cursor stands for; undefined without one.
 * @param isPlace whether it is one that this list, sorted as it is, would have given
 * @param pointer to the parameter that it came in
 * @throws ValidationFailed
 */
export function placeOf<P extends Place>(
  cursor: string | undefined,
  isPlace: (place: unknown) => place is P,
  pointer = '/cursor',
): P | undefined {
  if (cursor === undefined) return undefined;
  const place = parsed(cursor);
  if (isPlace(place) && cursorOf(place) === cursor) return place;
  throw wrongCursor(pointer);
}

export const wrongCursor = (pointer: string, message = 'must be as this list returned it'): ValidationFailed =>
  new ValidationFailed([{ pointer, code: 'invalid', message }]);

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
