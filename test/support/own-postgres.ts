import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { PostgresServer, type RunningServer } from '../../src/database/postgres-server.js';
import { eventually } from './world.js';

/** A migrated PostgreSQL of a spec's own, whose files can be copied and put back while others use it. */
export class OwnPostgres {
  private constructor(
    private readonly folder: string,
    private readonly server: PostgresServer,
    private readonly port: number,
    readonly url: string,
    readonly ownerUrl: string,
    private running: RunningServer,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const folder = mkdtempSync(join(tmpdir(), 'caseledger-own-'));
    chmodSync(folder, 0o755);
    const embedded = await EmbeddedPostgres.open(folder);
    const [url, ownerUrl] = [embedded.serviceUrl, embedded.ownerUrl];
    await migrate(ownerUrl, SERVICE_ROLE);
    await embedded.close();
    const { owner } = JSON.parse(readFileSync(join(folder, 'postgres-passwords.json'), 'utf8')) as { owner: string };
    const server = await PostgresServer.at(folder, owner, {});
    const port = Number(new URL(url).port);
    return new OwnPostgres(folder, server, port, url, ownerUrl, await server.start({ port }));
  }

  /** Ends it as a power cut does; it stays down until it is started again. */
  async kill(): Promise<void> {
    const { pid } = this.running;
    process.kill(pid, 'SIGKILL');
    await eventually(
      'the server is gone',
      () => this.server.isAlive(pid),
      alive => !alive,
    );
  }

  async startAgain(): Promise<void> {
    this.running = await this.server.start({ port: this.port });
  }

  /** Stops it, copies its files and starts it again. */
  async copy(): Promise<void> {
    await this.server.stop();
    execFileSync('cp', ['-a', this.files, this.kept]);
    await this.startAgain();
  }

  /** Puts the copy in the place of what is there. */
  async goBack(): Promise<void> {
    await this.server.stop();
    rmSync(this.files, { recursive: true });
    renameSync(this.kept, this.files);
    await this.startAgain();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get files(): string {
    return join(this.folder, 'postgres');
  }

  private get kept(): string {
    return join(this.folder, 'kept');
  }
}
