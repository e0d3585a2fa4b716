import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Database } from '../../src/database/database.js';
import { hoursOf, millis, plusHours } from '../../src/fields/time.js';
import { Safeguards } from '../model/safeguards.js';
import { RULES } from '../support/world.js';
import { Wrong } from './record.js';

/* What stands in the database beside the events. */

/** Processes have answered all, and wait for what their cases wait for. @throws Wrong */
export async function mustHaveAnswered(database: Database, { files }: Safeguards, now: string): Promise<number> {
  const { rows: left } = await database.query<{ process: string; stream: string; type: string; state: string; error: string | null }>(
    'SELECT process, stream, type, state, error FROM ledger.process_inbox ORDER BY position LIMIT 1',
  );
  for (const { process, stream, type, state, error } of left)
    throw new Wrong(`${process} has not answered ${type} of ${stream}: ${state} ${error ?? ''}`);
  const { rows } = await database.query<{ process: string; stream: string; due: Date }>(
    'SELECT process, stream, due_at AS due FROM ledger.process_timers',
  );
  const timers = new Set(rows.map(({ process, stream, due }) => `${process} ${stream} ${due.getTime()}`));
  const waits = (process: string, caseId: string, dueAt: string): void => {
    if (!timers.has(`${process} case-${caseId} ${millis(dueAt)}`))
      throw new Wrong(`${process} does not wait for case-${caseId} until ${dueAt}`);
  };
  for (const { process, stream, due } of rows)
    if (due.getTime() <= millis(now)) throw new Wrong(`${process} still waits for ${stream}, which was due at ${due.toISOString()}`);
  for (const [caseId, { status, request, arrival }] of files) {
    if (status === 'transfer-requested' && request) waits('when-transfer-requested-await-reply', caseId, request.replyDueAt);
    if (['transfer-accepted', 'transfer-scheduled'].includes(status) && request?.validUntil)
      waits('when-transfer-accepted-await-departure', caseId, request.validUntil);
    if (status !== 'transferred' || !arrival || arrival.heardOf) continue;
    for (const milestone of RULES.followUp)
      if (!arrival.overdue.has(milestone)) waits('when-arrived-follow-up', caseId, plusHours(arrival.at, hoursOf(milestone)));
  }
  return rows.length;
}

/** Every row of every read model as text, by table. */
export async function rowsOfReadModels(owner: Database): Promise<Map<string, string[]>> {
  const { rows: live } = await owner.query<{ name: string; schema: string }>(
    "SELECT name, 'rm_' || replace(name, '-', '_') || '_' || generation AS schema FROM ledger.read_models WHERE state = 'live' " +
      'ORDER BY name',
  );
  const found = new Map<string, string[]>();
  for (const { name, schema } of live) {
    const { rows: tables } = await owner.query<{ name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY tablename',
      [schema],
    );
    for (const table of tables) {
      const { rows } = await owner.query<{ row: string }>(
        `SELECT t::text COLLATE "C" AS row FROM "${schema}"."${table.name}" t ORDER BY 1`,
      );
      found.set(
        `${name}.${table.name}`,
        rows.map(({ row }) => row),
      );
    }
  }
  return found;
}

/** @throws Wrong naming the first row in which a table differs from that of a rebuild */
export function mustEqual(shown: ReadonlyMap<string, readonly string[]>, rebuilt: ReadonlyMap<string, readonly string[]>): number {
  let rows = 0;
  for (const [table, expected] of rebuilt) {
    const found = shown.get(table) ?? [];
    rows += expected.length;
    const index = expected.findIndex((row, at) => row !== found[at]);
    const at = index >= 0 ? index : found.length > expected.length ? expected.length : -1;
    if (at >= 0)
      throw new Wrong(
        `${table} holds ${found.length} rows, a rebuild ${expected.length}; the first that differs:\n  shown    ` +
          `${found[at]?.slice(0, 1500)}\n  rebuilt  ${expected[at]?.slice(0, 1500)}`,
      );
  }
  return rows;
}

/** One command of the command line, beside the services. @returns its lines @throws Wrong where it fails */
export async function cli(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string[]> {
  const { PATH = '', HOME = '' } = process.env;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli.js', ...args], {
      env: { PATH, HOME, ...env },
      maxBuffer: 2 ** 26,
    });
    return stdout.trim().split('\n');
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const lines = `${stdout}\n${stderr}`.trim().split('\n');
    throw new Wrong(`${args.join(' ')}: ${lines.find(line => line.startsWith('not ok')) ?? lines.at(-1) ?? ''}`);
  }
}
