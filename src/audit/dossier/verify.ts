import { openHead, openStreamEnd, type StreamEnd, type TreeHead } from '../log/checkpoint.js';
import { HASH_BYTES, rootByInclusion, TREE_HEIGHT } from '../log/merkle-tree.js';
import { decoded, type VerifierKey } from '../log/signed-note.js';
import { openSuccession, type Succession } from '../log/succession.js';
import { KEY_BYTES, open, SealBroken } from '../../personal-data/sealing.js';
import { type DossierEvent, eventIn, isObject, isText, leafIn } from './dossier-event.js';
import { DossierWrong } from './dossier-wrong.js';
import { canonicalValue, piecesOf, type Piece } from './pieces.js';
import { noted, Signers } from './signers.js';

/** Another format has another name. */
export const FORMAT = 'caseledger-dossier/1';
/** In the order of their names, as RFC 8785 has it. */
const MEMBERS = ['caseId', 'chain', 'checkpoint', 'consistency', 'dataKeys', 'end', 'events', 'format', 'proof'] as const;
const LISTS: readonly string[] = ['chain', 'consistency', 'events', 'proof'];
/** The type of the event after which the keys of what came before it are destroyed. */
const ERASURE = 'PersonalDataErased';
/** No log has had as many keys, and what somebody made up is not held. */
const MOST_KEYS = 1_000;

export interface Verified {
  readonly caseId: string;
  readonly origin: string;
  readonly events: number;
  /** Leaves in the tree. */
  readonly size: number;
  /** Events whose personal data was opened with the key beside it, and those whose key was destroyed. */
  readonly opened: number;
  readonly erased: number;
  /** Of the latter, those that no erasure after them tells of: whoever hands the file on may have left their keys out. */
  readonly unexplained: number;
  /** How often the key of the log was exchanged before, and where the log went on under another name. */
  readonly exchanges: number;
  readonly breaks: readonly Succession[];
  /** Size of the head, kept elsewhere, that it agrees with. */
  readonly agreesWith?: number;
  /** Whether a proof that it extends an older head is there, and none was given to hold it to. */
  readonly consistencyUnused: boolean;
}

export interface Asked {
  /** Whose log it must be: the key that signs it now, or one before it. */
  readonly key: VerifierKey;
  /** Signed heads of the same log, got elsewhere, see `keptHeads`: a dossier that is older, or of another tree, proves nothing. */
  readonly head?: string;
  /** Called with each event and what of it was personal, opened, before the last word is spoken. */
  readonly see?: (event: DossierEvent, personal: object | null) => void;
}

/**
 * Checks a dossier with nothing but the public key of the log.
 * @throws DossierWrong that names the first thing that is wrong; what reading the file throws
 */
export async function verifyDossier(chunks: AsyncIterable<Buffer>, asked: Asked): Promise<Verified> {
  const verifier = new Verifier(asked);
  for await (const pieces of piecesOf(chunks)) for (const piece of pieces) verifier.take(piece);
  return verifier.verdict();
}

class Verifier {
  /** Which of `MEMBERS` is read, and how many came before it in the file. */
  private member = -1;
  private seen = -1;
  private caseId = '';
  private readonly chain: Succession[] = [];
  private signers?: Signers;
  private head?: TreeHead;
  private readonly consistency: Buffer[] = [];
  private agrees?: number;
  private end?: StreamEnd;
  /** Empty where it is none, null where it was destroyed. */
  private keys: ReadonlyMap<string, Buffer | null> = new Map();
  private readonly used = new Set<string>();
  private readonly places: number[] = [];
  private readonly leaves: Buffer[] = [];
  private readonly proof: Buffer[] = [];
  private opened = 0;
  private erased = 0;
  private unexplained = 0;

  constructor(private readonly asked: Asked) {}

  take({ key, member, text }: Piece): void {
    if (member !== this.seen) this.goTo(key);
    this.seen = member;
    if (text === undefined && LISTS.includes(key)) return;
    if (key === 'events') this.event(text ?? '');
    else if (key === 'proof') this.hashOfProof(text ?? '');
    else this.other(text === undefined ? undefined : canonicalValue(text));
  }

  private other(value: unknown): void {
    switch (MEMBERS[this.member]) {
      case 'caseId':
        if (typeof value !== 'string') throw new DossierWrong('it names no case');
        this.caseId = value;
        break;
      case 'chain':
        if (this.chain.length === MOST_KEYS) throw new DossierWrong('the chain of keys is longer than that of any log');
        this.chain.push(noted('the chain of keys', () => openSuccession(textOf(value))));
        break;
      case 'checkpoint': {
        const { current } = (this.signers = new Signers(this.asked.key, this.chain));
        this.head = noted('the checkpoint', () => openHead(current, textOf(value)));
        break;
      }
      case 'consistency':
        if (this.consistency.length === 2 * TREE_HEIGHT) throw new DossierWrong('the proof of consistency is longer than any can be');
        this.consistency.push(hashOf(value) ?? wrong('a hash of the proof of consistency is none'));
        break;
      case 'dataKeys':
        if (this.asked.head !== undefined && this.signers && this.head)
          this.agrees = this.signers.agreesWith(this.asked.head, this.head, this.consistency);
        if (!isObject(value)) throw new DossierWrong('its data keys are none');
        this.keys = new Map(
          Object.entries(value).map(([keyId, key]) => [keyId, key === null ? null : (decoded(textOf(key)) ?? Buffer.alloc(0))]),
        );
        break;
      case 'end':
        this.end = noted('the end of the stream', () => openStreamEnd(this.signers?.current ?? this.asked.key, textOf(value)));
        break;
      case 'format':
        if (value !== FORMAT) throw new DossierWrong('its format is not one that this verifier knows');
        this.assertEnd();
        break;
      default:
    }
  }

  private hashOfProof(text: string): void {
    if (this.proof.length > TREE_HEIGHT * this.places.length) throw new DossierWrong('the proof is longer than one of its events can be');
    this.proof.push(hashIn(text) ?? hashOf(canonicalValue(text)) ?? wrong('a hash of the proof is none'));
  }

  /** Each member once and in order; a list may have none. */
  private goTo(key: string): void {
    const next = MEMBERS.findIndex(name => name === key);
    const passed = MEMBERS.slice(this.member + 1, next);
    if (next <= this.member || passed.some(name => !LISTS.includes(name)))
      throw new DossierWrong(`it is no dossier: ${MEMBERS.join(', ')} are its members, each once`);
    this.member = next;
  }

  private event(text: string): void {
    const revision = this.leaves.length;
    const stream = `case-${this.caseId}`;
    const event = eventIn(text, revision);
    if (event.stream !== stream) throw new DossierWrong(`where revision ${revision} should be stands an event of another stream`);
    if (event.revision !== revision)
      throw new DossierWrong(`where revision ${revision} should be stands another: an event was left out, added or moved`);
    const leaf = leafIn(text, event);
    const { place } = event;
    if (!leaf) {
      canonicalValue(text);
      throw new DossierWrong(`revision ${revision} is not what the log has: it was altered`);
    }
    if (place <= (this.places.at(-1) ?? -1) || place >= (this.head?.size ?? 0))
      throw new DossierWrong(`revision ${revision} has no place in the log where it could be`);
    this.places.push(place);
    this.leaves.push(leaf);
    const personal = this.personal(event);
    if (event.type === ERASURE) this.unexplained = 0;
    this.asked.see?.(event, personal);
  }

  private personal({ id, stream, type, revision, personal, metadata: { keyId } }: DossierEvent): object | null {
    if (personal === null) return null;
    const key = keyId === undefined ? undefined : this.keys.get(keyId);
    if (keyId === undefined || key === undefined) throw new DossierWrong(`the data key of revision ${revision} is not there`);
    this.used.add(keyId);
    if (key === null) {
      this.erased++;
      this.unexplained++;
      return null;
    }
    if (key.length !== KEY_BYTES) throw new DossierWrong(`the data key of revision ${revision} is none`);
    try {
      const opened = open(key, { stream, eventId: id, type, keyId }, personal, revision);
      this.opened++;
      return opened;
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw new DossierWrong(`revision ${revision} does not open with the data key beside it`, { cause: error });
    }
  }

  /** Whether these are all events of the case: what ends a dossier otherwise would be looked at in vain. */
  private assertEnd(): void {
    const last = this.leaves.length - 1;
    if (this.end?.stream !== `case-${this.caseId}`) throw new DossierWrong('the end of the stream is that of another one');
    if (this.end.size !== this.head?.size) throw new DossierWrong('the end of the stream is as of another size of the log than its head');
    if (this.end.lastRevision !== last)
      throw new DossierWrong(
        `it ends at revision ${last}, and the case went on to ${this.end.lastRevision}: events were left out or added`,
      );
  }

  verdict(): Verified {
    const { head, caseId, signers } = this;
    if (this.member !== MEMBERS.length - 1 && this.member !== MEMBERS.indexOf('format')) throw new DossierWrong('it is cut short');
    if (!head || !signers) throw new DossierWrong('it is cut short');
    if ([...this.keys.keys()].some(keyId => !this.used.has(keyId))) throw new DossierWrong('a data key is there that opens nothing of it');
    if (!rootByInclusion(this.places, this.leaves, head.size, this.proof)?.equals(head.root))
      throw new DossierWrong('events and proof do not lead to the signed head: they are not those of the log');
    return {
      caseId,
      origin: signers.current.name,
      events: this.leaves.length,
      size: head.size,
      opened: this.opened,
      erased: this.erased,
      unexplained: this.unexplained,
      exchanges: signers.exchanges,
      breaks: signers.breaks,
      consistencyUnused: this.agrees === undefined && this.consistency.length > 0,
      ...(this.agrees !== undefined && { agreesWith: this.agrees }),
    };
  }
}

const textOf = (value: unknown): string => (isText(value) ? value : '');

function hashOf(value: unknown): Buffer | undefined {
  const bytes = decoded(textOf(value));
  return bytes?.length === HASH_BYTES ? bytes : undefined;
}

/** Of the one text of it, of which a dossier has as many as of events: without a look at what else it could be. */
function hashIn(text: string): Buffer | undefined {
  const bytes = Buffer.from(text.slice(1, -1), 'base64');
  return bytes.length === HASH_BYTES && text === `"${bytes.toString('base64')}"` ? bytes : undefined;
}

function wrong(message: string): never {
  throw new DossierWrong(message);
}
