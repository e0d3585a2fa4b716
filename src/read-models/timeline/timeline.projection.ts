import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { idOf } from '../../event-store/event-store.js';
import type { Change, Projection } from '../../projecting/projection.js';
import { insertOnce } from '../../projecting/inserting.js';
import { inWords, whichOf } from './in-words.js';

const tables = `
CREATE TABLE cases (
  case_id uuid PRIMARY KEY,
  office text NOT NULL,
  revision int NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE entries (
  case_id uuid NOT NULL,
  revision int NOT NULL,
  at text NOT NULL,
  recorded_at text NOT NULL,
  event text NOT NULL,
  summary text NOT NULL,
  actor text NOT NULL,
  event_id uuid NOT NULL,
  retracts uuid
);
COMMENT ON COLUMN entries.retracts IS 'the event_id of the entry that this one retracts';
`;

const completion = `
ALTER TABLE entries ADD PRIMARY KEY (case_id, revision);
CREATE INDEX ON entries (case_id, retracts) WHERE retracts IS NOT NULL;
`;

/** "What happened in this case?" Nothing in it is personal, so that an erasure leaves the history as it was. */
export const timelineProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'timeline',
  version: 6,
  tables,
  completion,
  categories: ['case'],
  async project(changes, tx, unfinished = false) {
    const offices = new Map(changes.map(({ event, after }) => [idOf(event.stream), { office: after.office, revision: event.revision }]));
    const cases = [...offices].map(([case_id, known]) => ({ case_id, ...known }));
    await tx.query(
      `INSERT INTO cases SELECT * FROM json_populate_recordset(NULL::cases, $1)
       ON CONFLICT (case_id) DO UPDATE SET office = excluded.office, revision = excluded.revision`,
      [JSON.stringify(cases)],
    );
    const entries = changes.map(entryOf);
    await insertOnce('entries', entries, tx, unfinished);
  },
};

const entryOf = ({ event, before }: Change<AsylumCase, CaseEvent>) => ({
  case_id: idOf(event.stream),
  revision: event.revision,
  at: event.metadata.occurredAt,
  recorded_at: event.metadata.recordedAt,
  event: event.type,
  summary: inWords(event) + whichOf(event, before),
  actor: event.metadata.actor.id,
  event_id: event.id,
  retracts: event.type === 'EntryRetracted' ? event.data.eventId : null,
});
