import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits longer after every failure in a row, with jitter, from 0.1 s up to 5 s. */
export class BackOff {
  private failures = 0;

  reset(): void {
    this.failures = 0;
  }

  /** Resolves early when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const longest = Math.min(5_000, 100 * 2 ** this.failures++);
    await pause(longest / 2 + Math.random() * (longest / 2), signal);
  }
}

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // All followers may wait on the one signal; each goes away when its wait ends.
  setMaxListeners(0, signal);
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

/**
 * What went wrong and where, without the message: those of PostgreSQL and of parsers quote values,
 * and a value may be somebody's name.
 */
export function describeSafely(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const { code, table, column, constraint } = error as { code?: string; table?: string; column?: string; constraint?: string };
  const frame = error.stack
    ?.split('\n')
    .find(line => /^\s+at .*\/(?:src|dist|test)\//.test(line))
    ?.trim();
  const parts = [error.name, code, table && `table ${table}`, column && `column ${column}`, constraint && `constraint ${constraint}`];
  return [...parts.filter(Boolean), frame?.replace(/\(?(?:file:\/\/)?\/\S*\/((?:src|dist|test)\/)/, '($1')].filter(Boolean).join(', ');
}
