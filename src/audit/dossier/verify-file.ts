import { appendFileSync, closeSync, createReadStream, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { NoteInvalid, VerifierKey } from '../log/signed-note.js';
import { DossierWrong } from './dossier-wrong.js';
import type { DossierEvent } from './dossier-event.js';
import { verifyDossier } from './verify.js';

/** Read at a time: with the usual 64 KiB a good part of the time goes to waiting for the next. */
const CHUNK_BYTES = 2 ** 18;

export interface FilesToVerify {
  /** The public key, or the path of a file that holds it. */
  readonly key: string;
  /** Path of signed heads that were kept elsewhere. */
  readonly head?: string;
  /** Where the opened events go. */
  readonly open?: string;
}

export interface Verdict {
  readonly isSound: boolean;
  readonly lines: readonly string[];
}

/** @throws NoteInvalid that names `--key` where it is none; what the file system says */
export async function verifyFile(path: string, { key, head, open }: FilesToVerify): Promise<Verdict> {
  const verifierKey = keyOf(key);
  const opened = open === undefined ? undefined : openSync(open, 'wx', 0o600);
  const see = (event: DossierEvent, personal: object | null): void => {
    const { stream, revision, id, type, schemaVersion, data, metadata } = event;
    if (opened !== undefined)
      appendFileSync(opened, `${JSON.stringify({ stream, revision, id, type, schemaVersion, data, personal, metadata })}\n`);
  };
  try {
    const found = await verifyDossier(createReadStream(path, { highWaterMark: CHUNK_BYTES }), {
      key: verifierKey,
      ...(head !== undefined && { head: readFileSync(head, 'utf8') }),
      ...(opened !== undefined && { see }),
    });
    return {
      isSound: true,
      lines: [
        `ok      case ${found.caseId}: its ${found.events} events, none altered, left out or added, as the log had them at ` +
          `${found.size} entries`,
        `ok      signed by ${found.origin}; personal data: ${found.opened} opened, ${found.erased} erased`,
        ...(found.unexplained === 0
          ? []
          : [`note    of ${found.unexplained} of them no erasure in the case tells: their keys may only have been left out of the file`]),
        ...(found.agreesWith === undefined ? [] : [`ok      the log is the one of the head of ${found.agreesWith} entries that was kept`]),
        ...(found.consistencyUnused ? ['note    that it extends an older head was not looked at: no --head was given'] : []),
        ...(found.exchanges === 0 ? [] : [`ok      its key was exchanged, each announced by the one before: ${found.exchanges} times`]),
        ...found.breaks.map(
          ({ from, broken }) =>
            `note    the chain of keys is broken: ${from.name} ended at ${broken?.head.size} entries (${broken?.reason}); whether others ` +
            'followed there, this log cannot tell',
        ),
      ],
    };
  } catch (error) {
    // What is not proved is not left lying about as if it were.
    if (open !== undefined) rmSync(open, { force: true });
    if (!(error instanceof DossierWrong)) throw error;
    return { isSound: false, lines: [`not ok  ${error.message}`] };
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function keyOf(key: string): VerifierKey {
  try {
    return VerifierKey.parse(existsSync(key) ? readFileSync(key, 'utf8') : key);
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw new NoteInvalid(`--key: ${error.message}, nor a file that holds one`);
  }
}
