import { NoteInvalid } from './signed-note.js';

/** A head as it is kept elsewhere, and how it follows the one before it. */
export interface KeptHead {
  readonly checkpoint: string;
  /** Hashes that prove that it extends the head before; where there is none before, or it is not known, none. */
  readonly proof: readonly string[];
}

/** A line of a file of heads: what is cut short is none. */
export const keptLine = ({ checkpoint, proof }: KeptHead): string => `${JSON.stringify({ checkpoint, proof })}\n`;

/**
 * The heads of a file: a signed note alone, the answer of `GET /v1/audit/log/checkpoint`, or lines of them as a witness keeps.
 * @throws NoteInvalid
 */
export function keptHeads(file: string): KeptHead[] {
  if (!file.startsWith('{')) return [{ checkpoint: file, proof: [] }];
  return file.split('\n').flatMap((line, at) => {
    // What ends in the middle was being written when its writer ended.
    if (!line.endsWith('}')) return [];
    try {
      const { checkpoint, proof = [] } = JSON.parse(line) as Partial<KeptHead>;
      if (typeof checkpoint === 'string' && Array.isArray(proof)) return { checkpoint, proof: proof.map(String) };
    } catch {
      // Told below.
    }
    throw new NoteInvalid(`line ${at + 1} of the heads is none`);
  });
}

/** @throws NoteInvalid where there is none */
export function newestHead(file: string): string {
  const newest = keptHeads(file).at(-1);
  if (!newest) throw new NoteInvalid('there is no head in it');
  return newest.checkpoint;
}
