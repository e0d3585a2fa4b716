import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { newestRevision } from '../../cases/case.stream.js';
import { DomainError } from '../../event-store/domain-error.js';
import { canonicalJson } from '../../event-store/canonical-json.js';
import { EventStore, type StoredEvent } from '../../event-store/event-store.js';
import { DataKeys } from '../../personal-data/data-keys.js';
import { signedStreamEnd } from '../log/checkpoint.js';
import { type Entry, MerkleLog } from '../log/merkle-log.js';
import type { SignedHead } from '../log/signed-heads.js';
import { LogKeys } from '../log/log-keys.js';
import { LogBehind } from '../log/log-behind.js';
import type { VerifierKey } from '../log/signed-note.js';
import type { DossierEvent } from './dossier-event.js';
import { DossierWrong } from './dossier-wrong.js';
import { FORMAT, type Verified, verifyDossier } from './verify.js';

/** How long a head is waited for that covers what is stored, in milliseconds. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

export interface Dossier {
  /** The file, in its RFC 8785 form, piece by piece as it is asked for: no case is too long for it. */
  readonly pieces: AsyncIterable<string>;
  readonly lastRevision: number;
  /** That signs its head. */
  readonly key: VerifierKey;
}

/** What whoever verifies a dossier is told. */
export interface DossierVerdict {
  readonly found: Verified | DossierWrong;
  readonly lastRevision: number;
  readonly key: VerifierKey;
}

interface Proved {
  readonly stream: string;
  readonly head: SignedHead;
  /** Of its events in the log. */
  readonly places: readonly number[];
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
    const { head, places } = await this.covering(stream, await newestRevision(this.store, caseId));
    if (since !== undefined && since > head.size) throw new DomainError('not-found', 'The log has not as many entries yet.');
    const lastRevision = places.length - 1;
    const proved = { stream, head, places };
    const [dataKeys, chain, consistency] = await Promise.all([
      this.keysOf(proved),
      this.logKeys.chainTo(head.key.verifier),
      since === undefined ? [] : this.log.consistency(since, head.size),
    ]);
    const before = canonicalJson({
      caseId,
      chain: chain.map(({ note }) => note),
      checkpoint: head.note,
      consistency: consistency.map(base64),
      dataKeys,
      end: signedStreamEnd(head.key, { stream, lastRevision, size: head.size }),
    });
    return { pieces: this.pieces(before, proved), lastRevision, key: head.key.verifier };
  }

  /**
   * What the verifier says of the dossier as it is made now, with nothing but the key that signs it.
   * @throws as `of`
   */
  async verdictOn(caseId: string): Promise<DossierVerdict> {
    const { pieces, lastRevision, key } = await this.of(caseId);
    try {
      return { found: await verifyDossier(inBytes(pieces), { key }), lastRevision, key };
    } catch (error) {
      if (error instanceof DossierWrong) return { found: error, lastRevision, key };
      throw error;
    }
  }

  /** What is wrong from here on ends the file before its end, and whoever verifies it is told that it was cut short. */
  private async *pieces(before: string, { stream, head, places }: Proved): AsyncGenerator<string> {
    yield `${before.slice(0, -1)},"events":[`;
    let first = true;
    for await (const batch of this.store.readStream(stream, { to: places.length - 1 })) {
      const entries = await this.log.entriesOf(batch);
      const events = batch.map((event, at) => canonicalJson(inDossier(event, entries[at])));
      yield `${first ? '' : ','}${events.join(',')}`;
      first = false;
    }
    yield `],"format":${canonicalJson(FORMAT)},"proof":[`;
    first = true;
    for await (const hashes of this.log.inclusion(places, head.size)) {
      yield `${first ? '' : ','}${hashes.map(hash => canonicalJson(base64(hash))).join(',')}`;
      first = false;
    }
    yield ']}';
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

  /** Those that seal what is personal in its events; null for one that was destroyed. */
  private async keysOf({ stream, places }: Proved): Promise<Record<string, string | null>> {
    const keyIds = new Set<string>();
    for await (const batch of this.store.readStream(stream, { to: places.length - 1 }))
      for (const { personal, metadata } of batch) if (personal !== undefined && metadata.keyId !== undefined) keyIds.add(metadata.keyId);
    const keys = await this.keys.get([...keyIds]);
    return Object.fromEntries([...keys].map(([keyId, key]) => [keyId, key === 'destroyed' ? null : base64(key)]));
  }
}

async function* inBytes(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** With its hash as the log has it: whoever verifies is told which event was altered since. @throws LogBehind */
function inDossier(event: StoredEvent, entry: Entry | undefined): DossierEvent {
  if (!entry) throw new LogBehind();
  const { stream, revision, id, type, schemaVersion, data, personal = null, metadata } = event;
  return { stream, revision, id, type, schemaVersion, data, personal, metadata, place: entry.place, leaf: entry.leaf.toString('base64') };
}
