import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { countryOf, countsAsMinor } from '../../cases/standing.state.js';
import { idOf } from '../../event-store/event-store.js';
import { dayOf } from '../../fields/time.js';
import { insertOnce } from '../../projecting/inserting.js';
import type { Change, Projection } from '../../projecting/projection.js';

const tables = `
CREATE TABLE facts (
  position text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  case_id uuid NOT NULL,
  type text NOT NULL,
  country text,
  nationality text,
  minor boolean NOT NULL,
  office text NOT NULL,
  occurred_on date NOT NULL,
  recorded_on date NOT NULL,
  reason_code text
);
COMMENT ON TABLE facts IS 'every event of every case; rows are never changed, so that whoever has read one need not read it again';
COMMENT ON COLUMN facts.position IS 'of the event in the store: the same in each generation, so that a cursor outlives a rebuild';
`;

const completion = 'ALTER TABLE facts ADD PRIMARY KEY (position)';

/** "What happened, case by case, in the order in which it was recorded?" Which case and which event is shown under pseudonyms alone. */
export const caseFactsProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'case-facts',
  version: 2,
  tables,
  completion,
  categories: ['case'],
  project: (changes, tx, unfinished = false) => insertOnce('facts', changes.map(factOf), tx, unfinished),
};

const factOf = ({ event, position, after }: Change<AsylumCase, CaseEvent>) => ({
  position,
  event_id: event.id,
  case_id: idOf(event.stream),
  type: event.type,
  country: countryOf(after),
  nationality: nationalityOf(after.facts),
  minor: countsAsMinor(after),
  office: after.office,
  occurred_on: dayOf(event.metadata.occurredAt),
  recorded_on: dayOf(event.metadata.recordedAt),
  reason_code: 'reasonCode' in event.data ? event.data.reasonCode : null,
});

function nationalityOf(facts: AsylumCase['facts']): string | null {
  if (!facts) return null;
  const { nationalities, nationalityUnknown } = facts;
  if (nationalityUnknown) return 'unknown';
  return [...new Set(nationalities)].sort().join('+') || 'stateless';
}
