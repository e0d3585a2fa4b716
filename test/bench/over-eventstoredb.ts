import type { OverEventStoreDb } from './event-store.js';
import type { Resources } from './resources.js';
import { inProcessOfItsOwn } from './service.js';
import { perSecond, times, type Row } from './table.js';

/** The port over a server, beside the client package alone on the same server. */
export async function eventStoreDbRows(url: string, resources: Resources): Promise<Row[]> {
  const { append, catchUp } = await inProcessOfItsOwn<OverEventStoreDb>('./event-store.ts', { url }, child =>
    resources.add(() => void child.kill()),
  );
  const measured = [
    ['append through the port, 64 in flight, EventStoreDB', append],
    ['catch-up of $all through the port, EventStoreDB', catchUp],
  ] as const;
  return measured.map(([what, { adapter, bare }]) => ({
    what,
    bar: '≥ 0.8 × the bare client',
    figure: perSecond(adapter),
    ratio: `${times(adapter / bare)} the bare client (${perSecond(bare)})`,
    met: adapter >= 0.8 * bare,
  }));
}
