import { StoreUnavailable } from '../event-store.js';

/** Our own deadline passed; the client may still be waiting. */
export class TimedOut extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'TimedOut';
  }
}

export type Fault =
  /** Nothing stored: the stream stands elsewhere. */
  | 'conflict'
  /** The stream does not exist. */
  | 'absent'
  /** Passes by itself; the same may be sent again. */
  | 'passing'
  /** Another node leads; the client goes there with the next call. */
  | 'elsewhere'
  /** These credentials may not do this. */
  | 'refused'
  /** Larger than the server takes. */
  | 'too-large'
  /** A stream of ours was tombstoned, by hand. */
  | 'deleted'
  /** A start where no record begins. */
  | 'misplaced'
  /** Whatever else the client rejects with; the outcome is unknown. */
  | 'unknown';

const BY_TYPE: Readonly<Record<string, Fault>> = {
  'wrong-expected-version': 'conflict',
  'stream-not-found': 'absent',
  'stream-deleted': 'deleted',
  'access-denied': 'refused',
  'maximum-append-size-exceeded': 'too-large',
  unavailable: 'passing',
  'deadline-exceeded': 'passing',
  timeout: 'passing',
  'not-leader': 'elsewhere',
  cancelled: 'passing',
};
// CANCELLED, DEADLINE_EXCEEDED, ABORTED ("Commit phase timeout"), UNAVAILABLE.
const PASSING_CODES: readonly unknown[] = [1, 4, 10, 14];
// The second is what a call meets whose channel was closed by the failure of another.
const PASSING_MESSAGES = /^Failed to discover|channel (?:has been|was) shut ?down|commit phase timeout/i;

/** What an error of either client means; some of them carry no type, some no code. */
export function faultOf(error: unknown): Fault {
  if (error instanceof TimedOut || error instanceof StoreUnavailable) return 'passing';
  const { type, code, message = '' } = (error ?? {}) as { type?: string; code?: unknown; message?: string };
  if (/invalid ?position/i.test(message)) return 'misplaced';
  const known = type === undefined ? undefined : BY_TYPE[type];
  if (known !== undefined) return known;
  return PASSING_CODES.includes(code) || PASSING_MESSAGES.test(message) ? 'passing' : 'unknown';
}

/** The work's outcome, or TimedOut after `ms`; what comes later is dropped. The work can ask whether it is late. */
export function inTime<T>(work: (late: () => boolean) => Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new TimedOut(ms));
    }, ms);
    work(() => late)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
