import { text } from '../../event-store/shape.js';
import type { DomainEvent, StreamKind } from '../../event-store/stream-kind.js';

/** The key that signs the log was exchanged: a note that both have signed. */
export type LogKeyExchanged = DomainEvent<'LogKeyExchanged', { readonly note: string }>;
/** The log goes on under another name: a note of the new key, which names the last head under the name before. */
export type LogBegunAnew = DomainEvent<'LogBegunAnew', { readonly note: string }>;
export type LogKeyEvent = LogKeyExchanged | LogBegunAnew;

/** The one stream in which every change of who signs the log is announced. */
export const LOG_KEYS = 'log-keys';

interface LogKeyState {
  /** In their order. Which of them count, signatures alone tell. */
  readonly notes: readonly string[];
}

export const logKeyStream: StreamKind<LogKeyState, LogKeyEvent> = {
  category: 'log',
  events: { LogKeyExchanged: [{ note: text }], LogBegunAnew: [{ note: text }] },
  initial: { notes: [] },
  evolve: ({ notes }, { data }) => ({ notes: [...notes, data.note] }),
};
