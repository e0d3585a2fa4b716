import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { keyIdAtRest, openAtRest, type RestingPlace } from './at-rest.js';
import { DataKeys, KeyMissing, type DataKey } from './data-keys.js';
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

/** What a row of a read model keeps sealed, and where it stands. */
export interface SealedRow {
  readonly place: RestingPlace;
  readonly sealed: Buffer | null;
}

/** Opens what events and read models keep sealed, for those who decide, project and read. */
@Injectable()
export class PersonalData {
  constructor(@Inject(DataKeys) private readonly keys: Pick<DataKeys, 'get' | 'kept'>) {}

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
   * What the rows keep sealed, in the same order; null where there is nothing, or its key was destroyed.
   * @throws KeyMissing, RowSealBroken; the database's own error when it cannot be reached
   */
  async openRows(rows: readonly SealedRow[]): Promise<(string | null)[]> {
    const named = rows.map(({ place, sealed }) => (sealed === null ? null : { place, sealed, keyId: keyIdAtRest(place, sealed) }));
    const keys = await this.liveKeys(named.map(row => row?.keyId));
    return named.map(row => {
      const key = row && keys.get(row.keyId);
      return key ? openAtRest(key, row.place, row.sealed) : null;
    });
  }

  /** Those of the keys that are not destroyed. @throws KeyMissing; the database's own error when it cannot be reached */
  async liveKeys(keyIds: readonly (string | undefined)[]): Promise<ReadonlyMap<string, DataKey>> {
    const named = new Set(keyIds);
    named.delete(undefined);
    if (named.size === 0) return new Map();
    const keys = await this.keys.get([...named] as string[]);
    return new Map([...keys].flatMap(([keyId, key]) => (key === 'destroyed' ? [] : [[keyId, { keyId, key }]])));
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
