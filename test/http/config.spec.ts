import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { ConfigError } from '../../src/config-error.js';
import { localKey } from '../../src/local-keys.js';

const KEY = Buffer.alloc(32, 7);
const PRODUCTION = {
  NODE_ENV: 'production',
  AUTH_ISSUER: 'https://id.example',
  AUTH_AUDIENCE: 'api',
  AUTH_JWKS_URL: 'https://id.example/jwks',
  MASTER_KEY: KEY.toString('base64'),
  LOG_KEY: KEY.toString('hex'),
};
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const messageOf = (env: Record<string, string>): string => {
  try {
    readConfig({ DATA_DIR: dataDir, ...env });
    return 'no fault';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
};

it('has a default for everything in development', () => {
  const config = readConfig({ DATA_DIR: dataDir, HOST: '', RATE_LIMIT: 'off' });
  expect(config).toMatchObject({
    production: false,
    host: '127.0.0.1',
    port: 3000,
    dataDir,
    issuer: { kind: 'local' },
    logLevel: 'info',
    role: 'all',
  });
  expect([config.databaseUrl, config.eventStoreUrl, config.simulatedFrom, config.rateLimit]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(config.masterKey).toHaveLength(32);
  expect(config.masterKey.equals(config.logKey)).toBe(false);
});

it('has the master key before it from beside, or from a file that was put aside, and only then', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caseledger-config-'));
  try {
    expect(readConfig({ DATA_DIR: folder }).previousMasterKey).toBeUndefined();
    const { masterKey } = readConfig({ DATA_DIR: folder });
    renameSync(join(folder, 'master.key'), join(folder, 'master-previous.key'));
    const exchanged = readConfig({ DATA_DIR: folder });
    expect(exchanged.previousMasterKey).toEqual(masterKey);
    expect(exchanged.masterKey).not.toEqual(masterKey);
    const set = { DATA_DIR: folder, MASTER_KEY: KEY.toString('hex') };
    expect(readConfig(set).previousMasterKey).toBeUndefined();
    expect(readConfig({ ...set, MASTER_KEY_PREVIOUS: masterKey.toString('base64') }).previousMasterKey).toEqual(masterKey);
    expect(messageOf({ MASTER_KEY_PREVIOUS: 'short' })).toMatch(/^MASTER_KEY_PREVIOUS must hold 32 bytes/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('reads what is set', () => {
  writeFileSync(join(dataDir, 'secret'), `${KEY.toString('hex')}\n`);
  const config = readConfig({
    DATA_DIR: dataDir,
    PORT: '0',
    DATABASE_URL: 'postgres://a@b/c',
    EVENT_STORE_URL: 'esdb://127.0.0.1:2113?tls=false',
    CLOCK: 'simulated:2019-11-15T00:00:00Z',
    RATE_LIMIT: '200',
    TLS_PROXY: '127.0.0.1, fd00::/8',
    METRICS_TOKEN: 'a-scraper-of-ours',
    LOG_LEVEL: 'debug',
    MASTER_KEY_FILE: join(dataDir, 'secret'),
    LOG_KEY: KEY.toString('base64'),
  });
  expect(config).toMatchObject({
    port: 0,
    migrationDatabaseUrl: 'postgres://a@b/c',
    simulatedFrom: '2019-11-15T00:00:00Z',
    rateLimit: 200,
    tlsProxy: ['127.0.0.1', 'fd00::/8'],
    metricsToken: 'a-scraper-of-ours',
    logLevel: 'debug',
  });
  expect(config.masterKey.equals(KEY) && config.logKey.equals(KEY)).toBe(true);
  expect(readConfig({ DATA_DIR: dataDir, ...PRODUCTION })).toMatchObject({ production: true, issuer: { kind: 'oidc', audience: 'api' } });
});

it.each<[string, string]>([
  ['DATA_DIR', '/tmp/a\nb'],
  ['DATA_DIR', `/tmp/${'long/'.repeat(200)}`],
  ['PORT', '70000'],
  ['PORT', '3.5'],
  ['PORT', 'http'],
  ['DATABASE_URL', 'mysql://a'],
  ['MIGRATION_DATABASE_URL', 'x'],
  ['EVENT_STORE_URL', 'http://a'],
  ['AUTH_ISSUER', 'https://alone.example'],
  ['MASTER_KEY', 'short'],
  ['LOG_KEY', 'z'.repeat(64)],
  ['MASTER_KEY_FILE', '/nowhere/at/all'],
  ['CLOCK', 'simulated'],
  ['CLOCK', 'simulated:2019-02-30T00:00:00Z'],
  ['CLOCK', 'simulated:9000-01-01T00:00:00Z'],
  ['RATE_LIMIT', '0'],
  ['RATE_LIMIT', '-1'],
  ['METRICS_TOKEN', 'short'],
  ['METRICS_PORT', '70000'],
  ['TLS_PROXY', 'proxy'],
  ['TLS_PROXY', '10.0.0.0/33'],
  ['TLS_PROXY', '10.0.0.1,'],
  ['LOG_LEVEL', 'loud'],
])('names %s=%s', (name, value) => {
  const message = messageOf({ [name]: value });
  expect(message).toContain(name === 'AUTH_ISSUER' ? 'AUTH_AUDIENCE' : name);
  expect(message).not.toContain('\n');
});

it('never repeats a secret, and tells all faults at once', () => {
  const message = messageOf({ PORT: 'x', MASTER_KEY: 'my-secret', DATABASE_URL: 'mysql://user:my-secret@host' });
  expect(message).not.toContain('my-secret');
  for (const name of ['PORT', 'MASTER_KEY', 'DATABASE_URL']) expect(message).toContain(name);
});

it.each<[string, Record<string, string>]>([
  ['AUTH_ISSUER', { AUTH_ISSUER: '' }],
  ['AUTH_ISSUER', { AUTH_ISSUER: 'http://id.example' }],
  ['AUTH_JWKS_URL', { AUTH_JWKS_URL: 'http://id.example/jwks' }],
  ['MASTER_KEY', { MASTER_KEY: '' }],
  ['LOG_KEY', { LOG_KEY: '' }],
  ['CLOCK', { CLOCK: 'simulated:2019-11-15T00:00:00Z' }],
])('production refuses what is for development: %s', (name, env) => {
  expect(messageOf({ ...PRODUCTION, ...env })).toMatch(new RegExp(`^${name} .*(production|https://)`));
});

it('takes no user in AUTH_JWKS_URL, and does not repeat it', () => {
  const message = messageOf({ ...PRODUCTION, AUTH_JWKS_URL: 'https://me:my-secret@id.example/jwks' });
  expect(message).toContain('AUTH_JWKS_URL');
  expect(message).not.toContain('my-secret');
});

it('makes a key once, for its owner alone', () => {
  const first = localKey(dataDir, 'master');
  expect(localKey(dataDir, 'master').equals(first)).toBe(true);
  expect(localKey(dataDir, 'log').equals(first)).toBe(false);
  expect(statSync(join(dataDir, 'master.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir).sort()).toEqual(['log.key', 'master.key']);
  expect(readFileSync(join(dataDir, 'master.key'), 'utf8')).toBe(`${first.toString('base64')}\n`);
});

it('says in one line what is wrong with DATA_DIR', () => {
  writeFileSync(join(dataDir, 'file'), '');
  expect(messageOf({ DATA_DIR: join(dataDir, 'file') })).toMatch(/^DATA_DIR: .*ENOTDIR/);
  expect(messageOf({ DATA_DIR: '/proc/nowhere' })).toMatch(/^DATA_DIR: \/proc\/nowhere cannot be used/);
  expect(messageOf({ DATA_DIR: join(dataDir, 'a/b/c') })).toBe('no fault');
  writeFileSync(join(dataDir, 'master.key'), 'damaged');
  expect(messageOf({})).toMatch(/^DATA_DIR: master\.key .*damaged/);
});
