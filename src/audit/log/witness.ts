import { open } from 'node:fs/promises';
import { keptHeads, keptLine } from './kept-heads.js';

/** A head, and what proves that it extends the one that the witness has. */
export interface HeadToPush {
  readonly size: number;
  readonly note: string;
  /** In base64, in the order of RFC 6962. */
  readonly proof: readonly string[];
}

/** Somebody elsewhere who keeps the heads of the log, so that it cannot be another one later. */
export interface Witness {
  /** As it is named in the settings. */
  readonly name: string;
  /** Whether it keeps each head, or is content with the newest. */
  readonly keepsEach: boolean;
  /** The last head that it has, where it can be asked. @throws WitnessFailing */
  newest(): Promise<string | undefined>;
  /** @param after size of the head that it has @returns the lines with which it signed, if so @throws WitnessFailing, WitnessElsewhere */
  push(after: number, head: HeadToPush): Promise<string | undefined>;
}

/** It does not take a head in. The message names no more than the reason. */
export class WitnessFailing extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WitnessFailing';
  }
}

/** Its last head has another size than was thought. */
export class WitnessElsewhere extends Error {
  constructor(readonly size: number) {
    super(`it has a head of ${size} entries`);
    this.name = 'WitnessElsewhere';
  }
}

const ANSWERS_WITHIN_MS = 10_000;
const LONGEST_ANSWER = 8_192;
const SIGNATURES = /^(?:— [^ +\n]+ [A-Za-z0-9+/]+={0,2}\n)+$/;

/** Speaks `add-checkpoint` of C2SP (c2sp.org/tlog-witness). */
export class HttpWitness implements Witness {
  readonly keepsEach = false;

  constructor(readonly name: string) {}

  /** The protocol asks for none: an answer to a push says where it stands. */
  async newest(): Promise<undefined> {
    return undefined;
  }

  async push(after: number, { note, proof }: HeadToPush): Promise<string | undefined> {
    const { status, text } = await this.post([`old ${after}`, ...proof, '', note].join('\n'));
    const size = /^(\d{1,15})\n$/.exec(text)?.[1];
    if (status === 409 && size !== undefined && Number(size) !== after) throw new WitnessElsewhere(Number(size));
    if (status < 200 || status > 299) throw new WitnessFailing(`it answers ${status}`);
    return SIGNATURES.test(text) ? text : undefined;
  }

  private async post(body: string): Promise<{ status: number; text: string }> {
    try {
      const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      const response = await fetch(`${this.name.replace(/\/$/, '')}/add-checkpoint`, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal,
      });
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString('utf8');
        if (text.length > LONGEST_ANSWER) throw new WitnessFailing('it answers without end');
      }
      return { status: response.status, text };
    } catch (error) {
      if (error instanceof WitnessFailing) throw error;
      throw new WitnessFailing('it cannot be reached', { cause: error });
    }
  }
}

/** So much of the end of a file surely holds its last line. */
const TAIL_BYTES = 65_536;

/** Lines of heads, each with the proof that it extends the one before: see `keptHeads`. Nothing in it is ever changed. */
export class FileWitness implements Witness {
  readonly keepsEach = true;

  constructor(readonly name: string) {}

  newest(): Promise<string | undefined> {
    return this.using('r', async file => {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const tail = buffer.toString('utf8', 0, bytesRead);
      return keptHeads(from === 0 ? tail : tail.slice(tail.indexOf('\n') + 1)).at(-1)?.checkpoint;
    });
  }

  async push(_after: number, { note, proof }: HeadToPush): Promise<undefined> {
    await this.using('a+', async file => {
      const { size } = await file.stat();
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      // A line that a writer did not finish stays what it is: none.
      const begin = size > 0 && buffer.toString() !== '\n' ? '\n' : '';
      await file.appendFile(`${begin}${keptLine({ checkpoint: note, proof })}`);
      await file.sync();
    });
    return undefined;
  }

  /** Nothing of a file that is not there yet. */
  private async using<T>(flags: 'r' | 'a+', work: (file: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T | undefined> {
    try {
      const file = await open(this.name, flags, 0o644);
      try {
        return await work(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && flags === 'r') return undefined;
      throw new WitnessFailing(code === undefined ? 'it holds something else than heads' : `it cannot be written (${code})`, {
        cause: error,
      });
    }
  }
}

export const witnessOf = (name: string): Witness => (/^https?:/.test(name) ? new HttpWitness(name) : new FileWitness(name));
