import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** How long an answer counts, in milliseconds. */
const KNOWN_MS = 2_000;

// No row is written; but who may not, or nobody may, is told so.
const RIGHTS = [
  'INSERT INTO ledger.events SELECT * FROM ledger.events WHERE false',
  'INSERT INTO ledger.data_keys SELECT * FROM ledger.data_keys WHERE false',
  'UPDATE ledger.processes SET position = position WHERE false',
  'UPDATE ledger.process_inbox SET state = state WHERE false',
  'UPDATE ledger.read_models SET position = position WHERE false',
].join(';');
// More than memory takes goes into a file beside the tables, which is gone with the statement: 16 MB, about as much as
// the next piece of the log needs.
const ROOM = `SET LOCAL work_mem = '64kB';
  WITH spilled AS MATERIALIZED (SELECT repeat('x', 8000) FROM generate_series(1, 2000)) SELECT count(*) FROM spilled`;
// A commit that the log has to hold, and nothing else.
const COMMIT = "SELECT pg_logical_emit_message(true, 'caseledger', 'writable')";

/** Whether the database can be written: asked by really doing so, at most every two seconds. */
@Injectable()
export class Writable {
  private known?: { readonly at: number; readonly answer: Promise<void> };

  constructor(private readonly database: Database) {}

  /** @throws DatabaseUnavailable while it cannot be written: the disk is full, it may only be read, rights are gone */
  assert(): Promise<void> {
    const now = performance.now();
    if (!this.known || now - this.known.at > KNOWN_MS) this.known = { at: now, answer: this.attempt() };
    return this.known.answer;
  }

  private async attempt(): Promise<void> {
    await this.database.transaction(async tx => {
      for (const statement of [RIGHTS, ROOM, COMMIT]) await tx.query(statement);
    });
  }
}
