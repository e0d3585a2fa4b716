/** What both packages understand; anything else makes them print the whole string, password included, on a warning. */
const KNOWN = [
  'tls',
  'tlsVerifyCert',
  'tlsCAFile',
  'userCertFile',
  'userKeyFile',
  'connectionName',
  'defaultDeadline',
  'nodePreference',
  'discoveryInterval',
  'maxDiscoverAttempts',
  'gossipTimeout',
  'keepAliveInterval',
  'keepAliveTimeout',
  'throwOnAppendFailure',
];
const KEEP_ALIVE_MS = 10_000;

const flat = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

/** A connection string that cannot be used. The message never repeats any of it: it may hold a password. */
export class WrongConnectionString extends Error {
  constructor(fault: string) {
    super(fault);
    this.name = 'WrongConnectionString';
  }
}

/** What a client object is for: each has a connection of its own, since one holds 100 calls. */
export type Role = 'write' | 'read' | 'follow';
const ROLES: readonly Role[] = ['write', 'read', 'follow'];

/** A connection string, taken apart as far as the adapter has to know it. */
export class ConnectionString {
  readonly scheme: string;
  readonly #base: string;
  readonly #options: ReadonlyMap<string, string>;

  /** @throws WrongConnectionString */
  constructor(text: string) {
    const [base = '', query = '', ...rest] = text.trim().split('?');
    const scheme = /^((?:esdb|kurrentdb)(?:\+discover)?):\/\/[^/]/.exec(base)?.[1];
    if (scheme === undefined || rest.length > 0) throw new WrongConnectionString('is no connection string');
    this.scheme = scheme;
    this.#base = base.replace(/\/+$/, '');
    const options = new Map<string, string>();
    for (const [index, pair] of query.split('&').entries()) {
      if (query === '') break;
      const [, name = '', value] = /^([^=]+)=([^=]+)$/.exec(pair) ?? [];
      const known = KNOWN.find(option => flat(option) === flat(name));
      if (known === undefined || value === undefined)
        throw new WrongConnectionString(`has an option that is not known, the ${index + 1}. after the question mark`);
      options.set(known, value);
    }
    if (scheme.startsWith('esdb') && options.get('tlsVerifyCert') === 'false') {
      throw new WrongConnectionString('cannot have tlsVerifyCert=false with esdb://; name the certificate of the authority in tlsCAFile');
    }
    this.#options = options;
  }

  /** For one client object. Who decides reads and writes at the leader, whatever node is preferred for following. */
  for(role: Role): string {
    const options = new Map(this.#options);
    if (role !== 'follow' && options.has('nodePreference')) options.set('nodePreference', 'leader');
    // Client objects whose keep-alive is equal would share one connection.
    const keepAlive = Number(options.get('keepAliveTimeout') ?? KEEP_ALIVE_MS);
    if (keepAlive > 0) options.set('keepAliveTimeout', String(keepAlive + ROLES.indexOf(role)));
    return `${this.#base}?${[...options].map(([name, value]) => `${name}=${value}`).join('&')}`;
  }
}
