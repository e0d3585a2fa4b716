import type { Migration } from './migration.js';

/**
 * As `ledger.append`, which stays for processes of an older version; `keys` names each event's data key, or null.
 * An event whose key is not committed here, or is destroyed, could never be read: its request has the outcome `keyless`.
 */
export const APPEND_FUNCTION = `
CREATE OR REPLACE FUNCTION ledger.append_events(
  streams text[], expected bigint[], lasts int[],
  requests int[], places int[], event_streams text[], ids uuid[], types text[], schema_versions int[],
  data json[], personal text[], metadata json[], keys uuid[]
) RETURNS TABLE (outcome text, revision bigint, "position" bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  positions bigint[];
  heads bigint[];
  keyless int[];
BEGIN
  PERFORM pg_advisory_xact_lock(1667330917, 1);
  positions := ARRAY(SELECT nextval('ledger.position') FROM generate_series(1, cardinality(ids)));
  heads := ARRAY(
    SELECT coalesce((SELECT max(e.revision) FROM ledger.events e WHERE e.stream = s.stream), -1)
    FROM unnest(streams) WITH ORDINALITY AS s(stream, n) ORDER BY s.n);
  keyless := ARRAY(
    SELECT e.request FROM unnest(requests, keys) AS e(request, key)
    WHERE e.key IS NOT NULL
      AND (SELECT true FROM ledger.data_keys k WHERE k.key_id = e.key AND k.destroyed_at IS NULL) IS NOT TRUE);

  INSERT INTO ledger.events (position, stream, revision, id, type, schema_version, data, personal, metadata)
  SELECT positions[e.n], e.stream, heads[e.request] + 1 + e.place, e.id, e.type, e.schema_version,
    e.data, e.personal, e.metadata
  FROM unnest(requests, places, event_streams, ids, types, schema_versions, data, personal, metadata) WITH ORDINALITY
    AS e(request, place, stream, id, type, schema_version, data, personal, metadata, n)
  WHERE expected[e.request] IN (heads[e.request], -2) AND e.request <> ALL (keyless);
  IF FOUND THEN
    PERFORM pg_notify('ledger_appended', '');
  END IF;

  RETURN QUERY
  SELECT
    CASE WHEN r.stored THEN 'ok' WHEN r.repeated IS NOT NULL THEN 'duplicate' WHEN r.fits THEN 'keyless' ELSE 'conflict' END,
    CASE WHEN r.stored THEN heads[r.n] + r.size WHEN r.repeated IS NOT NULL THEN expected[r.n] + r.size END,
    CASE WHEN r.stored THEN positions[lasts[r.n]] ELSE r.repeated END
  FROM (
    SELECT s.n, s.size, s.fits, s.stored, CASE WHEN NOT s.stored THEN (
      SELECT max(there.position)
      FROM generate_series(lasts[s.n] - s.size + 1, lasts[s.n]) AS i
      JOIN ledger.events there
        ON there.stream = streams[s.n] AND there.revision = expected[s.n] + 1 + places[i] AND there.id = ids[i]
      HAVING count(*) = s.size) END AS repeated
    FROM (
      SELECT n, lasts[n] - CASE WHEN n > 1 THEN lasts[n - 1] ELSE 0 END AS size,
        expected[n] IN (heads[n], -2) AS fits, expected[n] IN (heads[n], -2) AND n <> ALL (keyless) AS stored
      FROM generate_series(1, cardinality(streams)) AS n
      OFFSET 0) s
    OFFSET 0) r
  ORDER BY r.n;
END
$$`;

export const appendWithKeys: Migration = {
  version: 8,
  name: 'append with keys',
  sql: `${APPEND_FUNCTION};
REVOKE ALL ON FUNCTION ledger.append_events FROM PUBLIC;`,
  grants: role => `GRANT EXECUTE ON FUNCTION ledger.append_events TO ${role};`,
};
