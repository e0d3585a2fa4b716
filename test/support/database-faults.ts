import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';

type Server = Pick<EmbeddedPostgres, 'ownerUrl' | 'serviceUrl' | 'close'>;

/** A PostgreSQL server that is a test's own, for what changes all of it; and what may happen to it for a while. */
export class FaultyServer {
  private constructor(
    private readonly server: Server,
    readonly admin: Database,
    private readonly name: string,
    readonly password: string,
  ) {}

  static async start(folder: string): Promise<FaultyServer> {
    return FaultyServer.of(await EmbeddedPostgres.open(folder));
  }

  static of(server: Server): FaultyServer {
    const url = new URL(server.ownerUrl);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    // Whatever is made of the server's defaults, this session may write.
    url.searchParams.set('options', '-c default_transaction_read_only=off');
    return new FaultyServer(
      server,
      Database.open({ url: url.href, applicationName: 'faults', max: 1 }),
      name,
      new URL(server.serviceUrl).password,
    );
  }

  get env(): Readonly<Record<string, string>> {
    return { DATABASE_URL: this.server.serviceUrl, MIGRATION_DATABASE_URL: this.server.ownerUrl };
  }

  async stop(): Promise<void> {
    await this.admin.close();
    await this.server.close();
  }

  /** What an operator or a failover may do to a database, and how it ends again. */
  readonly faults: Readonly<Record<string, { readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown> }>> = {
    'it may only be read (25006)': {
      begin: () => this.setting('ALTER SYSTEM SET default_transaction_read_only = on'),
      end: () => this.setting('ALTER SYSTEM RESET default_transaction_read_only'),
    },
    'nobody may log in (28000)': {
      begin: () => this.cut(`ALTER ROLE ${SERVICE_ROLE} NOLOGIN`),
      end: () => this.admin.query(`ALTER ROLE ${SERVICE_ROLE} LOGIN`),
    },
    'the password is another one (28P01)': {
      begin: () => this.cut(`ALTER ROLE ${SERVICE_ROLE} PASSWORD 'another'`),
      end: () => this.admin.query(`ALTER ROLE ${SERVICE_ROLE} PASSWORD '${this.password}'`),
    },
    'it takes no connections (55000)': {
      begin: () => this.cut(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS false`),
      end: () => this.admin.query(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS true`),
    },
    'it has another name (3D000)': {
      begin: async () => {
        await this.cut(`ALTER DATABASE ${this.name} ALLOW_CONNECTIONS false`);
        await this.admin.query(`ALTER DATABASE ${this.name} RENAME TO renamed`);
        await this.admin.query('ALTER DATABASE renamed ALLOW_CONNECTIONS true');
      },
      end: () => this.admin.query(`ALTER DATABASE renamed RENAME TO ${this.name}`),
    },
    'rights are revoked (42501)': {
      begin: () => this.inside(`REVOKE USAGE ON SCHEMA ledger FROM ${SERVICE_ROLE}`),
      end: () => this.inside(`GRANT USAGE ON SCHEMA ledger TO ${SERVICE_ROLE}`),
    },
    'it may not be written (42501)': {
      begin: () =>
        this.inside(
          `REVOKE INSERT ON ledger.events FROM ${SERVICE_ROLE}; REVOKE UPDATE ON ledger.processes, ledger.process_inbox, ` +
            `ledger.read_models FROM ${SERVICE_ROLE}`,
        ),
      end: () =>
        this.inside(
          `GRANT INSERT ON ledger.events TO ${SERVICE_ROLE}; GRANT UPDATE ON ledger.processes, ledger.process_inbox, ` +
            `ledger.read_models TO ${SERVICE_ROLE}`,
        ),
    },
  };

  /** All that hangs on the database is closed, as long as it takes: whoever connects again is refused. */
  private async cut(first: string): Promise<void> {
    await this.admin.query(first);
    for (let left = 1; left > 0; await sleep(20)) {
      left = (
        await this.admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ($1, $2)', [this.name, 'renamed'])
      ).rowCount;
    }
  }

  private async setting(statement: string): Promise<void> {
    await this.admin.query(statement);
    await this.admin.query('SELECT pg_reload_conf()');
  }

  private async inside(statement: string): Promise<void> {
    const owner = Database.open({ url: this.server.ownerUrl, applicationName: 'faults', max: 1 });
    await owner.query(statement);
    await owner.close();
  }
}
