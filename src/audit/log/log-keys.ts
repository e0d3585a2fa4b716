import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Clock } from '../../database/clock.js';
import { SYSTEM } from '../../event-store/actor.js';
import { commandHash, eventId } from '../../event-store/command-identity.js';
import { EventStore } from '../../event-store/event-store.js';
import { withoutGap } from '../../event-store/recorded-events.js';
import { recorded } from '../../event-store/stream-kind.js';
import { LOG_KEYS, logKeyStream, type LogKeyEvent } from './log-keys.stream.js';
import { openHead } from './checkpoint.js';
import { MerkleLog, type LogState } from './merkle-log.js';
import { SignerKey, VerifierKey } from './signed-note.js';
import { type BreakReason, chainTo, followingIn, isSame, signedBeginning, signedExchange, type Succession } from './succession.js';

/** Who signs the log cannot be changed in this way. */
export class LogKeyRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogKeyRefused';
  }
}

/** By whom the log was signed and will be. What is announced here counts once the log has taken it in: from that entry on. */
@Injectable()
export class LogKeys {
  constructor(
    private readonly store: EventStore,
    private readonly log: MerkleLog,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** How this key came to sign, from the first key on; empty for the first one. @throws StoreUnavailable */
  async chainTo(key: VerifierKey): Promise<Succession[]> {
    return chainTo(key, await this.notes());
  }

  /** This key, and all those that signed before it under whatever name. @throws StoreUnavailable */
  async known(key: VerifierKey): Promise<readonly VerifierKey[]> {
    return [key, ...(await this.chainTo(key)).map(({ from }) => from)];
  }

  /**
   * Announces that LOG_KEY follows LOG_KEY_PREVIOUS.
   * @returns how it came to sign; nothing where it signs already @throws LogKeyRefused, StoreUnavailable, DatabaseUnavailable
   */
  async exchange(): Promise<Succession | undefined> {
    const { logKey, logKeyPrevious } = this.config;
    const state = await this.state();
    const from = VerifierKey.of(state.origin, state.publicKey);
    const to = new SignerKey(state.origin, logKey);
    if (isSame(to.verifier, from)) return undefined;
    if (state.renewal) throw new LogKeyRefused('the log is about to begin anew, with LOG_KEY');
    const previous = logKeyPrevious && new SignerKey(state.origin, logKeyPrevious);
    if (!previous || !isSame(previous.verifier, from))
      throw new LogKeyRefused(`LOG_KEY_PREVIOUS is not the key that signs the log ${state.origin}; where that is lost: renew-log`);
    await this.announce('LogKeyExchanged', from, () => signedExchange(previous, to));
    const following = await this.following(from);
    if (!following || !isSame(following.to, to.verifier)) throw new LogKeyRefused('that another key follows was announced before');
    return following;
  }

  /**
   * Begins the log anew with LOG_KEY, under another name: from now on nobody signs a head under the name before.
   * @param known a signed head of the log before, kept elsewhere, that is newer than those here
   * @throws LogKeyRefused, NoteInvalid, StoreUnavailable, DatabaseUnavailable
   */
  async renew(reason: BreakReason, known?: string): Promise<Succession | undefined> {
    const state = await this.state();
    if (known !== undefined) await this.log.heads.remember(state, openHead(VerifierKey.of(state.origin, state.publicKey), known), known);
    await this.log.breakOff(state, reason);
    await this.beginAnew({ ...state, renewal: reason });
    return this.following(VerifierKey.of(state.origin, state.publicKey));
  }

  /** Announces under which name the log goes on that was broken off; once, however often it is called. */
  async beginAnew(state: LogState): Promise<void> {
    const { renewal: reason } = state;
    if (!reason) return;
    const from = VerifierKey.of(state.origin, state.publicKey);
    const head = await this.log.heads.last(state);
    const to = new SignerKey(`caseledger/${randomUUID()}`, this.config.logKey);
    await this.announce('LogBegunAnew', from, () => signedBeginning(from, to, { head, reason }));
  }

  private async state(): Promise<LogState> {
    const state = await this.log.state();
    if (!state) throw new LogKeyRefused('there is no log yet: the service begins it with LOG_KEY');
    return state;
  }

  /** Unless it was announced already that a key follows this one: of several who do, the first counts. */
  private async announce(type: LogKeyEvent['type'], from: VerifierKey, note: () => string): Promise<void> {
    const notes = await this.notes();
    if (followingIn(notes, from)) return;
    const data = { note: note() };
    const commandId = randomUUID();
    const hash = commandHash({ route: type, actor: SYSTEM, body: data });
    const now = this.clock.now();
    const metadata = {
      actor: SYSTEM,
      commandId,
      commandHash: hash,
      correlationId: commandId,
      causationId: commandId,
      occurredAt: now,
      recordedAt: now,
    };
    const id = eventId({ stream: LOG_KEYS, commandId, commandHash: hash, index: 0 });
    const expectedRevision = notes.length === 0 ? 'no-stream' : notes.length - 1;
    await this.store.append([{ stream: LOG_KEYS, expectedRevision, events: [{ id, type, schemaVersion: 1, data, metadata }] }]);
  }

  private async following(from: VerifierKey): Promise<Succession | undefined> {
    return followingIn(await this.notes(), from);
  }

  private async notes(): Promise<string[]> {
    const notes: string[] = [];
    for await (const batch of withoutGap(LOG_KEYS, this.store.readStream(LOG_KEYS)))
      notes.push(...batch.map(event => recorded(logKeyStream, event, null).data.note));
    return notes;
  }
}
