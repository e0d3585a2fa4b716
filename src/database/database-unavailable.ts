/** PostgreSQL cannot be reached, is starting or stopping, or did not answer in time; asking again may work. */
export class DatabaseUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }
}

// Connection exceptions (08), operator intervention (57P), too many connections, lock and statement timeouts,
// and a transaction left idle. 57014 is the statement timeout: nothing here cancels by hand.
const SQL_STATES = /^(?:08...|57P0.|53300|55P03|57014|25P03)$/;
const SYSTEM_CODES = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT',
]);
// What `pg` and its pool say without a code.
const MESSAGES =
  /Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|connection error and is not queryable|Client was closed|Cannot use a pool after calling end/;

/** The error itself, or DatabaseUnavailable with it as the cause when it is one of the connection. */
export function asUnavailable(error: unknown): unknown {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  const failed = code === undefined ? MESSAGES.test(message) : SQL_STATES.test(code) || SYSTEM_CODES.has(code);
  return failed ? new DatabaseUnavailable(`PostgreSQL: ${message || code}`, { cause: error }) : error;
}
