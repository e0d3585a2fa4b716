import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, type NewEvent, type Position, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { StoreExchanged } from '../../src/event-store/eventstoredb/identity.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import type { AppendFault } from '../support/eventstoredb/faults.js';
import type { StandIn as Server } from '../support/eventstoredb/stand-in.js';
import { everythingIsKept, GIVES_UP_MS, impatient, overStandIn, type Scheme, storedOnce, until } from './over-stand-in.js';
import { append, collect, follow, ids, insist, newEvent, newEvents, newStream } from './store-under-test.js';

/** What fails most, and must lose nothing. */
export function survivingCommonFaults(scheme: Scheme, StandIn: typeof Server): void {
  describe(`over ${scheme}://, when an append or the server fails:`, () => {
    const under = overStandIn(scheme, StandIn);

    it.each<[string, AppendFault]>([
      ['breaks before it is stored', 'cut-before'],
      ['is stored and the connection breaks', 'cut-after'],
      ['is stored and never answered', 'silent'],
      ['breaks the call that all appends share', 'breaks-call'],
      ['is stored and breaks the call that all appends share', 'stored-and-breaks-call'],
    ])('an append that %s is stored once, and its neighbours too', (_, fault) => storedOnce(under, fault));

    it('loses nothing when the server is killed and comes back', () =>
      everythingIsKept(
        under,
        async () => {
          for (let kills = 0; kills < 2; kills++) {
            await sleep(300);
            await under.server.kill();
            await sleep(300);
            await under.server.startAgain();
          }
        },
        { forMs: 2_000 },
      ));
  });
}

/** What must hold when a server of this kind, or the way to it, fails: whatever its client has a part in. */
export function survivingFaults(scheme: Scheme, StandIn: typeof Server): void {
  describe(`over ${scheme}://, whatever fails:`, () => {
    const under = overStandIn(scheme, StandIn);
    let server: Server;
    let store: EventStore;
    beforeEach(() => {
      ({ server, store } = under);
    });

    it('loses nothing while connections break again and again', () =>
      everythingIsKept(under, async () => {
        for (let cuts = 0; cuts < 6; cuts++) {
          await sleep(200);
          server.line.cut();
        }
      }));

    it('loses nothing while the server refuses everything for seconds', () =>
      everythingIsKept(
        under,
        async () => {
          await sleep(200);
          server.faults.unavailableUntil = Date.now() + 2_000;
          await sleep(2_200);
        },
        { forMs: 3_000 },
      ));

    it('loses nothing when the line is silent for a while', () =>
      everythingIsKept(
        under,
        async () => {
          await sleep(300);
          server.line.freeze();
          await sleep(1_500);
          server.line.thaw();
        },
        { forMs: 2_500 },
      ));

    it('says so within its deadline when the server is away, and works again by itself', async () => {
      store = await under.exchange(impatient(scheme, GIVES_UP_MS));
      await server.kill();
      const begun = Date.now();
      const attempts = await Promise.allSettled([
        append(store, newStream(), 'no-stream', newEvents(1)),
        collect(store.readStream(newStream())),
        store.newest(),
        store.head(),
      ]);
      for (const attempt of attempts) expect(attempt).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      // Far from how long a connection would be tried, on a machine that has no time for it, too.
      expect(Date.now() - begun).toBeLessThan(30_000);
      await server.startAgain();
      expect(await insist(() => append(store, newStream(), 'no-stream', newEvents(1)))).toMatchObject({ outcome: 'ok' });
      expect(await store.newest()).not.toBe(START);
    });

    it('refuses to follow from beyond the end, which the server would answer with silence', async () => {
      const { position } = (await append(store, newStream(), 'no-stream', newEvents(1))) as { position: string };
      const beyond = position.replaceAll(/\d{19}/g, digits => String(Number(digits) + 10_000_000).padStart(19, '0'));
      const following = follow(store.subscribeToAll({ after: beyond, signal: new AbortController().signal }), () => false);
      await expect(following).rejects.toThrow(StoreExchanged);
    });

    it('notices that another store answers in the place of the one that was followed', async () => {
      store = await under.exchange(impatient(scheme, GIVES_UP_MS));
      await append(store, newStream(), 'no-stream', newEvents(3));
      let caughtUp = false;
      const following = follow(store.subscribeToAll({ signal: new AbortController().signal }), (_, { kind }) => {
        caughtUp ||= kind === 'caught-up';
        return false;
      });
      await until(() => caughtUp);
      const other = await StandIn.start();
      const { target } = server.line;
      server.line.target = other.line.port;
      server.line.cut();
      await expect(following).rejects.toThrow(StoreExchanged);
      // What is acknowledged there would be gone with it.
      const [stream, events] = [newStream(), newEvents(2)];
      for (const asked of [() => append(store, stream, 'no-stream', events), () => collect(store.readStream(stream)), () => store.newest()])
        await expect(asked()).rejects.toThrow(StoreUnavailable);
      await expect(store.assertWritable()).rejects.toThrow(StoreUnavailable);
      server.line.target = target;
      server.line.cut();
      expect(await insist(() => append(store, stream, 'no-stream', events))).toMatchObject({ outcome: 'ok', revision: 1 });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
      await store.close();
      await other.kill();
    });

    it('tells what was passed without an event of ours, and starts from there again', async () => {
      store = await under.exchange({ pages: {} });
      await append(store, newStream(), 'no-stream', newEvents(1));
      const newest = await store.newest();
      server.log.writeSystemEvents(2_000);
      let passed = START;
      await follow(store.subscribeToAll({ after: newest, signal: new AbortController().signal }), (_, message) => {
        if (message.kind === 'passed') passed = message.position;
        return message.kind === 'caught-up';
      });
      expect(passed > newest).toBe(true);
      expect(await store.newest()).toBe(newest);
      const event = newEvent();
      await append(store, newStream(), 'no-stream', [event]);
      const seen = await follow(store.subscribeToAll({ after: passed, signal: new AbortController().signal }), ({ length }) => length > 0);
      expect(ids(seen)).toEqual([event.id]);
      expect(ids(await collect(store.readAll({ after: passed })))).toEqual([event.id]);
    });

    it.each([
      ['nothing can have', undefined],
      ['lies beyond the end', 2n ** 62n],
    ])('takes no mark for a position that %s, and hears of what comes', async (_, firstMark) => {
      server.faults.firstMark = firstMark;
      server.log.writeSystemEvents(3);
      const { signal } = new AbortController();
      const event = newEvent();
      const positions: Position[] = [];
      const seen = await follow(store.subscribeToAll({ after: START, signal }), ({ length }, message) => {
        if (message.kind === 'caught-up') void append(store, newStream(), 'no-stream', [event]);
        else positions.push(message.position);
        return length > 0;
      });
      expect(ids(seen)).toEqual([event.id]);
      expect(positions.filter(position => position > seen[0]!.position)).toEqual([]);
    });

    it('passes over what is not ours, and reports that a stream of ours was deleted', async () => {
      const [deleted, stream] = [newStream(), newStream()];
      await append(store, deleted, 'no-stream', newEvents(1));
      server.log.append('other-1', 'any', [
        { id: newEvent().id, type: 'Other', contentType: 'application/json', data: Buffer.from('{}'), metadata: new Uint8Array() },
      ]);
      server.log.tombstone(deleted);
      const [event] = newEvents(1);
      await append(store, stream, 'no-stream', [event!]);
      const seen = await follow(store.subscribeToAll({ signal: new AbortController().signal }), ({ length }) => length === 2);
      expect(seen.map(one => one.stream)).toEqual([deleted, stream]);
      expect(under.reports.join()).toContain(deleted);
      await expect(append(store, deleted, 0, newEvents(1))).rejects.toThrow('deleted');
    });

    it('tells what was done to streams of ours, and to no others', async () => {
      expect(await store.irregularities()).toEqual([]);
      const [limited, mended, aged, cut, deleted, again, gone] = Array.from({ length: 7 }, newStream) as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      for (const stream of [limited, mended, aged, cut, deleted, again, gone]) await append(store, stream, 'no-stream', newEvents(3));
      server.log.writeSystemEvents(2_000);
      for (const stream of [limited, mended, 'other-1', '$stats']) server.log.setMetadata(stream, { $maxCount: 2, $acl: {} });
      server.log.setMetadata(mended, {});
      server.log.setMetadata(aged, { $maxAge: 60 });
      server.log.setMetadata(cut, { $tb: 1 });
      for (const stream of [deleted, again]) server.log.softDelete(stream);
      expect(await append(store, again, 'no-stream', newEvents(1))).toMatchObject({ outcome: 'ok', revision: 3 });
      server.log.tombstone(gone);
      server.log.writeSystemEvents(100);
      expect((await store.irregularities()).map(line => line.split(':')[0]).sort()).toEqual(
        [
          `${limited} is limited by $maxCount 2`,
          `${aged} is limited by $maxAge 60`,
          `${cut} is limited by $tb 1`,
          `${deleted} was deleted ($tb)`,
          `${again} is limited by $tb 3`,
          `${gone} was deleted for good (a tombstone)`,
        ].sort(),
      );
      const revisions = async (stream: string): Promise<number[]> =>
        (await collect(store.readStream(stream))).map(({ revision }) => revision);
      expect(await Promise.all([limited, mended, cut, deleted, again].map(revisions))).toEqual([[1, 2], [0, 1, 2], [1, 2], [], [3]]);
      await until(() => server.subscriptions === 0);
    });

    it('leaves no subscription open, however it ends', async () => {
      await append(store, newStream(), 'no-stream', newEvents(10));
      const controller = new AbortController();
      setMaxListeners(0, controller.signal);
      const running = Array.from({ length: 12 }, () => follow(store.subscribeToAll({ signal: controller.signal }), () => false));
      for (let round = 0; round < 12; round++)
        await follow(store.subscribeToAll({ signal: controller.signal }), ({ length }) => length > 0);
      server.line.cut();
      await until(() => server.subscriptions >= 12);
      controller.abort();
      await Promise.all(running);
      await until(() => server.subscriptions === 0);
      expect(server.subscriptions).toBe(0);
    });

    it('does not take more than it is asked for', async () => {
      // 48 MB: far more than the sockets of both sides hold, and the client keeps ready.
      const one = newStream();
      const events = Array.from({ length: 100 }, () => newEvent({ filler: 'x'.repeat(8_000) }));
      await append(store, one, 'no-stream', events);
      const stored = server.log.stream(one);
      for (let n = 1; n < 60; n++)
        server.log.append(
          newStream(),
          'no-stream',
          stored.map(event => ({ ...event, id: randomUUID() })),
        );
      const [before, iterator] = [
        server.sentEvents,
        store.subscribeToAll({ signal: new AbortController().signal })[Symbol.asyncIterator](),
      ];
      await iterator.next();
      for (let sent = -1; sent !== server.sentEvents; await sleep(500)) sent = server.sentEvents;
      expect(server.sentEvents - before).toBeLessThan(5_000);
      await iterator.return?.();
    });
  });

  describe(`over ${scheme}://, in a cluster:`, () => {
    let nodes: Server[];
    let store: EventStore;
    const hosts = () => nodes.map(({ address }) => address).join(',');
    afterEach(async () => {
      await store.close();
      await Promise.all(nodes.map(node => node.kill()));
    });
    beforeEach(async () => {
      nodes = await StandIn.cluster(3);
    });

    it('is led to the leader from a node that is not', async () => {
      store = await openEventStoreDb(`${scheme}://${nodes[1]!.address}?tls=false`, impatient(scheme));
      const [stream, events] = [newStream(), newEvents(2)];
      expect(await append(store, stream, 'no-stream', events)).toMatchObject({ outcome: 'ok' });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    });

    it('finds the next leader when one is killed, and loses nothing', async () => {
      store = await openEventStoreDb(`${scheme}://${hosts()}?tls=false&nodePreference=follower`, impatient(scheme));
      const written: NewEvent[] = [];
      const stream = newStream();
      for (let n = 0; n < 40; n++) {
        const event = newEvent();
        if (n === 20) {
          await nodes[0]!.kill();
          void sleep(700).then(() => nodes.forEach(node => void (node.leader = nodes[1]!)));
        }
        expect(await insist(() => append(store, stream, n === 0 ? 'no-stream' : n - 1, [event]))).toMatchObject({ outcome: 'ok' });
        written.push(event);
      }
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(written));
      expect(ids(await follow(store.subscribeToAll({ signal: new AbortController().signal }), ({ length }) => length === 40))).toEqual(
        ids(written),
      );
    });
  });
}
