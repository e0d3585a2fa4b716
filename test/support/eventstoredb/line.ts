import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network between a client and a server, to be cut, frozen and refused. */
export class Line {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | undefined;
  #frozen = false;
  #port = 0;

  /** @param target the server's port; undefined while it is not there */
  constructor(public target: number | undefined) {}

  get port(): number {
    return this.#port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#pairs.size;
  }

  async open(port = this.#port): Promise<void> {
    const server = createServer(near => this.#join(near));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Every connection breaks; new ones are taken. */
  cut(): void {
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resetAndDestroy();
  }

  /** Nothing passes, in either direction, and nobody is told. */
  freeze(): void {
    this.#frozen = true;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resume();
  }

  /** Cut, and new connections are refused until it is opened again. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    this.thaw();
    this.cut();
    await once(server, 'close');
  }

  #join(near: Socket): void {
    if (this.target === undefined) return void near.resetAndDestroy();
    const far = connect(this.target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('data', bytes => void other.write(bytes));
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
      if (this.#frozen) one.pause();
    }
  }
}
