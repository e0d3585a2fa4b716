import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../event-store/domain-error.js';
import { canonicalJson } from '../../event-store/canonical-json.js';
import { EventStore, type StoredEvent } from '../../event-store/event-store.js';
import { DataKeys } from '../../personal-data/data-keys.js';
import { signedStreamEnd } from '../log/checkpoint.js';
import { type Entry, MerkleLog, type SignedHead } from '../log/merkle-log.js';
import { LogKeys } from '../log/log-keys.js';
import { LogBehind } from '../log/log-behind.js';
import { FORMAT, type DossierEvent } from './verify.js';

/** How long a head is waited for that covers what is stored, in milliseconds. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

export interface Dossier {
  /** The file, in its RFC 8785 form. */
  readonly text: string;
  readonly lastRevision: number;
}

/** Makes what proves a case's history to somebody who has no access to anything here. */
@Injectable()
export class Dossiers {
  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
    private readonly log: MerkleLog,
    private readonly logKeys: LogKeys,
  ) {}

  /**
   * Every event that is stored of the case now, as the log has it.
   * @param since size of a head that it shall prove to extend
   * @throws DomainError `not-found`, also where the log is smaller than that; LogBehind where no head covers it within 5 s;
   *   LogKeyMismatch, StoreUnavailable, DatabaseUnavailable
   */
  async of(caseId: string, since?: number): Promise<Dossier> {
    const stream = `case-${caseId}`;
    const { head, places } = await this.covering(stream, await this.lastRevision(stream));
    if (since !== undefined && since > head.size) throw new DomainError('not-found', 'The log has not as many entries yet.');
    const lastRevision = places.length - 1;
    const events: DossierEvent[] = [];
    for await (const batch of this.store.readStream(stream, { to: lastRevision })) {
      const entries = await this.log.entriesOf(batch);
      events.push(...batch.map((event, at) => inDossier(event, entries[at])));
    }
    const [dataKeys, proof, chain, consistency] = await Promise.all([
      this.keysOf(events),
      this.log.inclusion(places, head.size),
      this.logKeys.chainTo(head.key.verifier),
      since === undefined ? [] : this.log.consistency(since, head.size),
    ]);
    const text = canonicalJson({
      caseId,
      chain: chain.map(({ note }) => note),
      checkpoint: head.note,
      consistency: consistency.map(hash => hash.toString('base64')),
      dataKeys,
      end: signedStreamEnd(head.key, { stream, lastRevision, size: head.size }),
      events,
      format: FORMAT,
      proof: proof.map(hash => hash.toString('base64')),
    });
    return { text, lastRevision };
  }

  private async lastRevision(stream: string): Promise<number> {
    for await (const [last] of this.store.readStream(stream, { direction: 'backwards' })) if (last) return last.revision;
    throw new DomainError('not-found', 'There is no such case.');
  }

  /** The first head that covers what is stored now; it may cover more. */
  private async covering(stream: string, lastRevision: number): Promise<{ readonly head: SignedHead; readonly places: readonly number[] }> {
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(LOOK_MS)) {
      const head = await this.log.head();
      const places = head ? await this.log.placesOf(stream, head.size) : [];
      if (head && places.length > lastRevision) return { head, places };
    }
    throw new LogBehind();
  }

  /** Those that seal what is personal in the events; null for one that was destroyed. */
  private async keysOf(events: readonly DossierEvent[]): Promise<Record<string, string | null>> {
    const keyIds = new Set(events.flatMap(({ personal, metadata }) => (personal !== null && metadata.keyId ? [metadata.keyId] : [])));
    const keys = await this.keys.get([...keyIds]);
    return Object.fromEntries([...keys].map(([keyId, key]) => [keyId, key === 'destroyed' ? null : key.toString('base64')]));
  }
}

/** With its hash as the log has it: whoever verifies is told which event was altered since. @throws LogBehind */
function inDossier(event: StoredEvent, entry: Entry | undefined): DossierEvent {
  if (!entry) throw new LogBehind();
  const { stream, revision, id, type, schemaVersion, data, personal = null, metadata } = event;
  return { stream, revision, id, type, schemaVersion, data, personal, metadata, place: entry.place, leaf: entry.leaf.toString('base64') };
}
