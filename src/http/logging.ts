import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { destination, type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config.js';

/** Under these names Nest logs what makes a start fail, and then throws it: whoever starts the service says it, once. */
const THROWN_AS_WELL: ReadonlySet<string> = new Set(['ExceptionHandler', 'NestApplication']);

/** JSON lines on standard output. Nothing personal, no body and no token is ever handed to it. */
export class JsonLogger implements LoggerService {
  pino: Logger;

  constructor({ logLevel, simulatedFrom }: Pick<Config, 'logLevel' | 'simulatedFrom'>, stream: DestinationStream = standardOutput()) {
    this.pino = pino(
      {
        level: logLevel,
        timestamp: stdTimeFunctions.isoTime,
        base: simulatedFrom === undefined ? null : { training: true },
        formatters: { level: label => ({ level: label }) },
      },
      stream,
    );
  }

  /** Every line from now on says that this is a training copy. */
  sayTraining(): void {
    this.pino = this.pino.child({ training: true });
  }

  // Nest's "log" is what everyone else calls "info".
  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest passes the logging class's name last, and before it, with errors, a stack. */
  private write(asked: Level, message: unknown, rest: readonly unknown[]): void {
    const texts = rest.filter((part): part is string => typeof part === 'string');
    const [stack, context] = texts.length > 1 ? [texts[0], texts.at(-1)] : [undefined, texts[0]];
    const level = asked === 'error' && context !== undefined && THROWN_AS_WELL.has(context) ? 'debug' : asked;
    if (!this.pino.isLevelEnabled(level)) return;
    const fields = { ...(context !== undefined && { context }), ...(stack !== undefined && { stack }) };
    if (message instanceof Error) this.pino[level]({ ...fields, stack: message.stack, msg: message.message });
    else if (typeof message === 'object' && message !== null) this.pino[level]({ ...fields, ...message });
    else this.pino[level](fields, String(message));
  }
}

let output: DestinationStream | undefined;

/** Lines leave together while another write is under way; the last ones are not lost when the process ends. */
function standardOutput(): DestinationStream {
  if (output !== undefined) return output;
  const stream = (output = destination({ fd: 1, sync: false }));
  process.once('exit', () => {
    try {
      stream.flushSync();
    } catch {
      /* nobody reads any more */
    }
  });
  return stream;
}

/** One line a request: the route's pattern, never the address as sent. */
export function logRequests(fastify: FastifyInstance, { pino: logger }: JsonLogger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    logger.info({
      method: request.method,
      route: request.is404 ? 'unknown' : request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      correlationId: request.caller.correlationId,
    });
    done();
  });
}
