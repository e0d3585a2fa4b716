import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/*
 * A backup: gzip over lines. The first is the header; then one a row, `<table> TAB <row as JSON>`, table after table; the last
 * is `end TAB {counts, sha256}`, with the SHA-256 of all lines before it, line feeds included. A file without it is not whole.
 */

export const FORMAT = 2;
/** The first had events of PostgreSQL alone, and did not say so. */
const READABLE = [1, FORMAT];

/** Whose positions the events have. */
export type EventsFrom = 'postgresql' | 'eventstoredb';

export interface BackupHeader {
  readonly caseledger: 'backup';
  readonly format: number;
  readonly events: EventsFrom;
  /** Of the newest migration of the database that it was taken from. */
  readonly migration: number;
  /** RFC 3339 UTC; what was acknowledged before is in it. */
  readonly takenAt: string;
  /** Tables in the order of their rows, each with its columns. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** The last value that the sequence of positions gave out, where there is one. */
  readonly lastPosition?: number;
}

/** How many rows there are of each table. */
export type Counts = Readonly<Record<string, number>>;

/** The file is not a whole backup, or none that this version can read; the message says where. */
export class BackupDamaged extends Error {
  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = 'BackupDamaged';
  }
}

/** Writes to a temporary name; the file is there once `end` resolves, or not at all. */
export class BackupWriter {
  private readonly draft: string;
  private readonly hash = createHash('sha256');
  private readonly counts: Record<string, number> = {};
  private readonly gzip = createGzip();
  private readonly written: Promise<void>;

  constructor(
    private readonly path: string,
    header: BackupHeader,
  ) {
    this.draft = `${path}.${randomBytes(4).toString('hex')}.part`;
    const file = createWriteStream(this.draft, { mode: 0o600, flags: 'wx' });
    this.gzip.on('error', ignore);
    file.on('error', error => this.gzip.destroy(error));
    this.gzip.pipe(file);
    this.written = finished(file);
    this.written.catch(ignore);
    for (const table of Object.keys(header.tables)) this.counts[table] = 0;
    void this.line(JSON.stringify(header));
  }

  /** @param rows each as JSON without a line feed */
  async rows(table: string, rows: readonly string[]): Promise<void> {
    if (rows.length === 0) return;
    this.counts[table] = (this.counts[table] ?? 0) + rows.length;
    await this.line(rows.map(row => `${table}\t${row}`).join('\n'));
  }

  async end(): Promise<Counts> {
    await this.line(`end\t${JSON.stringify({ counts: this.counts, sha256: this.hash.copy().digest('hex') })}`);
    this.gzip.end();
    await this.written;
    await onDisk(this.draft, 'r+');
    await rename(this.draft, this.path);
    await onDisk(dirname(this.path), 'r');
    return this.counts;
  }

  async abandon(): Promise<void> {
    this.gzip.destroy();
    await rm(this.draft, { force: true });
  }

  private async line(text: string): Promise<void> {
    if (this.gzip.destroyed) await this.written;
    this.hash.update(text).update('\n');
    if (!this.gzip.write(`${text}\n`)) await Promise.race([once(this.gzip, 'drain'), this.written]);
  }
}

const ignore = (): void => undefined;

async function onDisk(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export interface BackupReader {
  /** Called before the first row. */
  readonly begun?: (header: BackupHeader) => void;
  /** Called after the last, once the file is known to be whole. */
  readonly ended?: (sha256: string) => void;
}

export interface BackupRow {
  readonly table: string;
  /** JSON. */
  readonly row: string;
}

/** Reads a backup from its first line to its last, and makes sure that it is whole. @throws BackupDamaged */
export async function* readBackup(path: string, { begun, ended: over }: BackupReader = {}): AsyncGenerator<BackupRow, void> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let number = 0;
  let ended = false;
  try {
    for await (const line of linesOf(path)) {
      number += 1;
      if (ended) throw new BackupDamaged(path, `something follows the end, from line ${number} on`);
      if (number === 1) {
        const header = headerOf(path, line);
        for (const table of Object.keys(header.tables)) counts[table] = 0;
        begun?.(header);
      } else {
        const tab = line.indexOf('\t');
        const [table, row] = [line.slice(0, tab), line.slice(tab + 1)];
        if (table === 'end') {
          const expected = JSON.stringify({ counts, sha256: hash.copy().digest('hex') });
          if (row !== expected) throw new BackupDamaged(path, 'its checksum or its counts are not those of what it holds: it was altered');
          ended = true;
          continue;
        }
        const count = counts[table];
        if (tab < 0 || count === undefined) throw new BackupDamaged(path, `line ${number} is of no table`);
        counts[table] = count + 1;
        yield { table, row };
      }
      hash.update(line).update('\n');
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof BackupDamaged || code === undefined) throw error;
    if (code === 'Z_BUF_ERROR') throw new BackupDamaged(path, `it ends after line ${number}: it is not whole`);
    throw new BackupDamaged(path, code.startsWith('Z_') ? `it is damaged behind line ${number} (${code})` : `cannot be read (${code})`);
  }
  if (!ended) throw new BackupDamaged(path, `it ends after line ${number}: it is not whole`);
  over?.(hash.digest('hex'));
}

/** A last line without its line feed is none: it was cut off. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  const unzipped = createGunzip().setEncoding('utf8');
  const file = createReadStream(path).on('error', error => unzipped.destroy(error));
  file.pipe(unzipped);
  let rest = '';
  try {
    for await (const text of unzipped as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    file.destroy();
  }
}

function headerOf(path: string, line: string): BackupHeader {
  let header: Partial<BackupHeader> = {};
  try {
    header = JSON.parse(line) as BackupHeader;
  } catch {
    /* told below */
  }
  if (header.caseledger !== 'backup') throw new BackupDamaged(path, 'is no backup of a case ledger');
  if (!READABLE.includes(header.format ?? 0)) {
    throw new BackupDamaged(path, `has format ${header.format}, this version reads ${FORMAT}: use the version that wrote it`);
  }
  return { events: 'postgresql', ...header } as BackupHeader;
}
