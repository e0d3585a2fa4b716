import { Agent, request as send, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { toInstant } from '../fields/time.js';

export interface OfficeOptions {
  /** How long a store or a service that is away is waited for, in milliseconds. */
  readonly patienceMs?: number;
  /** Requests under way at once. */
  readonly sockets?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Somebody with a token, as the service sees them. */
export interface Person {
  readonly sub: string;
  readonly token: string;
}

/** The service said no to something that the story needs. */
export class Refused extends Error {
  constructor(
    what: string,
    readonly answer: Answer,
  ) {
    super(`${what} was answered ${answer.status} ${String(answer.body['code'] ?? '')}`);
    this.name = 'Refused';
  }
}

/**
 * Sends requests to one or more processes of the service in turn. Every command has a key of its own,
 * so that one whose answer was lost is simply sent again.
 */
export class Office {
  private readonly agent: Agent;
  private readonly patienceMs: number;
  private turn = 0;
  /** Of the last command that was stored: what is read next must reflect it. */
  private newest = '';

  constructor(
    private readonly urls: readonly string[],
    { patienceMs = 120_000, sockets = 32 }: OfficeOptions = {},
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: sockets });
    this.patienceMs = patienceMs;
  }

  /** The service's own time, RFC 3339 UTC, where it has one of its own, else the time here. */
  async now(): Promise<string> {
    const { headers } = await this.once('GET', '/health/live', undefined, {});
    return toInstant(Date.parse(String(headers['x-training-copy'] ?? new Date().toISOString())));
  }

  /** @param accepted refusals by a rule that the story expects @throws Refused */
  async command(person: Person, path: string, body: object, key: string, accepted: readonly number[] = []): Promise<Answer> {
    const answer = await this.insist('POST', path, person, { 'idempotency-key': key }, JSON.stringify(body));
    if (answer.status >= 300 && !accepted.includes(answer.status)) throw new Refused(`POST ${path}`, answer);
    this.saw(answer);
    return answer;
  }

  /** @param purpose what a file is read for, which an auditor must say @throws Refused */
  async query(person: Person, path: string, purpose?: string): Promise<Answer> {
    const answer = await this.insist('GET', path, person, {
      ...(this.newest && { 'consistency-token': this.newest }),
      ...(purpose !== undefined && { 'x-purpose': purpose }),
    });
    if (answer.status >= 300) throw new Refused(`GET ${path}`, answer);
    return answer;
  }

  /** Moves the training copy's time; a move that was made already is skipped. */
  async moveClock(admin: Person, now: string): Promise<void> {
    const answer = await this.insist('PUT', '/v1/clock', admin, {}, JSON.stringify({ now }));
    const passed = answer.status === 400 && Date.parse(String(answer.headers['x-training-copy'])) >= Date.parse(now);
    if (answer.status !== 200 && !passed) throw new Refused('PUT /v1/clock', answer);
    this.saw(answer);
  }

  private saw({ headers }: Answer): void {
    const token = String(headers['consistency-token'] ?? '');
    if (token > this.newest) this.newest = token;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Asks again, with the same key, while the service or its store is away. */
  private async insist(
    method: string,
    path: string,
    person: Person,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    const until = Date.now() + this.patienceMs;
    for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        const answer = await this.once(method, path, person, headers, body);
        if ((answer.status !== 503 && answer.status !== 429) || Date.now() >= until) return answer;
      } catch (error) {
        if (Date.now() >= until) throw error;
      }
      await pause(wait);
    }
  }

  private once(
    method: string,
    path: string,
    person: Person | undefined,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    this.turn += 1;
    const url = `${this.urls[this.turn % this.urls.length]}${path}`;
    const sent = {
      accept: 'application/json',
      ...(person && { authorization: `Bearer ${person.token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const request = send(url, { agent: this.agent, method, headers: sent, timeout: 30_000 }, response => resolve(answerOf(response)));
      request
        .on('timeout', () => request.destroy(new Error('no answer')))
        .on('error', reject)
        .end(body);
    });
  }
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, body: text ? (JSON.parse(text) as Answer['body']) : {} };
}
