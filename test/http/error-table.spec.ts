import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import type { Act, Receipt } from '../../src/event-store/act.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import { eventually } from '../support/world.js';
import { type Answer, BOX, handling, receipt, type Sending, type Service, SOME_ID, startService } from './service.js';

const MARK = 'Zquill';
const FILL = `/v1/boxes/${SOME_ID}/fill-box`;
let service: Service;
let caseworker: string;
let auditor: string;

beforeAll(async () => {
  service = await startService();
  caseworker = await service.token();
  auditor = await service.token(['auditor'], 'au-1');
});
afterAll(() => service.stop());
beforeEach(() => {
  handling.next = command => receipt(command);
});

const send = (method: string, path: string, sending?: Sending): Promise<Answer> =>
  service.send(method, path, { token: caseworker, ...sending });
const fill = (sending?: Sending): Promise<Answer> => send('POST', FILL, { body: { content: 'x' }, ...sending });
const handlerThrows = (error: Error): void => {
  handling.next = (): Receipt => {
    throw error;
  };
};

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    correlationId: answer.headers['x-correlation-id'],
    errors: expect.any(Array),
  });
  expect(answer.text).not.toContain(MARK);
}

describe('each row of the error table', () => {
  it('401 unauthenticated', async () => {
    const answer = await fill({ token: undefined });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('413 body-too-large, announced or not', async () => {
    const raw = JSON.stringify({ content: 'x'.repeat(2 * 1024 * 1024) });
    expectProblem(await fill({ raw }), 413, 'body-too-large');
    expectProblem(await fill({ raw, headers: { 'transfer-encoding': 'chunked' } }), 413, 'body-too-large');
    expect((await fill({ raw: JSON.stringify({ content: 'x'.repeat(20_000) }) })).status).toBe(201);
  });

  it.each(['application/xml', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'])(
    '415 unsupported-media-type: %s',
    async type => {
      expectProblem(await fill({ raw: '<a/>', headers: { 'content-type': type } }), 415, 'unsupported-media-type');
    },
  );

  it.each(['gzip', 'br', 'deflate', 'identity, gzip', 'nonsense'])('415 unsupported-media-type: content coded as %s', async encoding => {
    expectProblem(await fill({ headers: { 'content-encoding': encoding } }), 415, 'unsupported-media-type');
    expectProblem(await fill({ headers: { 'content-encoding': encoding, 'transfer-encoding': 'chunked' } }), 415, 'unsupported-media-type');
    expect((await fill({ headers: { 'content-encoding': 'Identity' } })).status).toBe(201);
    expect((await send('GET', '/v1/boxes', { headers: { 'content-encoding': encoding } })).status).toBe(200);
  });

  it('406 not-acceptable', async () => {
    expectProblem(await fill({ headers: { accept: 'image/png' } }), 406, 'not-acceptable');
    expectProblem(await send('GET', '/v1/boxes', { headers: { accept: 'application/json;q=0, image/*' } }), 406, 'not-acceptable');
    for (const accept of ['*/*', 'application/*', 'text/csv', 'text/html, */*;q=0.1']) {
      expect((await send('GET', '/v1/boxes', { headers: { accept } })).status).toBe(200);
    }
  });

  it.each([
    ['broken', '{"content": '],
    ['a byte order mark', '\uFEFF{"content":"x"}'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a raw control character', '{"content":"a\u0001b"}'],
    ['a key twice', '{"content":"x","content":"x"}'],
    ['a key twice, spelled otherwise', '{"content":"x","\\u0063ontent":"y"}'],
    ['a key twice in an object of a list', '{"content":"x","list":[1,{"a":{},"b":[],"a":2}]}'],
    ['an empty key twice', '[{"":1,"":2}]'],
    ['a key twice after a string that looks like its end', '{"a":"\\\\","b":"\\"}{","a":1}'],
    ['a key thrice', '{"a":1,"b":2,"a":3,"a":4}'],
  ])('400 malformed: %s', async (_, raw) => {
    expectProblem(await fill({ raw }), 400, 'malformed');
  });

  it('400 malformed: an address that cannot be decoded, after the token', async () => {
    expectProblem(await send('GET', '/v1/boxes/%zz'), 400, 'malformed');
    expectProblem(await send('GET', '/v1/boxes/%zz', { token: undefined }), 401, 'unauthenticated');
  });

  it('403 role-not-allowed', async () => {
    expectProblem(await fill({ token: auditor }), 403, 'role-not-allowed');
    expectProblem(await fill({ token: await service.token([]) }), 403, 'role-not-allowed');
    expectProblem(await send('GET', '/v1/unguarded'), 403, 'role-not-allowed');
  });

  it('403 for roles that may not be combined, on every address', async () => {
    const token = await service.token(['caseworker', 'auditor'], 'both');
    for (const path of ['/v1/boxes', '/v1/nothing-here']) expectProblem(await send('GET', path, { token }), 403, 'role-not-allowed');
  });

  it('400 validation-failed, with every fault of body, path and headers', async () => {
    const answer = await send('POST', '/v1/boxes/no-uuid/fill-box', {
      body: { content: '', surprise: MARK, occurredAt: '2020-01-13T15:00:01Z' },
      headers: {
        'idempotency-key': MARK,
        'if-match': 'W/"1"',
        'x-correlation-id': 'has blanks',
        'x-purpose': 'x'.repeat(201),
        'consistency-token': '{}',
      },
    });
    expectProblem(answer, 400, 'validation-failed');
    const errors = answer.body['errors'] as { pointer?: string; code: string; message: string }[];
    expect(
      errors
        .filter(({ pointer }) => pointer)
        .map(({ pointer, code }) => `${pointer} ${code}`)
        .sort(),
    ).toEqual(['/boxId invalid', '/content invalid', '/occurredAt in-the-future', '/surprise unknown-field']);
    const headers = errors
      .filter(({ pointer }) => !pointer)
      .map(({ message }) => message.split(' ')[0])
      .sort();
    expect(headers).toEqual(['Consistency-Token', 'Idempotency-Key', 'If-Match', 'X-Correlation-Id', 'X-Purpose']);
  });

  it('400 validation-failed for queries and paths', async () => {
    expectProblem(await send('GET', '/v1/boxes?limit=201'), 400, 'validation-failed');
    expectProblem(await send('GET', '/v1/boxes?limit=x&surprise=1'), 400, 'validation-failed');
    expectProblem(await send('GET', '/v1/boxes?q=a&q=b'), 400, 'validation-failed');
    expectProblem(await send('GET', '/v1/boxes?q=%00'), 400, 'validation-failed');
    expectProblem(await send('GET', '/v1/boxes/no-uuid'), 400, 'validation-failed');
    expectProblem(await send('GET', `/v1/boxes/${'a'.repeat(5000)}`), 400, 'validation-failed');
    expectProblem(await send('GET', '/v1/boxes', { headers: { 'consistency-token': '(' } }), 400, 'validation-failed');
    expect((await send('GET', '/v1/boxes?limit=7')).body['query']).toEqual({ limit: 7 });
  });

  it.each(['nonsense', '42', '00000000000 42', '999999999999', 'x'.repeat(101), '<>', '0000000000000000042'])(
    '400 validation-failed at once for the made-up Consistency-Token %s',
    async token => {
      const answer = await send('GET', '/v1/boxes', { headers: { 'consistency-token': token } });
      expectProblem(answer, 400, 'validation-failed');
      expect(answer.body['errors']).toEqual([{ code: 'invalid', message: expect.stringMatching(/^Consistency-Token /) }]);
      expectProblem(await fill({ headers: { 'consistency-token': token } }), 400, 'validation-failed');
      expect((await send('GET', '/v1/boxes', { headers: { 'consistency-token': '000000000042' } })).status).toBe(200);
    },
  );

  it('400 purpose-missing for an auditor who reads a person', async () => {
    const path = `/v1/boxes/${SOME_ID}`;
    expectProblem(await send('GET', path, { token: auditor }), 400, 'purpose-missing');
    for (const nothing of [' ', '\u200b', '\u2060\u00ad', '\u3164', '\u2800'])
      expectProblem(
        await send('GET', path, { token: auditor, headers: { 'x-purpose': Buffer.from(nothing, 'utf8').toString('latin1') } }),
        400,
        'purpose-missing',
      );
    expect((await send('GET', path, { token: auditor, headers: { 'x-purpose': 'inspection' } })).status).toBe(200);
    expect((await send('GET', path)).status).toBe(200);
  });

  it('404 not-found: address, method, system command, id outside the list', async () => {
    expectProblem(await send('GET', '/v1/nothing-here'), 404, 'not-found');
    expectProblem(await send('GET', '/v1/nothing-here', { token: undefined }), 401, 'unauthenticated');
    expectProblem(await send('GET', '/nothing-here', { token: undefined }), 404, 'not-found');
    expectProblem(await send('DELETE', '/v1/boxes'), 404, 'not-found');
    expectProblem(await send('POST', `/v1/boxes/${SOME_ID}/shake-box`, { body: {} }), 404, 'not-found');
    const token = await service.token(['admin'], 'ad-1');
    expectProblem(await send('POST', '/v1/crates/US/stamp-crate', { token, body: { stamp: 'red' } }), 404, 'not-found');
    expectProblem(await send('POST', '/v1/crates/US/stamp-crate', { token, body: {} }), 400, 'validation-failed');
    expect((await send('POST', '/v1/crates/GT/stamp-crate', { token, body: { stamp: 'red' } })).body).toMatchObject({ country: 'GT' });
  });

  it.each([
    ['not-found', 404],
    ['other-office', 403],
    ['role-not-allowed', 403],
    ['idempotency-key-reused', 422],
    ['revision-mismatch', 412],
    ['already-exists', 409],
    ['validation-failed', 400],
    ['purpose-missing', 400],
    ['wrong-status', 409],
    ['any-other-rule', 409],
  ])('a refusal with %s is %i', async (code, status) => {
    handlerThrows(new DomainError(code, 'Refused.'));
    expectProblem(await fill(), status, code);
  });

  it.each([
    ['us-national', 'US national'],
    ['claim-not-recorded', 'Claim not recorded'],
  ])('the title of %s is %s', async (code, title) => {
    handlerThrows(new DomainError(code, 'Refused.'));
    expect((await fill()).body['title']).toBe(title);
  });

  it('409 lists every broken rule and shows the details', async () => {
    const violations = [
      { code: 'not-assigned', message: 'a' },
      { code: 'claim-not-recorded', message: 'b', pointer: '/content' },
    ];
    handlerThrows(new DomainError('not-assigned', 'a', violations, { currentStatus: 'opened', allowedCommands: ['FillBox'], status: 200 }));
    const answer = await fill();
    expectProblem(answer, 409, 'not-assigned');
    expect(answer.body).toMatchObject({ errors: violations, currentStatus: 'opened', allowedCommands: ['FillBox'] });
  });

  it('a refused attempt that was stored: 409 with ETag and token', async () => {
    handling.next = command => ({
      ...receipt(command, 3),
      correlationId: 'first',
      refused: [
        { code: 'hold-standing', message: 'a' },
        { code: 'not-cleared', message: 'b' },
      ],
    });
    const answer = await fill();
    expectProblem(answer, 409, 'hold-standing');
    expect(answer.headers).toMatchObject({ etag: '"3"', 'consistency-token': '000000000042', 'x-correlation-id': 'first' });
    expect(answer.body['errors']).toHaveLength(2);
  });

  it.each([
    ['StoreUnavailable', new StoreUnavailable('down')],
    ['DatabaseUnavailable', new DatabaseUnavailable('down')],
  ])('503 store-unavailable, with Retry-After: %s', async (_, error) => {
    handlerThrows(error);
    const answer = await fill();
    expectProblem(answer, 503, 'store-unavailable');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('500 says nothing, and its log line nothing personal', async () => {
    handlerThrows(new Error(`cannot store ${MARK}`));
    const answer = await fill({ body: { content: MARK } });
    expectProblem(answer, 500, 'internal');
    expect(answer.body['detail']).toBeUndefined();
    const line = service.logs.find(text => text.includes(String(answer.body['correlationId'])) && text.includes('"level":"error"'));
    expect(line).toContain('stack');
    expect(service.logs.filter(text => text.includes(MARK))).toEqual([]);
  });

  it('what is no HTTP gets a 400', async () => {
    const text = await told('NONSENSE\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400/);
    expect(text).toContain('application/problem+json');
  });
});

/** What comes back for what is sent, until the service closes. */
const told = (sent: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    let got = '';
    socket
      .on('data', chunk => {
        got += String(chunk);
      })
      .on('close', () => resolve(got))
      .on('error', reject);
  });
const internalErrors = async (): Promise<string | undefined> =>
  /code="internal"\} (\d+)/.exec((await service.send('GET', '/metrics')).text)?.[1];
const begun = (length: number): string =>
  `POST ${FILL} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${caseworker}\r\nContent-Type: application/json\r\nContent-Length: ` +
  `${length}\r\n\r\n{"cont`;

describe('a body that does not come', () => {
  it('is cut after 30 s, with a 408', async () => {
    const server = service.app.getHttpServer();
    expect([server.requestTimeout, server.headersTimeout]).toEqual([30_000, 30_000]);
    Object.assign(server, { requestTimeout: 200, headersTimeout: 200 });
    try {
      const before = service.logs.length;
      const text = await told(begun(100));
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(text).toContain('"code":"request-timeout"');
      expect(service.logs.slice(before).filter(line => /"stack"|"level":"(warn|error)"/.test(line))).toEqual([]);
    } finally {
      Object.assign(server, { requestTimeout: 30_000, headersTimeout: 30_000 });
    }
  });

  it('because its sender hung up is no error, whatever was under way', async () => {
    const before = service.logs.length;
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const internal = await internalErrors();
    let handled = 0;
    handling.next = async command => {
      handled += 1;
      await new Promise(resolve => {
        setTimeout(resolve, 200);
      });
      return receipt(command);
    };
    // In the middle of a body, of a chunked one, and after a whole one, while the command runs.
    for (const sent of [
      begun(100),
      begun(100)
        .replace(/Content-Length.*\r\n/, 'Transfer-Encoding: chunked\r\n')
        .replace('{"cont', '6\r\n{"cont\r\n'),
      begun(15).replace('{"cont', '{"content":"x"}'),
    ]) {
      await new Promise<void>(resolve => {
        const socket = connect(port, '127.0.0.1', () => socket.write(sent));
        setTimeout(() => {
          socket.resetAndDestroy();
          resolve();
        }, 100);
      });
    }
    await eventually(
      'the command ran',
      () => handled,
      count => count === 1,
    );
    await new Promise(resolve => {
      setTimeout(resolve, 300);
    });
    expect(service.logs.slice(before).filter(line => /"stack"|"level":"(warn|error)"/.test(line))).toEqual([]);
    expect(await internalErrors()).toBe(internal);
  });
});

describe('the order of the table', () => {
  const large = JSON.stringify({ content: 'x'.repeat(1_100_000) });
  it.each<[string, Sending, number]>([
    ['401 before 413', { token: '', raw: large }, 401],
    ['401 before 415', { token: '', raw: '<a/>', headers: { 'content-type': 'text/xml' } }, 401],
    ['401 before 400', { token: '', raw: '{' }, 401],
    ['413 before 415', { raw: large, headers: { 'content-type': 'text/xml' } }, 413],
    ['415 before 406', { raw: '<a/>', headers: { 'content-type': 'text/xml', accept: 'image/png' } }, 415],
    ['406 before malformed', { raw: '{', headers: { accept: 'image/png' } }, 406],
  ])('%s', async (_, sending, status) => {
    expect((await fill(sending)).status).toBe(status);
  });

  it.each<[string, Sending, number]>([
    ['413 before 403', { raw: large }, 413],
    ['415 before 403', { raw: '<a/>', headers: { 'content-type': 'text/xml' } }, 415],
    ['406 before 403', { body: {}, headers: { accept: 'image/png' } }, 406],
    ['malformed before 403', { raw: '{' }, 400],
    ['403 before validation', { body: { nonsense: true }, headers: { 'if-match': 'x' } }, 403],
  ])('%s', async (_, sending, status) => {
    expect((await fill({ token: auditor, ...sending })).status).toBe(status);
  });
});

describe('an answered command', () => {
  it('201 with Location for a new stream, the id first', async () => {
    const answer = await send('POST', '/v1/boxes', { body: BOX });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body)).toEqual(['boxId', 'revision', 'events']);
    expect(answer.headers).toMatchObject({
      etag: '"0"',
      location: `/v1/boxes/${answer.body['boxId']}`,
      'consistency-token': '000000000042',
      'cache-control': 'no-store',
    });
  });

  it('200 for a stream that exists, and the newest token where nothing was stored', async () => {
    handling.next = command => ({ ...receipt(command, 4), events: [], position: undefined, shown: { possibleDuplicates: [] } });
    const answer = await fill();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ boxId: SOME_ID, revision: 4, events: [], possibleDuplicates: [] });
    expect(answer.headers).toMatchObject({ etag: '"4"', 'consistency-token': '000000000042' });
    expect(answer.headers.location).toBeUndefined();
  });

  it('the command is an instance with its context, its ids in lower case', async () => {
    const key = randomUUID().toUpperCase();
    await send('POST', `/v1/boxes/${SOME_ID.toUpperCase()}/fill-box`, {
      body: { content: 'x' },
      headers: { 'idempotency-key': key, 'if-match': '"6"', 'x-correlation-id': 'trace-1' },
    });
    const command = handling.last as Act;
    expect(command.constructor.name).toBe('FillBox');
    expect(command.streamId).toBe(SOME_ID);
    expect(command.context).toEqual({
      actor: { id: 'cw-1', roles: ['caseworker'], office: 'ELP' },
      commandId: key.toLowerCase(),
      causationId: key.toLowerCase(),
      correlationId: 'trace-1',
      ifMatch: 6,
      now: '2020-01-13T15:00:00Z',
    });
  });

  it('a new id follows from person and key, unless the body names one', async () => {
    const headers = { 'idempotency-key': '6f1f64d2-2c7e-4c4e-9a55-0d2f7a1b9c11' };
    expect((await send('POST', '/v1/boxes', { body: BOX, headers })).body['boxId']).toBe('c780b6f8-e1f6-5b8f-92bb-15c0e02c5cb9');
    expect((await send('POST', '/v1/boxes', { body: { ...BOX, boxId: SOME_ID }, headers })).body['boxId']).toBe(SOME_ID);
    const [one, other] = await Promise.all([send('POST', '/v1/boxes', { body: BOX }), send('POST', '/v1/boxes', { body: BOX })]);
    expect(one.body['boxId']).not.toBe(other.body['boxId']);
  });

  it('a missing body counts as an empty one', async () => {
    const token = await service.token(['supervisor'], 'su-1');
    expect((await send('POST', `/v1/boxes/${SOME_ID}/seal-box`, { token })).status).toBe(201);
    expect((await send('POST', `/v1/boxes/${SOME_ID}/seal-box`, { token, raw: '' })).status).toBe(201);
    expectProblem(await fill({ body: undefined }), 400, 'validation-failed');
  });
});
