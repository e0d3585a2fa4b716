import { type Position, START } from '../event-store.js';
import type { NativePosition } from './clients.js';

/** As many digits as the largest position has, so that positions compare as text. */
const DIGITS = 19;
const TEXT = /^(\d{19})\/(\d{19})$/;

export const toPosition = ({ commit, prepare }: NativePosition): Position =>
  `${String(commit).padStart(DIGITS, '0')}/${String(prepare).padStart(DIGITS, '0')}`;

/** @throws RangeError for what is no position of such a store */
export function fromPosition(position: Position): NativePosition | 'start' {
  if (position === START) return 'start';
  const [, commit, prepare] = TEXT.exec(position) ?? [];
  if (commit === undefined || prepare === undefined) throw new RangeError('not a position of this store');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}
