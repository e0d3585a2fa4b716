import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Config } from '../../src/config.js';
import { serveMetrics } from '../../src/http/metrics-port.js';
import { type Answer, type Service, startService } from './service.js';

/* Who may come in, how often, and what a browser is told. */

const FILL = '/v1/boxes/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e/fill-box';
const many = (count: number, send: () => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: count }, send));
const statuses = (answers: readonly Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

async function serving(env: Readonly<Record<string, string>>, tell: (service: Service) => Promise<void>): Promise<void> {
  const service = await startService(env);
  try {
    await tell(service);
  } finally {
    await service.stop();
  }
}

describe('the rate limit', () => {
  it('counts each caller alone, over all routes, before a body is read', () =>
    serving({ RATE_LIMIT: '20' }, async service => {
      const hasty = await service.token(['caseworker'], 'hasty');
      const first = await service.send('GET', '/v1/boxes', { token: hasty });
      expect(first.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '19', 'ratelimit-reset': '60' });
      const answers = [
        ...(await many(12, () => service.send('GET', '/v1/boxes', { token: hasty }))),
        ...(await many(12, () => service.send('POST', FILL, { token: hasty, raw: '{broken' }))),
      ];
      expect(statuses(answers)).toEqual({ 200: 12, 400: 7, 429: 5 });
      const refused = answers.find(({ status }) => status === 429);
      expect(refused?.body).toMatchObject({ code: 'too-many-requests', status: 429 });
      expect(refused?.headers).toMatchObject({
        'ratelimit-remaining': '0',
        'retry-after': expect.stringMatching(/^[1-9]\d?$/),
        'x-correlation-id': expect.any(String),
      });
      expect((await service.send('GET', '/v1/nothing', { token: hasty })).status).toBe(429);
      expect((await service.send('GET', '/v1/boxes', { token: await service.token(['caseworker'], 'patient') })).status).toBe(200);
    }));

  it('counts by address who shows no token that holds, on every address, and probes apart', () =>
    serving({ RATE_LIMIT: '10' }, async service => {
      let guess = 0;
      const answers = [
        ...(await many(4, () => service.send('GET', '/v1/boxes', { headers: { authorization: `Bearer a.b.${(guess += 1)}` } }))),
        ...(await many(2, () => service.send('GET', '/nothing'))),
        ...(await many(2, () => service.send('GET', '/metrics'))),
        ...(await many(4, () => service.send('GET', '/v1/%zz'))),
      ];
      expect(statuses(answers)).toEqual({ 200: 2, 401: 6, 404: 2, 429: 2 });
      expect((await service.send('GET', '/docs')).status).toBe(429);
      expect(statuses(await many(12, () => service.send('GET', '/health/live')))).toEqual({ 200: 10, 429: 2 });
      expect((await service.send('GET', '/v1/boxes', { token: await service.token() })).status).toBe(200);
    }));

  it('believes the address that the named proxy tells, and nobody else', async () => {
    const from = (service: Service, address: string): Promise<Answer> =>
      service.send('GET', '/v1/boxes', { headers: { 'x-forwarded-for': address } });
    await serving({ RATE_LIMIT: '2', TLS_PROXY: '127.0.0.0/8' }, async service => {
      const answers = [];
      for (const address of ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2', '2001:db8::1', '2001:db8::2', '2001:db8::3'])
        answers.push((await from(service, address)).status);
      expect(answers).toEqual([401, 401, 429, 401, 401, 401, 429]);
    });
    await serving({ RATE_LIMIT: '2' }, async service => {
      const answers = [];
      for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) answers.push((await from(service, address)).status);
      expect(answers).toEqual([401, 401, 429]);
    });
  });

  it('is off unless asked for', () =>
    serving({}, async service => {
      const { headers } = await service.send('GET', '/health/live');
      expect(Object.keys(headers).filter(name => name.startsWith('ratelimit'))).toEqual([]);
    }));
});

describe('metrics', () => {
  it('are shown to whoever has METRICS_TOKEN, once it is set', () =>
    serving({ METRICS_TOKEN: 'a-scraper-of-ours' }, async service => {
      const read = async (authorization?: string): Promise<number> =>
        (await service.send('GET', '/metrics', { headers: authorization === undefined ? {} : { authorization } })).status;
      expect(await read()).toBe(401);
      expect(await read('Bearer a-scraper-of-other')).toBe(401);
      expect(await read(`Bearer ${await service.token(['admin'])}`)).toBe(401);
      expect(await read('Bearer a-scraper-of-ours')).toBe(200);
      expect((await service.send('HEAD', '/metrics')).status).toBe(401);
      expect((await service.send('GET', '/v1/boxes', { token: 'a-scraper-of-ours' })).status).toBe(401);
    }));
});

describe('metrics on a port of their own', () => {
  it('are shown there alone, with the token where one is set', () =>
    serving({ METRICS_PORT: '0', METRICS_TOKEN: 'a-scraper-of-ours' }, async service => {
      expect((await service.send('GET', '/metrics', { headers: { authorization: 'Bearer a-scraper-of-ours' } })).status).toBe(404);
      const server = await serveMetrics(service.app, service.config);
      try {
        const { port } = (server as Server).address() as AddressInfo;
        const read = async (path: string, authorization = 'Bearer a-scraper-of-ours'): Promise<Response> =>
          fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } });
        const shown = await read('/metrics');
        expect([shown.status, shown.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
        expect(await shown.text()).toContain('http_requests_total');
        expect((await read('/metrics', 'Bearer another')).status).toBe(401);
        expect((await read('/v1/boxes')).status).toBe(404);
        await expect(serveMetrics(service.app, new Config({ ...service.config, metricsPort: port }))).rejects.toThrow(
          `METRICS_PORT ${port} `,
        );
      } finally {
        server?.closeAllConnections();
        server?.close();
      }
    }));
});

describe('who is told to come with a token', () => {
  it('hears of an error only where a token came', () =>
    serving({}, async service => {
      expect((await service.send('GET', '/v1/boxes')).headers['www-authenticate']).toBe('Bearer');
      expect((await service.send('GET', '/v1/boxes', { token: 'a.b.c' })).headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }));
});

describe('a browser', () => {
  it('loads and runs nothing of an answer, and frames none', () =>
    serving({}, async service => {
      for (const path of ['/health/live', '/v1/boxes', '/nothing', '/openapi.json', '/metrics']) {
        const { headers } = await service.send('GET', path);
        expect([path, headers]).toEqual([
          path,
          expect.objectContaining({
            'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
            'x-frame-options': 'DENY',
            'referrer-policy': 'no-referrer',
            'x-content-type-options': 'nosniff',
          }),
        ]);
        expect(headers['strict-transport-security']).toBeUndefined();
      }
    }));

  it('is told to come by TLS alone where a proxy speaks it', () =>
    serving({ TLS_PROXY: '127.0.0.1' }, async service => {
      expect((await service.send('GET', '/health/live')).headers['strict-transport-security']).toBe('max-age=31536000');
    }));

  it('gets the documentation, which runs its own files alone', () =>
    serving({}, async service => {
      const page = await service.send('GET', '/docs');
      expect(page.headers['content-security-policy']).toContain("script-src 'self';");
      const loaded = [...page.text.matchAll(/(?:src|href)=["']([^"']+)["']/g)]
        .map(([, path]) => path)
        .filter(path => path?.startsWith('./'));
      expect(loaded.length).toBeGreaterThanOrEqual(5);
      for (const path of loaded) expect([path, (await service.send('GET', `/${path?.slice(2)}`)).status]).toEqual([path, 200]);
      // Nothing in the page itself is a script.
      expect(page.text.match(/<script(?![^>]* src=)/g)).toBeNull();
    }));

  it('gets no other file', () =>
    serving({}, async service => {
      for (const path of [
        'package.json',
        'index.js',
        'absolute-path.js',
        'README.md',
        'NOTICE',
        'LICENSE',
        'swagger-initializer.js',
        'oauth2-redirect.html',
        'swagger-ui.js',
        'swagger-ui-bundle.js.map',
        '../package.json',
        '..%2fpackage.json',
        '%2e%2e/package.json',
        '..%5cpackage.json',
        './package.json',
        '/package.json',
        'swagger-ui.css/../package.json',
        '....//package.json',
        '%00',
      ])
        expect([path, [400, 404].includes((await service.send('GET', `/docs/${path}`)).status)]).toEqual([path, true]);
    }));
});
