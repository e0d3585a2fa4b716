import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from './config-error.js';
import { isInstant } from './fields/formats.js';
import { isTrainingTime } from './fields/time.js';
import { codeOf, localKey, localKeyIfThere, readKey } from './local-keys.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const ROLES_OF_PROCESSES = ['all', 'api', 'followers'] as const;

export type IssuerConfig =
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audience: string; readonly jwksUrl: URL }
  /** Tokens signed with a key of our own under `dataDir`: for development only. */
  | { readonly kind: 'local' };

/** Every setting of the service, checked. Also the token by which others get it injected. */
export class Config {
  readonly production!: boolean;
  readonly host!: string;
  readonly port!: number;
  /** Absolute. */
  readonly dataDir!: string;
  /** Unset: the embedded server under `dataDir`. */
  readonly databaseUrl?: string;
  /** The role that owns the tables; `databaseUrl` unless set. */
  readonly migrationDatabaseUrl?: string;
  /** Unset: the event store in PostgreSQL. */
  readonly eventStoreUrl?: string;
  readonly issuer!: IssuerConfig;
  /** Of the console, at an issuer elsewhere. */
  readonly clientId!: string;
  /** 32 bytes: wraps the data keys. */
  readonly masterKey!: Buffer;
  /** The one before it, 32 bytes, while it is exchanged. */
  readonly previousMasterKey?: Buffer;
  /** 32 bytes: the seed of the key that signs the log. */
  readonly logKey!: Buffer;
  /** 32 bytes: the key before it, while it is exchanged. */
  readonly logKeyPrevious?: Buffer;
  /** Where each signed head goes: absolute paths, and addresses of witnesses. */
  readonly logWitnesses!: readonly string[];
  /** Where a training copy's time starts, RFC 3339 UTC; unset: the system's clock. */
  readonly simulatedFrom?: string;
  /** Requests a minute and caller; unset: no limit. */
  readonly rateLimit?: number;
  /** What a scraper shows to read `/metrics`; unset: nothing. */
  readonly metricsToken?: string;
  /** Where `/metrics` is served instead, on the same host; unset: beside all else. */
  readonly metricsPort?: number;
  /** Addresses or networks of the proxy that speaks TLS before the service. */
  readonly tlsProxy?: string[];
  readonly logLevel!: LogLevel;
  /** Whether it answers requests, keeps read models and processes, or both. */
  readonly role!: (typeof ROLES_OF_PROCESSES)[number];
  /** False where an empty ledger would pass for the one that was meant: then there must be one already. */
  readonly begins?: boolean;

  constructor(settings: Config) {
    Object.assign(this, settings);
  }
}

const LONGEST_FOLDER_BYTES = 900;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings; makes the keys that development may do without.
 * @throws ConfigError with all faults at once
 */
export function readConfig(env: Environment): Config {
  const faults: string[] = [];
  const settings = new Settings(env, faults);
  const production = env['NODE_ENV'] === 'production';
  const dataDir = settings.folder('DATA_DIR') ?? resolve('./data');
  const databaseUrl = settings.url('DATABASE_URL', ['postgres:', 'postgresql:']);
  const plain = {
    production,
    host: settings.text('HOST') ?? '127.0.0.1',
    port: settings.number('PORT', 0, 65_535) ?? 3000,
    dataDir,
    databaseUrl,
    migrationDatabaseUrl: settings.url('MIGRATION_DATABASE_URL', ['postgres:', 'postgresql:']) ?? databaseUrl,
    eventStoreUrl: settings.url('EVENT_STORE_URL', ['esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:']),
    issuer: settings.issuer(production),
    clientId: settings.text('AUTH_CLIENT_ID') ?? 'caseledger-console',
    logWitnesses: settings.witnesses('LOG_WITNESS'),
    simulatedFrom: settings.simulatedFrom(production),
    rateLimit: settings.text('RATE_LIMIT') === 'off' ? undefined : settings.number('RATE_LIMIT', 1, 1_000_000),
    metricsToken: settings.bearerToken('METRICS_TOKEN'),
    metricsPort: settings.number('METRICS_PORT', 0, 65_535),
    tlsProxy: settings.networks('TLS_PROXY'),
    logLevel: settings.choice('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    role: settings.choice('ROLE', ROLES_OF_PROCESSES) ?? 'all',
  };
  const masterKey = settings.key('MASTER_KEY', production);
  const previousMasterKey = settings.key('MASTER_KEY_PREVIOUS', false);
  const logKey = settings.key('LOG_KEY', production);
  const logKeyPrevious = settings.key('LOG_KEY_PREVIOUS', false);
  if (faults.length > 0) throw new ConfigError(faults);
  return new Config({
    ...plain,
    masterKey: masterKey ?? localKey(dataDir, 'master'),
    previousMasterKey: previousMasterKey ?? (masterKey ? undefined : localKeyIfThere(dataDir, 'master-previous')),
    logKey: logKey ?? localKey(dataDir, 'log'),
    ...(logKeyPrevious && { logKeyPrevious }),
  });
}

/** Reads single variables and notes what is wrong with them. Messages never repeat a value: it may be a secret. */
class Settings {
  constructor(
    private readonly env: Environment,
    private readonly faults: string[],
  ) {}

  /** An empty value counts as unset: compose files and shells leave such behind. */
  text(name: string): string | undefined {
    return this.env[name]?.trim() || undefined;
  }

  /** Absolute. */
  folder(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    // PostgreSQL's own files name it, a line each, in buffers of 1,024 bytes.
    if (/\p{Cc}/u.test(text)) return this.wrong(name, 'must hold no line break or other control character');
    const path = resolve(text);
    return Buffer.byteLength(path) <= LONGEST_FOLDER_BYTES
      ? path
      : this.wrong(name, `must be no longer than ${LONGEST_FOLDER_BYTES} bytes`);
  }

  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : this.wrong(name, `must be a whole number from ${min} to ${max}`);
  }

  choice<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return values.find(value => value === text) ?? this.wrong(name, `must be one of ${values.join(', ')}`);
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return protocols.some(protocol => text.startsWith(`${protocol}//`) && text.length > protocol.length + 2)
      ? text
      : this.wrong(name, `must be a URL that begins with ${protocols.map(protocol => `${protocol}//`).join(' or ')}`);
  }

  bearerToken(name: string): string | undefined {
    const text = this.text(name);
    return text === undefined || /^[\w.~+/-]{16,}=*$/.test(text)
      ? text
      : this.wrong(name, 'must be 16 or more letters, digits and . _ ~ + / -');
  }

  /** Paths of files and addresses of witnesses, by comma. */
  witnesses(name: string): string[] {
    const all = (this.text(name) ?? '')
      .split(',')
      .map(part => part.trim())
      .filter(Boolean);
    const fits = (witness: string): boolean =>
      /^https?:/.test(witness) ? isPlainUrl(witness) : isAbsolute(witness) && !/\p{Cc}/u.test(witness);
    if (!all.every(fits)) this.wrong(name, 'must be absolute paths of files and http(s) addresses without a user or password, by comma');
    return all;
  }

  /** IP addresses and networks, by comma. */
  networks(name: string): string[] | undefined {
    const networks = this.text(name)
      ?.split(',')
      .map(part => part.trim());
    return networks === undefined || networks.every(isNetwork)
      ? networks
      : this.wrong(name, 'must be IP addresses or networks, such as 10.0.0.0/8, by comma');
  }

  /** Of the three AUTH_ settings all or none. */
  issuer(production: boolean): IssuerConfig {
    const names = ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'] as const;
    const [issuer, audience, jwks] = names.map(name => this.text(name));
    if (issuer !== undefined && audience !== undefined && jwks !== undefined) {
      // Over plain HTTP anyone on the way could put their own keys in.
      const web = production ? ['https:'] : ['https:', 'http:'];
      this.url('AUTH_ISSUER', web);
      const jwksUrl = this.url('AUTH_JWKS_URL', web);
      if (jwksUrl !== undefined && isPlainUrl(jwksUrl)) return { kind: 'oidc', issuer, audience, jwksUrl: new URL(jwksUrl) };
      if (jwksUrl !== undefined) this.wrong('AUTH_JWKS_URL', 'must be a URL without a user or password');
      return { kind: 'local' };
    }
    if (production)
      this.wrong(
        'AUTH_ISSUER',
        'with AUTH_AUDIENCE and AUTH_JWKS_URL must be set when NODE_ENV=production: the local issuer is for development',
      );
    else if (issuer ?? audience ?? jwks) {
      for (const name of names) if (this.text(name) === undefined) this.wrong(name, 'must be set together with the other AUTH_ settings');
    }
    return { kind: 'local' };
  }

  key(name: string, production: boolean): Buffer | undefined {
    const file = this.text(`${name}_FILE`);
    const variable = file === undefined ? name : `${name}_FILE`;
    const given = file === undefined ? this.text(name) : this.content(variable, file);
    if (given !== undefined) return readKey(given) ?? this.wrong(variable, 'must hold 32 bytes as base64 or hex');
    if (production && file === undefined)
      this.wrong(name, `or ${name}_FILE must be set when NODE_ENV=production: keys made under DATA_DIR are for development`);
    return undefined;
  }

  simulatedFrom(production: boolean): string | undefined {
    const text = this.text('CLOCK') ?? 'system';
    if (text === 'system') return undefined;
    const instant = text.startsWith('simulated:') ? text.slice('simulated:'.length) : '';
    if (!isInstant(instant) || !isTrainingTime(instant))
      return this.wrong('CLOCK', 'must be system or simulated:<instant>, such as simulated:2019-11-15T00:00:00Z');
    if (production) return this.wrong('CLOCK', 'must be system when NODE_ENV=production');
    return instant.replace('+00:00', 'Z');
  }

  private content(variable: string, path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      return this.wrong(variable, `names a file that cannot be read (${codeOf(error)})`);
    }
  }

  private wrong(name: string, message: string): undefined {
    this.faults.push(`${name} ${message}`);
    return undefined;
  }
}

function isNetwork(text: string): boolean {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}

const isPlainUrl = (text: string): boolean => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === '';
