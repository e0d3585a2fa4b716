import type { Position } from './event-store.js';
import type { FactReader, HistoryReader } from './fact-reader.js';
import { foldHistory, type DomainEvent, type StreamKind } from './stream-kind.js';

/** Reads streams as they were before the event at that position was stored; what is personal in them stays sealed. */
export const asOf = (read: HistoryReader, position: Position): FactReader => ({
  read: async <S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string) => {
    const history = (await read.history(kind, id)).filter(event => event.position < position);
    return { state: foldHistory<S, E>(kind, history), revision: history.length - 1 };
  },
});
