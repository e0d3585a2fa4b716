import { DatabaseError } from 'pg';

/** PostgreSQL cannot be reached, or does not take now what it took before; asking again may work. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }

  /** The SQLSTATE, or what the system calls it, where there is one. */
  get code(): string | undefined {
    return (this.cause as { code?: string } | undefined)?.code;
  }

  /** Whether the server itself said so: then the connection may be as good as before. */
  get wasAnswered(): boolean {
    return this.cause instanceof DatabaseError;
  }
}

// Connections (08), a database that may only be read (25006), a transaction left idle (25P03), who may log in (28), no
// such database (3D), rights taken away (42501: the start had them), another transaction in the way (40), a server that is
// out of something (53), not in the state for it (55), being stopped or too slow (57), or in trouble with its files (58).
const SQL_STATES = /^(?:08...|25006|25P03|28...|3D...|40...|42501|53...|55...|57...|58...)$/;
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'EACCES',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'EADDRNOTAVAIL',
]);
// What `pg` and its pool say without a code.
const MESSAGES = new RegExp(
  [
    'Connection terminated',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'connection error and is not queryable',
    'Client was closed',
    'Cannot use a pool after calling end',
    'SSL connection',
  ].join('|'),
);

/** The error itself, or DatabaseUnavailable with it as the cause when it is one of the connection. */
export function asUnavailable(error: unknown): unknown {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  const failed = code === undefined ? MESSAGES.test(message) : SQL_STATES.test(code) || SYSTEM_CODES.has(code);
  return failed ? new DatabaseUnavailable(`PostgreSQL: ${message || code}`, { cause: error }) : error;
}

/** The SQLSTATE of what PostgreSQL answered; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof DatabaseUnavailable) return sqlStateOf(error.cause);
  return error instanceof DatabaseError ? error.code : undefined;
}
