import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import { issueLocalToken } from '../../src/http/authentication.js';
import { type Service, startService } from './service.js';

const LOCAL = { issuer: 'urn:caseledger:local', audience: 'caseledger' };
const CLAIMS = { sub: 'cw-1', roles: ['caseworker'], office: 'ELP' };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1000);

describe('the local issuer', () => {
  let service: Service;
  let jwk: { x: string; kid: string };
  beforeAll(async () => {
    service = await startService({ CLOCK: 'simulated:2019-11-15T00:00:00Z' });
    jwk = JSON.parse(readFileSync(join(service.config.dataDir, 'token-issuer.jwk'), 'utf8')) as typeof jwk;
  });
  afterAll(() => service.stop());

  const status = async (authorization?: string): Promise<number> =>
    (await service.send('GET', '/v1/boxes', { headers: authorization === undefined ? {} : { authorization } })).status;
  const bearer = async (token: string | Promise<string>): Promise<number> => status(`Bearer ${await token}`);
  const signed = async ({
    claims = CLAIMS,
    header = {},
    issuer = LOCAL.issuer,
    audience = LOCAL.audience,
    expires = seconds() + 60,
  }: {
    claims?: JWTPayload;
    header?: object;
    issuer?: string;
    audience?: string;
    expires?: number;
  } = {}): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid, ...header })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(await importJWK(jwk, 'EdDSA'));

  it('takes its own tokens, again and again', async () => {
    const token = await service.token();
    expect(await bearer(token)).toBe(200);
    expect(await bearer(token)).toBe(200);
    expect(await bearer(signed())).toBe(200);
  });

  it('keeps its key to itself', () => {
    expect(statSync(join(service.config.dataDir, 'token-issuer.jwk')).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Bearer nonsense', 'Bearer a.b.c', 'Basic YTpi', 'bearer x y'])('refuses %j', async header => {
    expect(await status(header)).toBe(401);
  });
  it('refuses no header at all', async () => expect(await status()).toBe(401));

  it('refuses alg none', async () => {
    const claims = { ...CLAIMS, iss: LOCAL.issuer, aud: LOCAL.audience, exp: seconds() + 60 };
    for (const alg of ['none', 'None', 'NONE']) expect(await bearer(`${part({ alg, kid: jwk.kid })}.${part(claims)}.`)).toBe(401);
  });

  it('refuses HS256 made with the public key', async () => {
    const claims = { ...CLAIMS, iss: LOCAL.issuer, aud: LOCAL.audience, exp: seconds() + 60 };
    const body = `${part({ alg: 'HS256', kid: jwk.kid })}.${part(claims)}`;
    for (const secret of [jwk.x, Buffer.from(jwk.x, 'base64url')])
      expect(await bearer(`${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`)).toBe(401);
  });

  it('refuses expired tokens, by real time, in a training copy too', async () => {
    expect(await bearer(signed({ expires: seconds() - 1 }))).toBe(401);
    expect(await bearer(signed({ expires: Date.parse('2019-11-16T00:00:00Z') / 1000 }))).toBe(401);
    const short = await issueLocalToken(service.config, { sub: 'a', roles: ['caseworker'], office: 'ELP', lifetime: 1 });
    expect(await bearer(short)).toBe(200);
    await new Promise(resolve => {
      setTimeout(resolve, 1100);
    });
    expect(await bearer(short)).toBe(401);
  });

  it('refuses another issuer, audience, key id, key or an unsigned change', async () => {
    expect(await bearer(signed({ issuer: 'https://elsewhere.example' }))).toBe(401);
    expect(await bearer(signed({ audience: 'another' }))).toBe(401);
    expect(await bearer(signed({ header: { kid: 'unknown' } }))).toBe(401);
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(await bearer(foreign(privateKey, LOCAL, { kid: jwk.kid }))).toBe(401);
    const [head, , signature] = (await signed()).split('.');
    expect(
      await bearer(`${head}.${Buffer.from(JSON.stringify({ ...CLAIMS, roles: ['auditor'] })).toString('base64url')}.${signature}`),
    ).toBe(401);
  });

  it.each<[string, JWTPayload, number]>([
    ['no sub', { roles: ['caseworker'] }, 401],
    ['an empty sub', { ...CLAIMS, sub: '' }, 401],
    ['a sub too long', { ...CLAIMS, sub: 'a'.repeat(201) }, 401],
    ['a line feed in sub', { ...CLAIMS, sub: 'a\nb' }, 401],
    ['roles that are no list', { ...CLAIMS, roles: 'caseworker' }, 401],
    ['an office that is no text', { ...CLAIMS, office: 7 }, 401],
    ['no roles', { sub: 'a' }, 403],
    ['roles unknown here', { ...CLAIMS, roles: ['root', 7] }, 403],
    ['a known role beside an unknown one', { ...CLAIMS, roles: ['root', 'caseworker'] }, 200],
    ['the name of the system', { ...CLAIMS, sub: 'system' }, 401],
    ['the name of the system, shouted', { ...CLAIMS, sub: 'SYSTEM' }, 401],
    ['the role of the system', { ...CLAIMS, roles: ['system', 'caseworker'] }, 200],
    ['a blank in sub', { ...CLAIMS, sub: 'cw ana' }, 401],
    ['a sub that ends in a line feed', { ...CLAIMS, sub: 'cw-ana\n' }, 401],
    ['a sub that begins with a sign', { ...CLAIMS, sub: '-ana' }, 401],
    ['a sub with letters beyond ASCII', { ...CLAIMS, sub: 'ána' }, 401],
    ['the longest sub with every sign', { ...CLAIMS, sub: `a._@|:+-${'9'.repeat(192)}` }, 200],
    ['issued a little ahead of our clock', { ...CLAIMS, iat: seconds() + 3 }, 200],
    ['issued in the future', { ...CLAIMS, iat: seconds() + 60 }, 401],
    ['good from a little ahead of our clock', { ...CLAIMS, nbf: seconds() + 3 }, 200],
    ['good from the future', { ...CLAIMS, nbf: seconds() + 60 }, 401],
    ['no office', { sub: 'a', roles: ['auditor'] }, 200],
    ['no office of an admin', { sub: 'a', roles: ['admin'], office: null }, 200],
    ...['caseworker', 'supervisor', 'liaison'].map((role): [string, JWTPayload, number] => [
      `a ${role} without an office`,
      { sub: 'a', roles: [role] },
      401,
    ]),
    ['an office that is null', { ...CLAIMS, office: null }, 401],
    ...['', 'E', 'elp', 'ELP ', 'ELPASO', 'E1'].map((office): [string, JWTPayload, number] => [
      `the office ${JSON.stringify(office)}`,
      { ...CLAIMS, office },
      401,
    ]),
    ['an office of an auditor that does not fit', { sub: 'a', roles: ['auditor'], office: 'elp' }, 401],
    ['an auditor who is more', { ...CLAIMS, roles: ['auditor', 'admin'] }, 403],
  ])('%s', async (_, claims, expected) => {
    expect(await bearer(signed({ claims }))).toBe(expected);
  });

  it.each<[unknown, number]>([
    [undefined, 200],
    ['JWT', 200],
    ['jwt', 200],
    ['at+jwt', 200],
    ['application/at+jwt', 200],
    ['logout+jwt', 401],
    ['dpop+jwt', 401],
    ['', 401],
    [7, 401],
    [null, 401],
  ])('typ %j', async (typ, expected) => {
    expect(await bearer(signed({ header: { typ } }))).toBe(expected);
  });

  it('cannot be walked around by spelling the address otherwise', async () => {
    for (const path of [
      '/%76%31/boxes',
      '/v1//boxes',
      '//v1/boxes',
      '/v1/boxes/',
      '/V1/boxes',
      '/v1/boxes?x',
      '/./v1/boxes',
      '/v1%2fboxes',
      '/v1;a/boxes',
    ]) {
      expect([path, [401, 404].includes((await service.send('GET', path)).status)]).toEqual([path, true]);
    }
    expect((await service.send('HEAD', '/v1/boxes')).status).toBe(401);
  });
});

const foreign = (
  key: KeyObject,
  { issuer, audience }: { issuer: string; audience: string },
  header: { kid: string },
  alg = 'EdDSA',
): Promise<string> =>
  new SignJWT(CLAIMS)
    .setProtectedHeader({ alg, ...header })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('1m')
    .sign(key);
