import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { median, quantile } from './table.js';

// A process of its own that sends commands over raw sockets: an HTTP client would cost as much as the service.

export interface Load {
  readonly port: number;
  readonly tokens: readonly string[];
  /** Cases that get notes, in turn; none: cases are opened. */
  readonly caseIds: readonly string[];
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly windowSeconds: number;
  readonly windows: number;
}

export interface Answered {
  /** Commands a second, the median of the windows. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were neither 200 nor 201. */
  readonly failed: number;
  /** What the last of them said. */
  readonly failure?: string;
  /** Share of one core that this process took. */
  readonly ownCpu: number;
}

process.once('message', (load: Load) => {
  void run(load).then(answer => process.send?.(answer, () => process.disconnect()));
});

async function run({ port, tokens, caseIds, connections, warmUpSeconds, windowSeconds, windows }: Load): Promise<Answered> {
  let sent = 0;
  let answered = 0;
  let failed = 0;
  let failure: string | undefined;
  let measuring = false;
  let running = true;
  const latencies: number[] = [];
  const next = (token: string): string => {
    const turn = sent++;
    const caseId = caseIds[turn % caseIds.length];
    return caseId === undefined ? post('/v1/cases', token, opening(turn)) : post(`/v1/cases/${caseId}/add-note`, token, note(turn));
  };
  const client = (_: unknown, index: number): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const token = tokens[index % tokens.length] ?? '';
      let begun = 0;
      let received = '';
      const send = (socket: Socket): void => {
        begun = performance.now();
        socket.write(next(token), 'latin1');
      };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
        send(socket);
        resolve(socket);
      });
      socket
        .setEncoding('latin1')
        .on('error', reject)
        .on('data', (chunk: string) => {
          received = received === '' ? chunk : received + chunk;
          const head = received.indexOf('\r\n\r\n');
          if (head < 0 || received.length < head + 4 + lengthOf(received)) return;
          if (measuring) latencies.push(performance.now() - begun);
          if (received.startsWith('HTTP/1.1 20')) answered++;
          else {
            failed++;
            failure = received;
          }
          received = '';
          if (running) send(socket);
        });
    });
  const sockets = await Promise.all(Array.from({ length: connections }, client));
  await seconds(warmUpSeconds);
  const rates: number[] = [];
  const cpu = process.cpuUsage();
  measuring = true;
  const start = performance.now();
  for (let window = 0; window < windows; window++) {
    const [from, before] = [performance.now(), answered];
    await seconds(windowSeconds);
    rates.push(((answered - before) / (performance.now() - from)) * 1000);
  }
  measuring = running = false;
  const { user, system } = process.cpuUsage(cpu);
  const ownCpu = (user + system) / 1000 / (performance.now() - start);
  await seconds(0.3);
  for (const socket of sockets) socket.destroy();
  const sorted = Float64Array.from(latencies).sort();
  return { rate: median(rates), p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), failed, failure, ownCpu };
}

const lengthOf = (response: string): number => Number(/\r\ncontent-length: (\d+)/i.exec(response)?.[1] ?? 0);

const post = (path: string, token: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
  `idempotency-key: ${randomUUID()}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

const GIVEN = ['Ana Lucia', 'Jose Manuel', 'Maria Elena', 'Carlos', 'Rosa', 'Luis Alberto', 'Wendy', 'Darwin'];

/** Everyone has a name of their own: many files of one person would be another measurement. */
function opening(turn: number): string {
  const person = `${turn.toString(36)}-${process.pid.toString(36)}`;
  return JSON.stringify({
    applicant: {
      givenNames: GIVEN[turn % GIVEN.length],
      familyName: `Synthetic ${person}`,
      birthDate: `19${60 + (turn % 39)}-0${1 + (turn % 9)}-1${turn % 10}`,
      sex: 'female',
      nationalities: ['HN'],
      languages: ['es'],
      accompaniedBy: 'none',
    },
    encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'between-ports' },
    documents: 'none',
  });
}

const note = (turn: number): string =>
  JSON.stringify({ text: `Called the shelter; asked for an interpreter and for the papers. Entry ${turn}.` });

const seconds = (count: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, count * 1000);
  });
