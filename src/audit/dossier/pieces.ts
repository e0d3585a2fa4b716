import { isUtf8 } from 'node:buffer';
import { isCanonical } from '../../event-store/canonical-json.js';
import { DossierWrong } from './dossier-wrong.js';

/** The value of one member of an object, or one element of a list that is a member. */
export interface Piece {
  readonly key: string;
  /** How many members came before: another may have the same key. */
  readonly member: number;
  /** As it is written, for `canonicalValue`; undefined for a list that has none. */
  readonly text: string | undefined;
}

/** No event of ours comes near it, and more is not held at a time. */
const LARGEST_PIECE = 8 * 2 ** 20;
/** Deeper than an event can be, which lies in the list of a dossier. */
const DEEPEST = 102;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BEGIN_LIST, END_LIST, BEGIN_OBJECT, END_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Reads an object in its RFC 8785 form piece by piece, so that one of any length takes no memory to speak of: those that end in one chunk
 * together, to be taken before the next are asked for. What stands in a piece is looked at by who takes it.
 * @throws DossierWrong where it is no such object
 */
export async function* piecesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Iterable<Piece>> {
  const splitter = new Splitter();
  for await (const chunk of chunks) yield splitter.take(chunk);
  splitter.end();
}

class Splitter {
  /** From the beginning of the piece that is being read. */
  private rest: Buffer = Buffer.alloc(0);
  private at = 0;
  /** How far the string was searched whose end is not there yet. */
  private searched = 0;
  private depth = 0;
  private key?: string;
  /** Elements seen of the list that is being read, or that was read; undefined where the member is no list. */
  private elements?: number;
  private inList = false;
  private members = 0;

  *take(chunk: Buffer): Generator<Piece> {
    this.rest = Buffer.concat([this.rest, chunk]);
    let begin = 0;
    while (this.at < this.rest.length) {
      const byte = this.rest[this.at];
      if (byte === QUOTE) {
        const end = endOfString(this.rest, Math.max(this.at + 1, this.searched));
        this.searched = end ?? this.rest.length;
        if (end === undefined) break;
        this.at = end;
      } else if (this.depth === 0 && (byte !== BEGIN_OBJECT || this.members > 0)) {
        // One line feed is what an editor or a shell puts at the end of a file.
        if (this.members === 0 || byte !== 0x0a || this.at > begin) throw new DossierWrong('it is no dossier: it is not one JSON object');
      } else if (byte === BEGIN_OBJECT || byte === BEGIN_LIST) {
        this.depth++;
        if (this.depth > DEEPEST) throw new DossierWrong('a part of it is nested deeper than any part of a dossier can be');
        if (this.depth === 1) begin = this.at + 1;
        if (this.depth === 2 && byte === BEGIN_LIST && this.key !== undefined && this.at === begin) {
          [this.inList, this.elements, begin] = [true, 0, this.at + 1];
        }
      } else if (byte === END_OBJECT || byte === END_LIST) {
        this.depth--;
        const whole = this.depth === 0 ? END_OBJECT : this.depth === 1 && this.inList ? END_LIST : byte;
        if (byte !== whole) throw new DossierWrong('it is no JSON');
        if (this.depth === 1 && this.inList) {
          if (this.elements === 0 && this.at === begin) yield { ...this.named(), text: undefined };
          else yield this.piece(begin);
          [this.inList, begin] = [false, this.at + 1];
        } else if (this.depth === 0) {
          yield* this.member(begin);
          begin = this.at + 1;
        }
      } else if (byte === COMMA && (this.depth === 1 || (this.depth === 2 && this.inList))) {
        if (this.inList) yield this.piece(begin);
        else yield* this.member(begin);
        begin = this.at + 1;
      } else if (byte === COLON && this.depth === 1) {
        this.key = String(canonicalValue(this.text(begin)));
        begin = this.at + 1;
      }
      this.at++;
    }
    this.rest = this.rest.subarray(begin);
    this.at -= begin;
    this.searched -= begin;
    if (this.rest.length > LARGEST_PIECE) throw new DossierWrong('a part of it is larger than any part of a dossier can be');
  }

  end(): void {
    if (this.members === 0 || this.depth > 0) throw new DossierWrong('it is cut short');
  }

  private *member(begin: number): Generator<Piece> {
    if (this.elements === undefined) yield this.piece(begin);
    else if (this.at > begin) throw new DossierWrong('it is no JSON');
    this.members++;
    this.key = undefined;
    this.elements = undefined;
  }

  private piece(begin: number): Piece {
    const { key, member } = this.named();
    if (this.elements !== undefined) this.elements++;
    return { key, member, text: this.text(begin) };
  }

  private text(begin: number): string {
    const text = this.rest.toString('utf8', begin, this.at);
    // What cannot be decoded was given as this character, which may stand there itself.
    if (text.includes('\ufffd') && !isUtf8(this.rest.subarray(begin, this.at))) throw new DossierWrong('it is not UTF-8');
    return text;
  }

  private named(): Pick<Piece, 'key' | 'member'> {
    if (this.key === undefined) throw new DossierWrong('it is no JSON');
    return { key: this.key, member: this.members };
  }
}

/** Where the string ends that was searched up to here, if that is there already. */
function endOfString(bytes: Buffer, from: number): number | undefined {
  for (let end = bytes.indexOf(QUOTE, from); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (bytes[first - 1] === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return undefined;
}

/** @throws DossierWrong where there is another way to write the same value, such as a key twice or a number that is rounded */
export function canonicalValue(text: string): unknown {
  const value = parsed(text);
  if (!isCanonical(text, value))
    throw new DossierWrong('it is not in the canonical form (RFC 8785): a part of it was written by something else');
  return value;
}

/** @throws DossierWrong where it is no JSON; of several ways to write a value it takes any */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DossierWrong('it is no JSON', { cause: error });
  }
}
