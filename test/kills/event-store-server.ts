import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../support/world.js';

/** An event store's server that a command starts and keeps in the foreground: killed, it is started again with the same. */
export class EventStoreServer {
  private child: ChildProcess;

  private constructor(
    readonly url: string,
    private readonly command: string,
  ) {
    this.child = this.spawn();
  }

  /** @throws Error where another server is there already */
  static async start(url: string, command: string): Promise<EventStoreServer> {
    if (await takesConnections(url))
      throw new Error('KILLS_EVENT_STORE_URL names a server that runs already: it is to be started and killed here');
    const server = new EventStoreServer(url, command);
    await server.answers();
    return server;
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    // With whatever the command has started.
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }

  async startAgain(): Promise<void> {
    this.child = this.spawn();
    await this.answers();
  }

  private spawn(): ChildProcess {
    return spawn('sh', ['-c', `exec ${this.command}`], { detached: true, stdio: 'ignore' });
  }

  private async answers(): Promise<void> {
    await eventually('the event store takes connections', () => takesConnections(this.url), Boolean, 120_000);
  }
}

function takesConnections(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise(resolve => {
    const socket = connect(Number(port || 2113), hostname, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
