import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewEvent } from '../../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../../src/event-store/eventstoredb/open-eventstoredb.js';

/**
 * Writes large events as fast as it can, as a process of its own would: `write-under-load.ts <url> <ms>`. Whatever befalls
 * its server, it must end by itself, with 0, and print how many appends were acknowledged.
 */
const [url = '', ms = '0'] = process.argv.slice(2);
const store = await openEventStoreDb(url, { appends: { attemptMs: 1_500, bytesInFlight: 16 * 1024 * 1024 } });
const over = Date.now() + Number(ms);
let acknowledged = 0;
let failed = 0;

function event(): NewEvent {
  const id = randomUUID();
  const at = '2026-01-31T12:00:00.000Z';
  return {
    id,
    type: 'CaseOpened',
    schemaVersion: 1,
    data: { filler: 'x'.repeat(20_000) },
    metadata: {
      actor: { id: 'load', roles: [], office: null },
      commandId: id,
      commandHash: 'c0ffee',
      correlationId: id,
      causationId: id,
      occurredAt: at,
      recordedAt: at,
    },
  };
}

const reader = new AbortController();
const reading = (async () => {
  for await (const { kind } of store.subscribeToAll({ signal: reader.signal })) if (kind === 'events') await sleep(1);
})();
process.stdout.write('writing\n');
await Promise.all(
  Array.from({ length: 96 }, async () => {
    for (let stored = 0; Date.now() < over || stored < 2;) {
      try {
        await store.append([{ stream: `case-${randomUUID()}`, expectedRevision: 'no-stream', events: [event()] }]);
        acknowledged += 1;
        stored += 1;
      } catch {
        failed += 1;
      }
    }
  }),
);
reader.abort();
await reading;
await store.close();
process.stdout.write(`${JSON.stringify({ acknowledged, failed })}\n`);
