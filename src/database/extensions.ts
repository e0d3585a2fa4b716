import { DatabaseError, escapeIdentifier } from 'pg';
import { DatabaseUnavailable } from './database-unavailable.js';
import type { Queryable } from './database.js';

/** The database lacks what comes with every PostgreSQL, and the role that makes the tables may not add it. */
export class MissingExtensions extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MissingExtensions';
  }
}

/** Where those go that the database has not got yet: a role may make it that may make nothing in `public`. */
const SCHEMA = 'ledger_extensions';

/**
 * To be embedded in a query: the schemas of extensions, as a search path; null where there is none. What is in `pg_catalog` is found first
 * in any case.
 */
export const EXTENSION_SCHEMAS = `(SELECT string_agg(DISTINCT quote_ident(nspname), ', ')
  FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname <> 'pg_catalog')`;

/**
 * Makes the extensions that the database lacks, and takes the others wherever they are; from here on `session` finds them all.
 * @throws MissingExtensions in one line that tells what to run and who may; DatabaseUnavailable
 */
export async function haveExtensions(session: Queryable, names: readonly string[]): Promise<void> {
  const { rows } = await session.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT extname FROM pg_extension)',
    [names],
  );
  const refusals = new Map<string, string>();
  for (const { name } of rows) {
    const refusal = await make(session, name);
    if (refusal !== undefined) refusals.set(name, refusal);
  }
  if (refusals.size > 0) throw await missing(session, refusals);
  await session.query(`SELECT set_config('search_path', concat_ws(', ', 'public', ${EXTENSION_SCHEMAS}), false)`);
}

/** Lets the service's role use what the extensions bring. @throws MissingExtensions, DatabaseUnavailable */
export async function grantExtensions(session: Queryable, serviceRole: string, names: readonly string[]): Promise<void> {
  const closed = `
    SELECT DISTINCT quote_ident(nspname) AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
    WHERE extname = ANY ($1::text[]) AND NOT has_schema_privilege($2, n.oid, 'USAGE')`;
  const grantOf = (schema: string): string => `GRANT USAGE ON SCHEMA ${schema} TO ${escapeIdentifier(serviceRole)}`;
  for (const { schema } of (await session.query<{ schema: string }>(closed, [names, serviceRole])).rows)
    await answered(session.query(grantOf(schema)));
  const { rows } = await session.query<{ schema: string }>(closed, [names, serviceRole]);
  if (rows.length === 0) return;
  throw new MissingExtensions(
    `the service's role may not use what the extensions ${names.join(', ')} bring: let the owner of the schema run in this database: ` +
      rows.map(({ schema }) => `${grantOf(schema)};`).join(' '),
  );
}

/** What was answered where it cannot be made. */
async function make(session: Queryable, name: string): Promise<string | undefined> {
  const refusal = await answered(session.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`));
  return refusal ?? answered(session.query(`CREATE EXTENSION IF NOT EXISTS ${escapeIdentifier(name)} SCHEMA ${SCHEMA}`));
}

async function missing(session: Queryable, refusals: ReadonlyMap<string, string>): Promise<MissingExtensions> {
  const {
    rows: [at],
  } = await session.query<{ role: string; database: string }>('SELECT current_user AS role, current_database() AS database');
  const names = [...refusals.keys()];
  return new MissingExtensions(
    `the database ${at?.database} lacks the extensions ${names.join(', ')}, and the role ${at?.role} may not create them ` +
      `(${[...refusals.values()][0]}): let its owner or a superuser run there: ` +
      `${names.map(name => `CREATE EXTENSION ${name};`).join(' ')} ` +
      'They come with PostgreSQL, on some systems in a package of their own (postgresql-contrib)',
  );
}

/** What the server refused it with; undefined where it was done. @throws DatabaseUnavailable where nothing was answered */
async function answered(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const refused = error instanceof DatabaseUnavailable && error.wasAnswered ? error.cause : error;
    if (refused instanceof DatabaseError) return refused.message;
    throw error;
  }
}
