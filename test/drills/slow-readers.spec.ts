// Guarded in every run by journeys/feed, http/admission.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Config } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, eventually, World } from '../support/world.js';

/* Reporting jobs that ask for much and take nothing of it, or go away in the middle. */

const ASKED = 4_000;
/** More than a service reads at once of what was sent: some 300. */
const AT_ONCE = 2_000;
const PATIENCE_MS = 3_000;
const A_WHILE_MS = 240_000;
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const BODY = '\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

let caseledger: Caseledger;
let server: Server;
let token: string;
const served = new Map<number | undefined, number>();
const sockets = new Map<number | undefined, Socket>();

beforeAll(async () => {
  caseledger = await startCaseledger();
  const world = await World.in(caseledger);
  const caseId = await world.caseAt('boarding');
  for (let note = 0; note < 60; note++) await world.act(world.staff.worker, caseId, 'add-note', { text: 'told' });
  server = caseledger.app.getHttpServer();
  server.prependListener('connection', (socket: Socket) => void sockets.set(socket.remotePort, socket));
  server.prependListener('request', ({ socket }: { socket: Socket }) => {
    served.set(socket.remotePort, (served.get(socket.remotePort) ?? 0) + 1);
  });
  token = await issueLocalToken(caseledger.app.get(Config), { sub: 'rep-slow', roles: ['reporting'], office: 'HQ' });
});
afterAll(() => caseledger.stop());

const request = (path: string, accept: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\naccept: ${accept}\r\n\r\n`;

/** A job of which the service never reads that it has gone. */
async function connected(): Promise<Socket> {
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await new Promise(resolve => {
    socket.once('connect', resolve);
  });
  return socket;
}

const ended = (port: number | undefined) =>
  eventually(
    'its connection is closed',
    async () => sockets.get(port)?.destroyed === true,
    closed => closed,
    A_WHILE_MS,
  );

test.each(['application/json', 'text/csv', 'application/x-ndjson'])(
  'who asks for ever more %s and takes nothing holds no connection for long, and others are answered',
  async accept => {
    expect(server.timeout).toBeGreaterThan(30_000);
    expect(server.timeout).toBeLessThanOrEqual(120_000);
    const own = server.timeout;
    server.timeout = PATIENCE_MS;
    const job = await connected();
    try {
      const { localPort } = job;
      job.pause();
      job.write(request('/v1/feeds/case-facts?limit=1000', accept).repeat(ASKED));
      let most = 0;
      await eventually(
        'its connection is closed',
        async () => {
          const socket = sockets.get(localPort);
          most = Math.max(most, socket?.writableLength ?? 0);
          return socket?.destroyed === true;
        },
        closed => closed,
        A_WHILE_MS,
      );
      expect(most).toBeLessThan(MOST_WAITING_BYTES);
      expect(served.get(localPort)).toBeGreaterThan(0);
      const analyst = await caseledger.person('rep-other', 'reporting');
      done(await analyst.get('/v1/feeds/case-facts'), 200);
    } finally {
      server.timeout = own;
      job.destroy();
    }
  },
  2 * A_WHILE_MS,
);

test(
  'who goes away in the middle of an answer, or while waiting for news, leaves nothing open',
  async () => {
    const reader = await connected();
    const { localPort } = reader;
    const begun = new Promise(resolve => {
      reader.once('data', resolve);
    });
    reader.write(request('/v1/feeds/case-facts?limit=1000', 'text/csv').repeat(100));
    await begun;
    reader.destroy();
    await ended(localPort);
    const analyst = await caseledger.person('rep-waits', 'reporting');
    const { next } = done(await analyst.get('/v1/feeds/case-facts?limit=1000'), 200).body as { next: string };
    const waiting = await connected();
    const port = waiting.localPort;
    waiting.write(
      request(`/v1/feeds/case-facts?after=${encodeURIComponent(next)}`, 'application/json').replace(
        '\r\n\r\n',
        '\r\nprefer: wait=30\r\n\r\n',
      ),
    );
    await eventually(
      'it waits',
      async () => served.get(port),
      count => count === 1,
      A_WHILE_MS,
    );
    waiting.destroy();
    await ended(port);
    done(await analyst.get('/v1/feeds/case-facts'), 200);
  },
  2 * A_WHILE_MS,
);

test(
  'who sends thousands of requests at once is answered one after the other, and others are answered meanwhile',
  async () => {
    const job = await connected();
    let open = 0;
    let most = 0;
    const count = ({ socket }: IncomingMessage, response: ServerResponse): void => {
      if (socket.remotePort !== job.localPort) return;
      most = Math.max(most, ++open);
      response.once('close', () => open--);
    };
    server.prependListener('request', count);
    try {
      let answers = '';
      job.setEncoding('utf8').on('data', (text: string) => {
        answers += text;
      });
      job.pause();
      for (let asked = 0; asked < AT_ONCE; asked++) {
        // Of a body, too, what follows is read on.
        if (asked % 10 > 0) job.write(request(`/v1/cases/${asked}`, 'application/json'));
        else job.write(request(`/v1/cases/${asked}`, 'application/json').replace('GET', 'POST').replace('\r\n\r\n', `${BODY}`));
      }
      const analyst = await caseledger.person('rep-meanwhile', 'reporting');
      done(await analyst.get('/v1/feeds/case-facts'), 200);
      job.resume();
      const statuses = () => answers.match(/HTTP\/1\.1 \d+/g) ?? [];
      await eventually(
        'all are answered',
        async () => statuses().length,
        length => length === AT_ONCE,
        A_WHILE_MS,
      );
      const expected = Array.from({ length: AT_ONCE }, (_, asked) => (asked % 10 > 0 ? 'HTTP/1.1 403' : 'HTTP/1.1 404'));
      expect(statuses()).toEqual(expected);
      expect(most).toBeLessThan(AT_ONCE / 4);
    } finally {
      server.removeListener('request', count);
      job.destroy();
    }
  },
  2 * A_WHILE_MS,
);
