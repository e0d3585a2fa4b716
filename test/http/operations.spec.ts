import type { AddressInfo } from 'node:net';
import { misfit } from '../../src/event-store/rule.js';
import { ValidationFailed } from '../../src/fields/validation.js';
import { inOneLine } from '../../src/http/application.js';
import { HealthRegistry } from '../../src/http/health.js';
import { handling, receipt, type Service, SOME_ID, startService } from './service.js';

const FILL = `/v1/boxes/${SOME_ID}/fill-box`;
const linesOf = (service: Service): Record<string, unknown>[] => service.logs.map(line => JSON.parse(line) as Record<string, unknown>);
const wait = (ms: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, ms);
  });

describe('a service', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    handling.next = command => receipt(command);
  });

  it('is live, and ready once all that it depends on is', async () => {
    expect((await service.send('GET', '/health/live')).body).toEqual({ status: 'ok' });
    expect(await service.send('GET', '/health/ready', { headers: { accept: 'text/plain' } })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    const registry = service.app.get(HealthRegistry);
    registry.add('database', async () => ({ up: true, server: 'embedded' }));
    registry.add('caseload', async () => ({ up: false, lag: 12 }));
    registry.add('store', () => Promise.reject(new Error('Zquill')));
    const answer = await service.send('GET', '/health/ready');
    expect(answer).toMatchObject({
      status: 503,
      body: {
        status: 'error',
        details: { database: { status: 'up', server: 'embedded' }, caseload: { status: 'down', lag: 12 }, store: { status: 'down' } },
      },
    });
    expect(answer.text).not.toContain('Zquill');
  });

  it('counts and times by pattern, and shows no id', async () => {
    const token = await service.token(['caseworker'], 'a-certain-person');
    await service.send('POST', FILL, { token, body: { content: 'x' } });
    await service.send('POST', FILL, { token, body: {} });
    await service.send('GET', '/v1/Zquill?q=Zquill', { token });
    const { text, headers } = await service.send('GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('http_requests_total{method="POST",route="/v1/boxes/:boxId/fill-box",status="201"} 1');
    expect(text).toContain('http_requests_total{method="POST",route="/v1/boxes/:boxId/fill-box",status="400"} 1');
    expect(text).toContain('http_request_duration_seconds_count{method="POST",route="/v1/boxes/:boxId/fill-box"} 2');
    expect(text).toContain('http_refusals_total{code="validation-failed"} 1');
    expect(text).toContain('process_cpu_seconds_total');
    for (const secret of [SOME_ID, 'Zquill', 'a-certain-person']) expect(text).not.toContain(secret);
  });

  it('has no more series after addresses, methods and headers that nobody foresaw', async () => {
    const series = async (): Promise<number> =>
      (await service.send('GET', '/metrics')).text.split('\n').filter(line => line.startsWith('http_')).length;
    const token = await service.token();
    await service.send('GET', '/nothing');
    await service.send('GET', '/v1/nothing', { token });
    await service.send('OPTIONS', '/v1/nothing');
    await series();
    const before = await series();
    for (const method of ['PROPFIND', 'LINK', 'OPTIONS', 'HEAD', 'DELETE', 'PATCH']) {
      for (const path of ['/v1/nothing', `/${method}`, `/docs/${method}`, `/health/${method}`]) await service.send(method, path, { token });
    }
    expect(await series()).toBe(before);
  });

  it('writes one JSON line a request, without addresses, bodies, tokens or people', async () => {
    const token = await service.token(['caseworker'], 'a-certain-person');
    const { headers } = await service.send('POST', `${FILL}?q=Zquill`, {
      token,
      body: { content: 'Zquill' },
      headers: { 'x-purpose': 'Zquill', 'user-agent': 'Zquill' },
    });
    const lines = linesOf(service).filter(({ correlationId }) => correlationId === headers['x-correlation-id']);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        method: 'POST',
        route: '/v1/boxes/:boxId/fill-box',
        status: 201,
        ms: expect.any(Number),
        correlationId: expect.any(String),
      },
    ]);
    for (const secret of ['Zquill', token, SOME_ID, 'a-certain-person'])
      expect(service.logs.filter(line => line.includes(secret))).toEqual([]);
  });

  it('hands purpose and consistency token to queries', async () => {
    const { body } = await service.send('GET', '/v1/boxes', {
      token: await service.token(),
      headers: { 'x-purpose': Buffer.from('Prüfung', 'utf8').toString('latin1'), 'consistency-token': '000000000042' },
    });
    expect(body).toMatchObject({ purpose: 'Prüfung', consistencyToken: '000000000042' });
  });

  it('finishes what runs when it stops, and takes nothing new', async () => {
    const stopping = await startService();
    const token = await stopping.token();
    handling.next = async command => {
      await wait(300);
      return receipt(command);
    };
    const running = stopping.send('POST', FILL, { token, body: { content: 'x' } });
    await wait(100);
    const stopped = stopping.stop();
    await wait(50);
    await expect(stopping.send('GET', '/health/live')).rejects.toThrow('ECONNREFUSED');
    expect((await running).status).toBe(201);
    await stopped;
  });
});

it('a training copy says so in every answer and log line, and in the documentation', async () => {
  const service = await startService({ CLOCK: 'simulated:2019-11-15T00:00:00Z' });
  try {
    for (const path of ['/health/live', '/v1/boxes', '/nothing'])
      expect((await service.send('GET', path)).headers['x-training-copy']).toBe('2020-01-13T15:00:00Z');
    expect((await service.send('GET', '/openapi.json')).text).toContain('training copy');
    expect((await service.send('GET', '/docs')).text).toContain('training copy');
    expect(linesOf(service).every(({ training }) => training === true)).toBe(true);
  } finally {
    await service.stop();
  }
});

it('says in one line why it cannot listen', async () => {
  const first = await startService();
  const { port } = first.app.getHttpServer().address() as AddressInfo;
  const failure: unknown = await startService({ PORT: String(port) }).catch((error: unknown) => error);
  expect(inOneLine(failure)).toBe(`PORT ${port} on HOST 127.0.0.1 is in use`);
  expect(inOneLine(new Error('two\n  lines'))).toBe('two lines');
  expect(inOneLine(misfit('/from', 'invalid', 'must not be after to'))).toBe('from must not be after to');
  const unfit = ['country', 'by'].map(field => ({ pointer: `/${field}`, code: 'invalid', message: 'must be known' }));
  expect(inOneLine(new ValidationFailed(unfit))).toBe('country must be known; by must be known');
  await first.stop();
});
