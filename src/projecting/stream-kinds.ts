import { Injectable } from '@nestjs/common';
import type { DomainEvent, StreamKind } from '../event-store/stream-kind.js';

/** Every kind of stream that can be folded, by the category that its streams' names start with. */
@Injectable()
export class StreamKinds {
  private readonly kinds = new Map<string, StreamKind<unknown>>();

  /** @throws Error when another kind has the category already */
  register<S, E extends DomainEvent>(kind: StreamKind<S, E>): void {
    const known = this.kinds.get(kind.category);
    if (known && known !== (kind as unknown)) throw new Error(`two kinds of stream are named ${kind.category}-`);
    this.kinds.set(kind.category, kind as unknown as StreamKind<unknown>);
  }

  of(category: string): StreamKind<unknown> | undefined {
    return this.kinds.get(category);
  }

  /** @throws Error when nobody registered a kind for the category */
  required(category: string): StreamKind<unknown> {
    const kind = this.kinds.get(category);
    if (!kind) throw new Error(`no kind of stream is registered for ${category}-`);
    return kind;
  }
}
