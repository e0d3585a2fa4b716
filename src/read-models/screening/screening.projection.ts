import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { countryOf } from '../../cases/standing.state.js';
import { idOf } from '../../event-store/event-store.js';
import { dayOf, millis } from '../../fields/time.js';
import { insertOnce } from '../../projecting/inserting.js';
import type { Change, Projection } from '../../projecting/projection.js';
import { SUMMED_UP, SUMS, summingUp } from './screening.sums.js';

const tables = `
CREATE TABLE facts (
  event_id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  fact text NOT NULL,
  ground text,
  country text,
  day date NOT NULL,
  took_ms bigint
);
COMMENT ON COLUMN facts.took_ms IS 'of a submission since the start of the screening, of a review since the submission';
CREATE INDEX ON facts (case_id);
${SUMS}
CREATE TABLE as_of (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position text COLLATE "C" NOT NULL
);
COMMENT ON TABLE as_of IS 'the newest event of a case that the figures reflect';
INSERT INTO as_of (position) VALUES ('');
`;

type CaseChange = Change<AsylumCase, CaseEvent>;
interface Counted {
  readonly fact: string;
  readonly ground?: string | null;
  readonly country?: string | null;
  readonly took_ms?: number | null;
}
interface Fact extends Counted {
  readonly event_id: string;
  readonly case_id: string;
  readonly day: string;
}

/** "How does the screening go, and what is found in it?" Nothing in it is personal. */
export const screeningProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'screening',
  version: 3,
  tables,
  completion: SUMMED_UP,
  ofAllStreams: ['sums', 'repeats', 'took', 'as_of'],
  categories: ['case'],
  async project(changes, tx, unfinished = false) {
    const facts = changes.flatMap(factOf);
    const retracted = changes.flatMap(retractedBy);
    const write = async (): Promise<void> => {
      await insertOnce('facts', facts, tx, unfinished);
      if (retracted.length > 0)
        await tx.query('DELETE FROM facts WHERE event_id = ANY($1::uuid[])', [retracted.map(({ event_id }) => event_id)]);
    };
    if (unfinished) await write();
    else await summingUp([...new Set([...facts, ...retracted].map(({ case_id }) => case_id))], tx, write);
    await tx.query('UPDATE as_of SET position = $1 WHERE position < $1', [changes.at(-1)?.position ?? '']);
  },
};

/** What was entered in error never changes. */
const retractedBy = ({ event }: CaseChange): Pick<Fact, 'case_id' | 'event_id'>[] =>
  event.type === 'EntryRetracted' ? [{ case_id: idOf(event.stream), event_id: event.data.eventId }] : [];

function factOf(change: CaseChange): Fact[] {
  const { event, after } = change;
  const counted = countedAs(change);
  return counted
    ? [
        {
          event_id: event.id,
          case_id: idOf(event.stream),
          ground: null,
          country: countryOf(after),
          day: dayOf(event.metadata.occurredAt),
          took_ms: null,
          ...counted,
        },
      ]
    : [];
}

function countedAs({ event, before }: CaseChange): Counted | undefined {
  const { recordedAt } = event.metadata;
  const { startedAt, determination } = before.screening ?? {};
  const since = (instant = recordedAt): number => millis(recordedAt) - millis(instant);
  switch (event.type) {
    case 'ScreeningStarted':
      return { fact: 'screened' };
    case 'ExceptionEstablished':
      return { fact: 'exception', ground: event.data.ground };
    case 'FearExpressed':
      return { fact: 'fear-expressed', country: event.data.country };
    case 'FearAssessed':
      return event.data.established ? { fact: 'fear-established', country: event.data.country } : undefined;
    case 'DeterminationSubmitted':
      // Drawn up again after a return or new information, it says nothing of how long the screening took.
      return determination ? undefined : { fact: 'submitted', took_ms: since(startedAt) };
    case 'DeterminationConfirmed':
      return { fact: 'confirmed', took_ms: since(determination?.submittedAt) };
    case 'DeterminationReturned':
      return { fact: 'returned', took_ms: since(determination?.submittedAt) };
    default:
      return undefined;
  }
}
