/**
 * Both clients leave rejections unhandled when a connection breaks while appends wait to be written, and each of them would
 * end the process. What was rejected is known from the append itself; so these, and only these, are dropped.
 */
let guarded = 0;

export function guardProcess(): void {
  if (guarded++ === 0) process.on('unhandledRejection', drop);
}

export function unguardProcess(): void {
  if (--guarded === 0) process.off('unhandledRejection', drop);
}

function drop(reason: unknown): void {
  if (isOfCall(reason) || process.listenerCount('unhandledRejection') > 1) return;
  throw reason;
}

/** The error of a gRPC call, as the transport makes it. */
function isOfCall(reason: unknown): boolean {
  const { code, details, metadata, type } = (reason ?? {}) as { code?: unknown; details?: unknown; metadata?: unknown; type?: unknown };
  if (!(reason instanceof Error)) return false;
  return (
    (typeof code === 'number' && typeof details === 'string' && typeof metadata === 'object') ||
    (typeof type === 'string' && '_raw' in reason)
  );
}
