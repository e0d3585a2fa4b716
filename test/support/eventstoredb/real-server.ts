import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../../src/database/file-lock.js';

/** A server that tests may write to; what they store there stays there. */
export const REAL_SERVER = process.env['TEST_EVENT_STORE_URL'] || undefined;

const LOCK = join(tmpdir(), 'caseledger-real-server.lock');
const PATIENCE_MS = 15 * 60_000;

/** A journey has the server for itself until it calls what this resolves with. */
export function haveAlone(): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const over = withLock(
      LOCK,
      PATIENCE_MS,
      () =>
        new Promise<void>(release => {
          resolve(async () => {
            release();
            await over;
          });
        }),
    );
    over.catch(reject);
  });
}

/** Resolves when no journey has it. */
export const whenFree = (): Promise<void> => withLock(LOCK, PATIENCE_MS, async () => undefined);
