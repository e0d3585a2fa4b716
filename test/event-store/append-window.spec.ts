import { expect, test } from '@jest/globals';
import { type AppendResult, StoreUnavailable } from '../../src/event-store/event-store.js';
import { AppendWindow, DEFAULT_LIMITS } from '../../src/event-store/eventstoredb/append-window.js';
import type { StoredAppend } from '../../src/event-store/eventstoredb/stored-form.js';

const STORED: AppendResult = { outcome: 'ok', revision: 0, position: 'p' };
const to = (stream: string): StoredAppend => ({ stream, expected: 'no_stream', events: [], bytes: 1 });

test('appends go side by side again when one that was suspected gave up waiting for its turn', async () => {
  const sent: string[] = [];
  const failed = new Set<string>();
  let release = (): void => undefined;
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  const window = new AppendWindow(
    async ({ stream }) => {
      sent.push(stream);
      if (stream.startsWith('case-odd') && !failed.has(stream)) {
        failed.add(stream);
        throw new Error('that means nothing');
      }
      await released;
      return STORED;
    },
    async () => undefined,
    { ...DEFAULT_LIMITS, deadlineMs: 400, attemptMs: 60_000 },
  );

  // Both fail together, then one at a time: the first takes so long that the second's deadline passes before its turn.
  const suspects = await Promise.allSettled([window.push(to('case-odd-1')), window.push(to('case-odd-2'))]);
  expect(suspects).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })));
  expect(sent.filter(stream => stream === 'case-odd-2')).toHaveLength(1);
  release();
  await window.push(to('case-next'));

  sent.length = 0;
  const beside = Array.from({ length: 5 }, (_, n) => window.push(to(`case-${n}`)));
  expect(sent).toHaveLength(5);
  await Promise.all(beside);
  await window.close();
});
