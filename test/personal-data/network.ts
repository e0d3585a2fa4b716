import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { overTcp } from '../support/postgres.js';

/** The way to a PostgreSQL, which can be cut and mended while clients keep using the same address. */
export class Network {
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly url: string,
    private readonly port: number,
    private readonly server: Server,
  ) {}

  /** @param url of a server that listens on TCP */
  static async to(url: string): Promise<Network> {
    const behind = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const front = overTcp(url);
    front.hostname = '127.0.0.1';
    front.port = String(port);
    const network = new Network(front.href, port, server);
    server.on('connection', client => {
      const upstream = connect(Number(behind.port || 5432), behind.hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        network.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          network.sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    return network;
  }

  /** Ends every connection and takes no new one. */
  async cut(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.cut();
  }
}
