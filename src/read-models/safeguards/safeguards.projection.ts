import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { countryOf } from '../../cases/standing.state.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import { dayOf } from '../../fields/time.js';
import type { Change, Projection } from '../../projecting/projection.js';

const tables = `
CREATE TABLE facts (
  event_id uuid NOT NULL,
  code text NOT NULL,
  fact text NOT NULL,
  case_id uuid NOT NULL,
  subject uuid,
  country text,
  day date NOT NULL,
  opened_at timestamptz,
  closed_at timestamptz,
  PRIMARY KEY (event_id, code)
);
COMMENT ON COLUMN facts.subject IS 'the hold or the alert, which stands open until it is closed';
CREATE INDEX ON facts (day);
CREATE INDEX ON facts (case_id, subject) WHERE subject IS NOT NULL;

CREATE TABLE as_of (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position text COLLATE "C" NOT NULL,
  recorded_at timestamptz
);
COMMENT ON TABLE as_of IS 'the newest event of a case that the figures reflect: time is measured there, never now';
INSERT INTO as_of (position) VALUES ('');
`;

type CaseChange = Change<AsylumCase, CaseEvent>;
interface Counted {
  readonly fact: 'refusal' | 'blocked' | 'irregular' | 'hold' | 'alert' | 'merged' | 'unconsented';
  readonly code: string;
  readonly subject?: string;
}

/** "Do the safeguards work, and does anybody get around them?" Nothing in it is personal. */
export const safeguardsProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'safeguards',
  version: 2,
  tables,
  ofAllStreams: ['as_of'],
  categories: ['case'],
  async project(changes, tx) {
    const facts = changes.flatMap(factsOf);
    if (facts.length > 0)
      await tx.query('INSERT INTO facts SELECT * FROM json_populate_recordset(NULL::facts, $1) ON CONFLICT DO NOTHING', [
        JSON.stringify(facts),
      ]);
    await close(changes.flatMap(closedBy), tx);
    await takeBack(changes, tx);
    const newest = changes.at(-1);
    await tx.query('UPDATE as_of SET position = $1, recorded_at = $2 WHERE position < $1', [
      newest?.position ?? '',
      newest?.event.metadata.recordedAt,
    ]);
  },
};

function factsOf({ event, after }: CaseChange): object[] {
  const { occurredAt, recordedAt } = event.metadata;
  return countedAs(event).map(counted => ({
    event_id: event.id,
    case_id: idOf(event.stream),
    country: countryOf(after),
    day: dayOf(occurredAt),
    ...counted,
    ...(counted.subject && { opened_at: recordedAt }),
  }));
}

function countedAs(event: CaseChange['event']): Counted[] {
  switch (event.type) {
    case 'WithdrawalRefused':
      return [{ fact: 'refusal', code: event.data.code }];
    case 'DepartureBlocked':
      return event.data.failedChecks.map(code => ({ fact: 'blocked', code }));
    case 'ApplicantDeparted':
      return event.data.irregular ? [{ fact: 'irregular', code: '' }] : [];
    case 'TransferHoldPlaced':
      return [{ fact: 'hold', code: event.data.kind, subject: event.data.holdId }];
    case 'ProtectionAlertRaised':
      return [{ fact: 'alert', code: event.data.cause, subject: event.data.alertId }];
    case 'MarkedAsDuplicate':
      return [{ fact: 'merged', code: '' }];
    case 'DisclosureMade':
      return event.data.unconsented ? [{ fact: 'unconsented', code: '' }] : [];
    default:
      return [];
  }
}

interface Closing {
  readonly case_id: string;
  readonly subject: string;
  readonly closed_at: string;
}

function closedBy({ event }: CaseChange): Closing[] {
  const closed = { case_id: idOf(event.stream), closed_at: event.metadata.recordedAt };
  if (event.type === 'TransferHoldReleased') return [{ ...closed, subject: event.data.holdId }];
  return event.type === 'ProtectionAlertAnswered' ? [{ ...closed, subject: event.data.alertId }] : [];
}

async function close(closings: readonly Closing[], tx: Queryable): Promise<void> {
  if (closings.length === 0) return;
  await tx.query(
    `UPDATE facts f SET closed_at = c.closed_at FROM json_to_recordset($1) AS c(case_id uuid, subject uuid, closed_at timestamptz)
     WHERE f.case_id = c.case_id AND f.subject = c.subject`,
    [JSON.stringify(closings)],
  );
}

/** Of what is counted, a disclosure alone may have been recorded in error. */
async function takeBack(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  const retracted = changes.flatMap(({ event }) => (event.type === 'EntryRetracted' ? [event.data.eventId] : []));
  if (retracted.length > 0) await tx.query("DELETE FROM facts WHERE event_id = ANY ($1::uuid[]) AND fact = 'unconsented'", [retracted]);
}
