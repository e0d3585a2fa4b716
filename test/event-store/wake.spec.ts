import { expect, test } from '@jest/globals';
import { Wake } from '../../src/event-store/postgres/wake.js';

const NEVER = 3_600_000;
const { signal } = new AbortController();

test('whoever has slept long enough wakes the others, so that they look together', async () => {
  const wake = new Wake();
  const { ticket } = wake;
  await Promise.all([wake.sleep(ticket, NEVER, signal), wake.sleep(ticket, 1, signal), wake.sleep(ticket, NEVER, signal)]);
  // Nobody has called: what was read without a hint is still the end.
  expect(wake.ticket).toBe(ticket);
});

test('a call wakes all, and is not missed by who was awake', async () => {
  const wake = new Wake();
  const { ticket } = wake;
  const sleeping = wake.sleep(ticket, NEVER, signal);
  wake.call();
  await sleeping;
  await wake.sleep(ticket, NEVER, signal);
  expect(wake.ticket).toBeGreaterThan(ticket);
});

test('one who goes away wakes nobody', async () => {
  const wake = new Wake();
  const going = new AbortController();
  const woken: string[] = [];
  const staying = wake.sleep(wake.ticket, NEVER, signal).then(() => woken.push('who stays'));
  const gone = wake.sleep(wake.ticket, NEVER, going.signal);
  going.abort();
  await gone;
  expect(woken).toEqual([]);
  wake.call();
  await staying;
});
