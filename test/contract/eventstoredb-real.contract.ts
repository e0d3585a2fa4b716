import { it } from '@jest/globals';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { Line } from '../support/eventstoredb/line.js';
import { REAL_SERVER, whenFree } from '../support/eventstoredb/real-server.js';
import { everyEventStore } from './event-store.contract.js';

/** The same suite on the server that TEST_EVENT_STORE_URL names; what it stores there stays there. */
export function overRealServer(name: string, scheme: 'esdb' | 'kurrentdb'): void {
  if (REAL_SERVER === undefined) {
    it.skip(`${name} on a real server: TEST_EVENT_STORE_URL is not set`, () => undefined);
    return;
  }
  everyEventStore(`${name} on the server of TEST_EVENT_STORE_URL`, async () => {
    await whenFree();
    const { url, line } = await throughLine(REAL_SERVER!.replace(/^(?:esdb|kurrentdb)/, scheme));
    const open = () => openEventStoreDb(url);
    const store = await open();
    return {
      store,
      reopen: open,
      disconnect: async () => line?.cut(),
      stop: async () => {
        await store.close();
        await line?.close();
      },
    };
  });
}

/** One server on this machine is reached through a line that can be cut; a cluster names its nodes itself. */
async function throughLine(url: string): Promise<{ url: string; line?: Line }> {
  const [, before, port] = /^(\w+:\/\/(?:[^@]*@)?(?:localhost|127\.0\.0\.1)):(\d+)(?=[/?]|$)/.exec(url) ?? [];
  if (before === undefined) return { url };
  const line = new Line(Number(port));
  await line.open(0);
  return { url: url.replace(`${before}:${port}`, `${before}:${line.port}`), line };
}
