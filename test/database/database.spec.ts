import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inCopyFormat } from '../../src/database/copying.js';
import { Database } from '../../src/database/database.js';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { overTcp, startTestDatabase, type TestDatabase } from '../support/postgres.js';

describe('the database', () => {
  let test: TestDatabase;
  let database: Database;

  const open = (options: Partial<Parameters<typeof Database.open>[0]> = {}) =>
    Database.open({ url: test.ownerUrl, applicationName: 'spec', max: 2, ...options });
  const terminate = (application: string) =>
    database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [application]);

  beforeAll(async () => {
    test = await startTestDatabase({ migrated: false });
    database = open();
    await database.query('CREATE TABLE note (id int PRIMARY KEY)');
  });
  afterAll(async () => {
    await database.close();
    await test.stop();
  });

  it('bounds what a statement, a lock and an idle transaction may take', async () => {
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const { rows } = await database.query<{ setting: string }>('SELECT setting FROM pg_settings WHERE name = ANY($1)', [names]);
    expect(rows).toHaveLength(3);
    for (const { setting } of rows) expect(Number(setting)).toBeGreaterThan(0);
  });

  it('commits what the work did, and nothing of it when the work throws', async () => {
    expect(await database.transaction(async tx => (await tx.query('INSERT INTO note VALUES (1)')).rowCount)).toBe(1);
    const failing = database.transaction(async tx => {
      await tx.query('INSERT INTO note VALUES (2)');
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect((await database.query('SELECT id FROM note')).rows).toEqual([{ id: 1 }]);
  });

  it("keeps the server's own error where the connection is sound", async () => {
    await expect(database.query('INSERT INTO note VALUES (1)')).rejects.toMatchObject({ code: '23505' });
  });

  it('copies rows as they are, whatever is in them, and goes on in the transaction after one that was refused', async () => {
    const rows = [
      { id: 1, text: 'tab\t, line\n, return\r, \\N and \\.', flag: true },
      { id: 2, text: null, flag: false },
      { id: 3, text: '', flag: null },
      { id: 4, text: '\\.\nÑandú 🜁 "quoted" , {}', flag: null },
    ];
    const copy = { text: 'COPY copied (id, text, flag) FROM STDIN', copied: inCopyFormat(rows.map(row => Object.values(row))) };
    const stored = await database.transaction(async tx => {
      await tx.query('CREATE TEMP TABLE copied (id int PRIMARY KEY, text text, flag boolean) ON COMMIT DROP');
      expect((await tx.query(copy)).rowCount).toBe(rows.length);
      for (const refused of [copy, { ...copy, copied: inCopyFormat([[5, 'a\0b', null]]) }]) {
        await tx.query('SAVEPOINT before');
        await expect(tx.query(refused)).rejects.toMatchObject({ code: refused === copy ? '23505' : '22021' });
        await tx.query('ROLLBACK TO SAVEPOINT before');
      }
      return (await tx.query('SELECT id, text, flag FROM copied ORDER BY id')).rows;
    });
    expect(stored).toEqual(rows);
    await expect(database.query({ text: 'COPY note FROM STDIN', copied: inCopyFormat([[7]]) })).rejects.toThrow('transaction');
  });

  it('runs a transaction at the isolation that is asked for', async () => {
    const isolation = await database.transaction(
      async tx => (await tx.query<{ level: string }>(`SELECT current_setting('transaction_isolation') AS level`)).rows[0]!.level,
      { isolation: 'repeatable read', readOnly: true },
    );
    expect(isolation).toBe('repeatable read');
  });

  it('reads counts as numbers and dates as they are written', async () => {
    const { rows } = await database.query(`SELECT count(*) AS count, DATE '2026-03-29' AS day FROM note`);
    expect(rows).toEqual([{ count: 1, day: '2026-03-29' }]);
  });

  it('survives the death of its idle connections', async () => {
    const other = open({ applicationName: 'spec-idle' });
    await other.query('SELECT 1');
    await terminate('spec-idle');
    await sleep(50);
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await other.close();
  });

  it('is unavailable when its connection dies under a statement or between two of a transaction', async () => {
    const other = open({ applicationName: 'spec-busy' });
    const dying = other.query('SELECT pg_sleep(30)');
    const between = other.transaction(async tx => {
      await tx.query('SELECT 1');
      await sleep(200);
      await tx.query('SELECT 1');
    });
    const all = Promise.allSettled([dying, between]);
    await sleep(100);
    await terminate('spec-busy');
    for (const result of await all) expect((result as PromiseRejectedResult).reason).toBeInstanceOf(DatabaseUnavailable);
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await other.close();
  });

  it('is unavailable to who was waiting for a connection that ends in the same packet as the answer before', async () => {
    const { hostname, port } = new URL(test.ownerUrl);
    const goodbye = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0');
    const length = Buffer.alloc(5, 'E');
    length.writeUInt32BE(goodbye.length + 4, 1);
    let ending = false;
    const relay = createServer(client => {
      const server = connect(Number(port), hostname, () => void client.pipe(server));
      for (const socket of [client, server]) socket.on('error', () => undefined);
      // ReadyForQuery is the last message of an answer.
      server.on('data', answer =>
        ending && answer.at(-6) === 'Z'.charCodeAt(0) ? client.end(Buffer.concat([answer, length, goodbye])) : client.write(answer),
      );
      client.on('close', () => server.destroy());
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const url = overTcp(test.ownerUrl);
    url.port = String((relay.address() as { port: number }).port);
    const database = Database.open({ url: url.href, applicationName: 'spec', max: 1 });
    try {
      await database.query('SELECT 1');
      ending = true;
      const asked = database.query<{ n: number }>('SELECT 1 AS n');
      const waiting = database.transaction(tx => tx.query('SELECT 1'));
      await expect(waiting).rejects.toBeInstanceOf(DatabaseUnavailable);
      expect((await asked).rows).toEqual([{ n: 1 }]);
      ending = false;
      expect(await database.transaction(async tx => (await tx.query('SELECT 2 AS n')).rows)).toEqual([{ n: 2 }]);
    } finally {
      await database.close();
      relay.close();
    }
  });

  it('is unavailable when a statement takes too long', async () => {
    const other = open({ statementTimeoutMs: 50 });
    await expect(other.query('SELECT pg_sleep(5)')).rejects.toThrow(DatabaseUnavailable);
    await other.close();
  });

  it('is unavailable when nothing listens, and when what listens says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `postgres://a:b@127.0.0.1:${(silent.address() as { port: number }).port}/c`;
    const other = open({ url });
    await expect(other.query('SELECT 1')).rejects.toThrow(DatabaseUnavailable);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await once(silent, 'close');
    await expect(other.query('SELECT 1')).rejects.toThrow(DatabaseUnavailable);
    await expect(other.transaction(async () => 1)).rejects.toThrow(DatabaseUnavailable);
    await expect(other.session(() => undefined)).rejects.toThrow(DatabaseUnavailable);
    await other.close();
  });

  it('hears what is notified in a session, and says once that the session is lost', async () => {
    const heard: string[] = [];
    const losses: Error[] = [];
    const session = await open({ applicationName: 'spec-session' }).session(error => losses.push(error));
    await session.listen('news', payload => heard.push(payload));
    await database.query(`SELECT pg_notify('news', 'one')`);
    while (heard.length === 0) await sleep(10);
    await terminate('spec-session');
    while (losses.length === 0) await sleep(10);
    await sleep(50);
    expect(heard).toEqual(['one']);
    expect(losses).toHaveLength(1);
    await expect(session.query('SELECT 1')).rejects.toThrow(DatabaseUnavailable);
    await session.close();
  });

  it('reports no loss of a session that was closed', async () => {
    const losses: Error[] = [];
    const session = await open().session(error => losses.push(error));
    await session.close();
    await sleep(20);
    expect(losses).toEqual([]);
  });
});
