import type { Migration } from './migration.js';

/**
 * Appends a batch of requests to streams that are all different; each request stands alone.
 * The lock comes first and, at READ COMMITTED, each later statement sees all that was committed before it:
 * so positions become visible in their order, and `position > checkpoint` skips nothing.
 * expected: a revision, -1 for no stream, -2 for any. outcome: ok, duplicate or conflict, in the order of the requests.
 */
export const APPEND_FUNCTION = `
CREATE OR REPLACE FUNCTION ledger.append(
  streams text[], expected bigint[], lasts int[],
  requests int[], places int[], event_streams text[], ids uuid[], types text[], schema_versions int[],
  data json[], personal text[], metadata json[]
) RETURNS TABLE (outcome text, revision bigint, "position" bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  positions bigint[];
  heads bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(1667330917, 1);
  positions := ARRAY(SELECT nextval('ledger.position') FROM generate_series(1, cardinality(ids)));
  heads := ARRAY(
    SELECT coalesce((SELECT max(e.revision) FROM ledger.events e WHERE e.stream = s.stream), -1)
    FROM unnest(streams) WITH ORDINALITY AS s(stream, n) ORDER BY s.n);

  INSERT INTO ledger.events (position, stream, revision, id, type, schema_version, data, personal, metadata)
  SELECT positions[e.n], e.stream, heads[e.request] + 1 + e.place, e.id, e.type, e.schema_version,
    e.data, e.personal, e.metadata
  FROM unnest(requests, places, event_streams, ids, types, schema_versions, data, personal, metadata) WITH ORDINALITY
    AS e(request, place, stream, id, type, schema_version, data, personal, metadata, n)
  WHERE expected[e.request] IN (heads[e.request], -2);
  IF FOUND THEN
    PERFORM pg_notify('ledger_appended', '');
  END IF;

  RETURN QUERY
  SELECT
    CASE WHEN r.stored THEN 'ok' WHEN r.repeated IS NOT NULL THEN 'duplicate' ELSE 'conflict' END,
    CASE WHEN r.stored THEN heads[r.n] + r.size WHEN r.repeated IS NOT NULL THEN expected[r.n] + r.size END,
    CASE WHEN r.stored THEN positions[lasts[r.n]] ELSE r.repeated END
  FROM (
    SELECT s.n, s.size, s.stored, CASE WHEN NOT s.stored THEN (
      SELECT max(there.position)
      FROM generate_series(lasts[s.n] - s.size + 1, lasts[s.n]) AS i
      JOIN ledger.events there
        ON there.stream = streams[s.n] AND there.revision = expected[s.n] + 1 + places[i] AND there.id = ids[i]
      HAVING count(*) = s.size) END AS repeated
    FROM (
      SELECT n, lasts[n] - CASE WHEN n > 1 THEN lasts[n - 1] ELSE 0 END AS size, expected[n] IN (heads[n], -2) AS stored
      FROM generate_series(1, cardinality(streams)) AS n
      OFFSET 0) s
    OFFSET 0) r
  ORDER BY r.n;
END
$$`;

// Positions are never handed out by a default: only the function above may take them, under its lock.
const TABLES = `
CREATE TABLE ledger.store (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  store_id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO ledger.store DEFAULT VALUES;

CREATE SEQUENCE ledger.position AS bigint CACHE 1 NO CYCLE;
CREATE TABLE ledger.events (
  position bigint PRIMARY KEY,
  stream text COLLATE "C" NOT NULL,
  revision bigint NOT NULL CHECK (revision >= 0),
  id uuid NOT NULL,
  type text NOT NULL,
  schema_version int NOT NULL,
  data json NOT NULL,
  personal text,
  metadata json NOT NULL,
  UNIQUE (stream, revision)
);
COMMENT ON COLUMN ledger.events.data IS 'the RFC 8785 text, verbatim: proofs are made over it';
`;

export const eventStore: Migration = {
  version: 1,
  name: 'event store',
  sql: `${TABLES}${APPEND_FUNCTION};
REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;`,
  grants: role => `
GRANT USAGE ON SCHEMA ledger TO ${role};
GRANT SELECT ON ledger.store, ledger.schema_migrations TO ${role};
GRANT SELECT, INSERT ON ledger.events TO ${role};
GRANT USAGE ON SEQUENCE ledger.position TO ${role};
GRANT EXECUTE ON FUNCTION ledger.append TO ${role};`,
};
