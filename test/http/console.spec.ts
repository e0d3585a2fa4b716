import { readdirSync } from 'node:fs';
import { fastify } from 'fastify';
import { serveConsole } from '../../src/http/console.js';
import { type Service, startService } from './service.js';

const ELSEWHERE = {
  AUTH_ISSUER: 'https://issuer.example/realm',
  AUTH_AUDIENCE: 'caseledger',
  AUTH_JWKS_URL: 'https://issuer.example/keys',
};
const ANA = { sub: 'cw-ana', roles: ['caseworker'], office: 'ELP' };

let service: Service;
let elsewhere: Service;
let origin: string;
beforeAll(async () => {
  [service, elsewhere] = await Promise.all([startService(), startService(ELSEWHERE)]);
  origin = (await service.app.getUrl()).replace('[::1]', '127.0.0.1');
});
afterAll(() => Promise.all([service.stop(), elsewhere.stop()]));

describe('the pages', () => {
  it.each([
    '/',
    '/cases',
    '/cases/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
    '/signed-in?code=1&state=2',
    '/audit',
    '/audit/cases/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
    '/reports',
    '/reports/outcomes',
    '/health',
  ])('are served at %s, from their own files alone', async path => {
    const { status, headers, text } = await service.send('GET', path, { headers: { accept: 'text/html' } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|https?:\/\//);
  });

  it('have files whose names hold what is in them, kept for a year', async () => {
    const [script] = readdirSync('dist/console/assets').filter(name => /^index-.*\.js$/.test(name));
    const { status, headers } = await service.send('GET', `/assets/${script}`);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/javascript/);
  });

  it.each(['/assets/', '/assets/../index.html', '/assets/%2e%2e/%2e%2e/main.js', '/elsewhere', '/case'])(
    'leave every other address as it was: %s',
    async path => {
      expect(await service.send('GET', path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    },
  );

  it('say to a browser that there is nothing, and leave programs what they are told', async () => {
    const accept = 'text/html,application/xhtml+xml';
    const { status, headers, text } = await service.send('GET', '/elsewhere', { headers: { accept } });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 404, type: 'text/html; charset=utf-8' });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(text).toBe((await service.send('GET', '/', { headers: { accept } })).text);
    for (const [method, path] of [
      ['GET', '/v1/elsewhere'],
      ['GET', '/assets/elsewhere.js'],
      ['GET', '/health/elsewhere'],
      ['POST', '/elsewhere'],
    ] as const)
      expect((await service.send(method, path, { headers: { accept } })).headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('learn how people sign in, and may speak to the issuer of tokens', async () => {
    expect((await service.send('GET', '/console.json')).body).toMatchObject({ kind: 'local' });
    const told = await elsewhere.send('GET', '/console.json');
    expect(told.body).toEqual({ kind: 'oidc', issuer: ELSEWHERE.AUTH_ISSUER, clientId: 'caseledger-console' });
    const { headers } = await elsewhere.send('GET', '/cases');
    expect(headers['content-security-policy']).toContain("connect-src 'self' https://issuer.example");
  });
});

describe('pages that were not built', () => {
  it.each(['/', '/cases', '/audit'])('are missed by name at %s', async path => {
    const server = fastify();
    serveConsole(server, new URL('file:///nonexistent/console/'));
    const { statusCode, headers, body } = await server.inject(path);
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toContain('The console is not here: `npm run build` makes it.');
    await server.close();
  });
});

describe('signing in at the local issuer', () => {
  it('gives a token that holds', async () => {
    const { status, body } = await service.send('POST', '/v1/sign-in', { body: ANA, headers: { origin, 'sec-fetch-site': 'same-origin' } });
    expect(status).toBe(200);
    expect((await service.send('GET', '/v1/boxes', { token: String(body['token']) })).status).toBe(200);
  });

  it.each([
    ['origin', 'https://other.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
  ])('is refused to pages of others: %s %s', async (name, value) => {
    const refusal = await service.send('POST', '/v1/sign-in', { body: ANA, headers: { [name]: value } });
    expect(refusal).toMatchObject({ status: 403, body: { code: 'other-origin' } });
  });

  it.each([
    [{ ...ANA, sub: 'cw ana' }, '/sub'],
    [{ ...ANA, sub: 'System' }, '/sub'],
    [{ ...ANA, roles: [] }, '/roles'],
    [{ ...ANA, roles: ['king'] }, '/roles/0'],
    [{ ...ANA, roles: ['auditor', 'caseworker'] }, '/roles'],
    [{ ...ANA, office: undefined }, '/office'],
    [{ ...ANA, office: 'elp' }, '/office'],
  ])('says what does not fit: %j', async (body, pointer) => {
    const refusal = await service.send('POST', '/v1/sign-in', { body });
    expect(refusal).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ pointer }] } });
  });

  it('is no route where tokens come from elsewhere', async () => {
    const without = await elsewhere.send('POST', '/v1/sign-in', { body: ANA });
    expect(without).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });
});
