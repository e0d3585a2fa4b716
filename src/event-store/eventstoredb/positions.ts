import { type Position, START } from '../event-store.js';
import type { NativePosition } from './clients.js';

/** As many digits as the largest position has, so that positions compare as text. */
const DIGITS = 19;
const LARGEST = 2n ** 63n - 1n;
const TEXT = /^(\d{19})\/(\d{19})$/;

/** Whether anything can stand there: the server counts in signed numbers, and sends -1, "nowhere yet", as 2^64-1. */
export const isPlace = ({ commit, prepare }: NativePosition): boolean =>
  commit >= 0n && commit <= LARGEST && prepare >= 0n && prepare <= LARGEST;

/** @throws RangeError for what is no place in any store */
export function toPosition(native: NativePosition): Position {
  if (!isPlace(native)) throw new RangeError(`${native.commit}/${native.prepare} is no position of any store`);
  const commit = String(native.commit).padStart(DIGITS, '0');
  // Of all that is no large transaction, the very same.
  return `${commit}/${native.prepare === native.commit ? commit : String(native.prepare).padStart(DIGITS, '0')}`;
}

/** @throws RangeError for what is no position of such a store */
export function fromPosition(position: Position): NativePosition | 'start' {
  if (position === START) return 'start';
  const native = placeIn(position);
  if (!native) throw new RangeError('not a position of this store');
  return native;
}

/** The start of all is no place of an event. */
export const isPosition = (text: string): boolean => placeIn(text) !== undefined;

function placeIn(text: string): NativePosition | undefined {
  const [, commit, prepare] = TEXT.exec(text) ?? [];
  if (commit === undefined || prepare === undefined) return undefined;
  const native = { commit: BigInt(commit), prepare: BigInt(prepare) };
  return isPlace(native) ? native : undefined;
}
