import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataKeys, KeyMissing } from './data-keys.js';
import { open, SealBroken } from './sealing.js';

/** What of a stored event its seal is bound to. */
export interface SealedEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly personal?: string;
  readonly metadata: { readonly keyId?: string | undefined };
}

/** Opens what events keep sealed, for those who decide and those who project. */
@Injectable()
export class PersonalData {
  constructor(private readonly keys: DataKeys) {}

  /**
   * The personal data of each event, in the same order; null where there is none or its key was destroyed.
   * All keys are resolved together, so a batch costs one statement at most.
   * @throws KeyMissing, SealBroken: whoever reads must stop; the database's own error when it cannot be reached
   */
  async openAll(events: readonly SealedEvent[]): Promise<(object | null)[]> {
    const keyIds = new Set<string>();
    for (const event of events) {
      if (event.personal !== undefined) keyIds.add(keyIdOf(event));
    }
    if (keyIds.size === 0) return events.map(() => null);
    const keys = await this.keys.get([...keyIds]);
    return events.map(event => {
      if (event.personal === undefined) return null;
      const keyId = keyIdOf(event);
      const key = keys.get(keyId);
      if (key === undefined) throw new KeyMissing([keyId]);
      if (key === 'destroyed') return null;
      return open(key, { stream: event.stream, eventId: event.id, type: event.type, keyId }, event.personal, event.revision);
    });
  }

  /**
   * A hash that is the same for the same text, and that nobody can guess from the text alone. Of numbers plain hashes would be looked up.
   */
  async keyed(text: string): Promise<string> {
    const key = await this.keys.kept(HASHING_KEY);
    return createHmac('sha256', key).update(text).digest('base64url');
  }
}

/** Of the key that nothing is sealed with. */
const HASHING_KEY = 'c0a5e1ed-9e1b-4a9c-8f0d-6e1f7a2b3c4d';

function keyIdOf(event: SealedEvent): string {
  const { keyId } = event.metadata;
  if (keyId === undefined) throw new SealBroken(event.stream, event.revision, event.id, 'names no data key');
  return keyId;
}
