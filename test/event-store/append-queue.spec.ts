import { describe, expect, it } from '@jest/globals';
import { type AppendResult, StoreUnavailable } from '../../src/event-store/event-store.js';
import { AppendQueue, DEFAULT_LIMITS, type QueueLimits } from '../../src/event-store/postgres/append-queue.js';
import type { PreparedAppend } from '../../src/event-store/postgres/prepared-append.js';

const OK: AppendResult = { outcome: 'ok', revision: 0, position: '1' };

const appendTo = (stream: string, bytes = 100): PreparedAppend => ({ stream, expectedRevision: 'any', events: [], bytes });

/** A queue whose store notes every batch and answers as `answer` says; by default all is well. */
function given(limits: Partial<QueueLimits> = {}, answer: (batch: readonly PreparedAppend[], call: number) => void = () => undefined) {
  const batches: PreparedAppend[][] = [];
  const queue = new AppendQueue(
    async batch => {
      batches.push([...batch]);
      await new Promise(setImmediate);
      answer(batch, batches.length);
      return batch.map(() => OK);
    },
    { ...DEFAULT_LIMITS, ...limits },
  );
  const streams = () => batches.map(batch => batch.map(({ stream }) => stream));
  return { queue, batches, streams };
}

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('the append queue', () => {
  it('sends a lone append at once, and together what was asked for together', async () => {
    const { queue, streams } = given();
    await queue.push(appendTo('a'));
    await Promise.all(['b', 'c', 'd'].map(stream => queue.push(appendTo(stream))));
    expect(streams()).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('sends appends to one stream in different batches, in their order', async () => {
    const { queue, batches } = given();
    const appends = ['a', 'a', 'b', 'a', 'b'].map((stream, index) => appendTo(stream, index));
    await Promise.all(appends.map(append => queue.push(append)));
    expect(batches).toEqual([[appends[0], appends[2]], [appends[1], appends[4]], [appends[3]]]);
  });

  it('bounds a batch in appends and in bytes, and sends a larger append alone', async () => {
    const { queue, streams } = given({ batchAppends: 3, batchBytes: 1_000 });
    const sizes: [string, number][] = [
      ['a', 1],
      ['b', 1],
      ['c', 1],
      ['d', 600],
      ['e', 600],
      ['f', 5_000],
      ['g', 1],
    ];
    await Promise.all(sizes.map(([stream, bytes]) => queue.push(appendTo(stream, bytes))));
    expect(streams()).toEqual([['a', 'b', 'c'], ['d'], ['e'], ['f'], ['g']]);
  });

  it('sends the whole batch again, the same, after anything that is no fault of its data', async () => {
    const { queue, batches } = given({}, (_, call) => {
      if (call === 1) throw withCode('57P01');
      if (call === 2) throw new Error('Connection terminated unexpectedly');
    });
    await expect(Promise.all(['a', 'b'].map(stream => queue.push(appendTo(stream))))).resolves.toEqual([OK, OK]);
    expect(batches).toHaveLength(3);
    expect(batches[1]).toEqual(batches[0]);
    expect(batches[2]).toEqual(batches[0]);
  });

  it.each(['22P02', '23505'])('finds the append that brought %s, and rejects that one alone', async code => {
    const { queue } = given({}, batch => {
      if (batch.some(({ stream }) => stream === 'c')) throw withCode(code);
    });
    const results = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(stream => queue.push(appendTo(stream))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[2]).toMatchObject({ reason: { code } });
  });

  it('asks again before it sends again, whatever became of what was sent before', async () => {
    let leads = true;
    const { queue, streams } = given({}, () => {
      leads = false;
      throw withCode('57P01');
    });
    const asked = {
      ...appendTo('a'),
      assertMayWrite: () => {
        if (!leads) throw new Error('lost');
      },
    };
    await expect(queue.push(asked)).rejects.toThrow('lost');
    expect(streams()).toEqual([['a']]);
  });

  it('gives up at the deadline, for what was sent and for what waits behind it', async () => {
    const { queue } = given({ deadlineMs: 100 }, () => {
      throw withCode('ECONNREFUSED');
    });
    const results = await Promise.allSettled(['a', 'a', 'b'].map(stream => queue.push(appendTo(stream))));
    for (const result of results) expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreUnavailable);
  });

  it('refuses more than may wait', async () => {
    const { queue } = given({ waiting: 2 });
    const [first, second] = [queue.push(appendTo('a')), queue.push(appendTo('a'))];
    await expect(queue.push(appendTo('b'))).rejects.toThrow(StoreUnavailable);
    await Promise.all([first, second]);
    await expect(queue.push(appendTo('b'))).resolves.toEqual(OK);
  });

  it('sends what waits before it closes, takes nothing more, and does not try again', async () => {
    const { queue, batches } = given({}, (_, call) => {
      if (call === 2) throw withCode('ECONNREFUSED');
    });
    const waiting = Promise.allSettled([queue.push(appendTo('a')), queue.push(appendTo('a')), queue.push(appendTo('a'))]);
    await queue.close();
    expect((await waiting).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(batches).toHaveLength(3);
    await expect(queue.push(appendTo('a'))).rejects.toThrow(StoreUnavailable);
  });
});
