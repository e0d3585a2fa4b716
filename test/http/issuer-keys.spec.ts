import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { eventually } from '../support/world.js';
import { type Service, startService } from './service.js';

/* Keys of an issuer elsewhere, which is away, rotates its keys, or answers nonsense. */

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
const pair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const shown = ({ publicKey }: Pair, kid?: string): object => ({
  ...publicKey.export({ format: 'jwk' }),
  ...(kid !== undefined && { kid }),
  use: 'sig',
  alg: 'ES256',
});

describe('an issuer elsewhere', () => {
  const [first, second, third] = [pair(), pair(), pair()];
  let issuer: Server;
  let url: string;
  let service: Service;
  let answer: { status: number; body: unknown };
  let looks: number;

  beforeAll(async () => {
    issuer = createServer((_, response) => {
      looks += 1;
      response.statusCode = answer.status;
      response.end(JSON.stringify(answer.body));
    });
    await new Promise<void>(resolve => {
      issuer.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  });
  beforeEach(async () => {
    looks = 0;
    answer = { status: 200, body: { keys: [shown(first, 'one')] } };
    service = await startService({ AUTH_ISSUER: url, AUTH_AUDIENCE: 'api', AUTH_JWKS_URL: `${url}/jwks` });
  });
  afterEach(() => service.stop());
  afterAll(() => issuer.close());

  const status = async ({ privateKey }: Pair, kid?: string): Promise<number> => {
    const token = await new SignJWT({ sub: 'cw-1', roles: ['caseworker'], office: 'ELP' })
      .setProtectedHeader({ alg: 'ES256', ...(kid !== undefined && { kid }) })
      .setIssuer(url)
      .setAudience('api')
      .setIssuedAt()
      .setExpirationTime('1m')
      .setJti(String(Math.random()))
      .sign(privateKey);
    return (await service.send('GET', '/v1/boxes', { token })).status;
  };
  const told = async (): Promise<Record<string, unknown>> => {
    const { status: ready, body } = await service.send('GET', '/health/ready');
    return { ready, ...(body['details'] as Record<string, object>)['token-issuer'] };
  };
  const metric = async (name: string): Promise<string | undefined> =>
    new RegExp(`^${name} (.*)$`, 'm').exec((await service.send('GET', '/metrics')).text)?.[1];

  it('goes on with the last known keys while the issuer is away, and says so', async () => {
    expect(await status(first, 'one')).toBe(200);
    expect(await told()).toMatchObject({ ready: 200, issuer: 'reachable' });
    expect(await metric('token_issuer_away')).toBe('0');
    // What it cannot say is a 503, not a 401; nor does it forget what it knows when an issuer in trouble names no keys.
    answer = { status: 200, body: { keys: [] } };
    expect([await status(second, 'two'), await status(first, 'one')]).toEqual([503, 200]);
    answer = { status: 200, body: { keys: [shown(first, 'one')] } };
    await eventually(
      'the issuer is back',
      () => status(second, 'two'),
      seen => seen === 401,
    );
    answer = { status: 500, body: {} };
    expect(await status(second, 'two')).toBe(503);
    expect(await told()).toMatchObject({
      ready: 200,
      status: 'up',
      issuer: 'away',
      awaySince: expect.stringMatching(/Z$/),
      keysFrom: expect.stringMatching(/Z$/),
    });
    expect(await metric('token_issuer_away')).toBe('1');
    expect(Number(await metric('token_issuer_keys_age_seconds'))).toBeGreaterThan(0);
    expect(service.logs.filter(line => line.includes('cannot be fetched:'))).toHaveLength(2);
    await expect(service.token()).rejects.toThrow('AUTH_ISSUER');
  });

  it('is not ready, and answers 503, before any key was seen', async () => {
    answer = { status: 500, body: {} };
    expect(await status(first, 'one')).toBe(503);
    expect(await told()).toMatchObject({ ready: 503, status: 'down', issuer: 'away' });
  });

  it('takes a new key at once, and looks no more often than every few seconds', async () => {
    expect(await status(first, 'one')).toBe(200);
    expect(looks).toBe(1);
    answer = { status: 200, body: { keys: [shown(first, 'one'), shown(second, 'two')] } };
    expect(await status(second, 'two')).toBe(200);
    expect(looks).toBe(2);
    const strangers = await Promise.all(Array.from({ length: 30 }, (_, index) => status(third, `made-up-${index}`)));
    expect(new Set(strangers)).toEqual(new Set([401]));
    expect(looks).toBe(3);
    expect(await status(third, 'one')).toBe(401);
    expect(looks).toBe(3);
  });

  it('tries every key of the algorithm where the token names none, a new one too', async () => {
    answer = { status: 200, body: { keys: [shown(first, 'one'), shown(second)] } };
    expect(await status(first)).toBe(200);
    expect(await status(second)).toBe(200);
    answer = { status: 200, body: { keys: [shown(second), shown(third, 'one'), shown(first, 'one')] } };
    expect(await status(third)).toBe(200);
    expect(await status(third, 'one')).toBe(200);
    expect(await status(first, 'one')).toBe(200);
    expect(await status(pair())).toBe(401);
  });
});
