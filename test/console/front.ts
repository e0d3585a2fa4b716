import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MadeUp {
  readonly status?: number;
  readonly json: unknown;
}

/**
 * A server before the service, which answers what a test makes up in its place, and passes on the rest. A browser that is asked to hold
 * back each request of a page instead forgets what it has loaded, and takes each answer over three processes.
 */
export class Front {
  /** What is answered here. @returns undefined for what the service is to answer */
  answers: (method: string, path: string) => MadeUp | undefined = () => undefined;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', this.service);
    const madeUp = this.answers(asked.method ?? 'GET', pathname);
    if (!madeUp) return this.#passOn(asked, answer);
    asked.resume();
    answer.writeHead(madeUp.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(madeUp.json));
  });

  private constructor(private readonly service: string) {}

  static async before(service: string): Promise<Front> {
    const front = new Front(service);
    await new Promise<void>(resolve => {
      front.#server.listen(0, '127.0.0.1', resolve);
    });
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
  }

  #passOn(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, headers } = asked;
    const passed = request(new URL(asked.url ?? '/', this.service), { method, headers, agent: this.#agent }, given => {
      given.pipe(answer.writeHead(given.statusCode ?? 502, given.headers));
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  }
}
