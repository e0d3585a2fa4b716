import type { ApplicantFacts, CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase, Transfer } from '../../cases/case.state.js';
import { countsAsMinor } from '../../cases/standing.state.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import { dayOf, hoursOf, plusHours } from '../../fields/time.js';
import { insertOnce } from '../../projecting/inserting.js';
import type { Change, Projection } from '../../projecting/projection.js';
import { SUMMED_UP, SUMS, summingUp } from './outcomes.sums.js';

// A nationality is kept per case and not per fact: where it was wrong it is corrected, a figure of the past too.
const tables = `
CREATE TABLE cases (
  case_id uuid PRIMARY KEY,
  nationalities text[] NOT NULL,
  nationality_unknown boolean NOT NULL,
  minor boolean NOT NULL DEFAULT false,
  died_at timestamptz,
  spread boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN cases.spread IS 'whether one figure counts the person on several days, in several countries or offices';
CREATE INDEX ON cases (case_id) WHERE spread;

CREATE TABLE facts (
  event_id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  fact text NOT NULL,
  day date NOT NULL,
  country text NOT NULL,
  office text NOT NULL,
  transfer_id uuid,
  happened_at timestamptz NOT NULL
);
COMMENT ON COLUMN facts.transfer_id IS 'of the arrival that it follows';
COMMENT ON COLUMN facts.happened_at IS 'of silence: the milestone; a contact or a return (heard) only ends silence';
COMMENT ON COLUMN facts.office IS 'whose case it was then';
COMMENT ON COLUMN facts.day IS 'of the event from request to lapse, of the arrival that it follows for all others';
CREATE INDEX ON facts (case_id);
${SUMS}
CREATE TABLE as_of (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position text COLLATE "C" NOT NULL
);
COMMENT ON TABLE as_of IS 'the newest event of a case that the figures reflect; the checkpoint also moves when somebody merely reads';
INSERT INTO as_of (position) VALUES ('');
`;

type Counts = Readonly<Partial<Record<CaseEvent['type'], string>>>;

/** What becomes of a request counts on its own day. */
const OF_REQUEST: Counts = {
  TransferRequested: 'requested',
  TransferAccepted: 'accepted',
  TransferRefused: 'refused',
  TransferRequestLapsed: 'lapsed',
};

/** What becomes of a person counts with the cohort that arrived on the same day. */
const OF_COHORT: Counts = {
  TransferredToElSalvador: 'transferred',
  TransferredToGuatemala: 'transferred',
  TransferredToHonduras: 'transferred',
  AsylumIntentionExpressed: 'intended',
  AsylumApplied: 'applied',
  AsylumGranted: 'granted',
  AsylumDenied: 'denied',
  AsylumApplicationAbandoned: 'abandoned',
  OnwardDepartureReported: 'onward',
  FollowUpOverdue: 'silent',
};

/** Whoever was heard of in these ways was not silent either. */
const HEARD: Counts = { ContactReestablished: 'heard', ReturnRecorded: 'heard' };

interface Counted {
  readonly fact: string;
  readonly day: string;
  readonly happened_at: string;
  readonly transfer_id?: string | null;
}

type CaseChange = Change<AsylumCase, CaseEvent>;

/** "What became of the requests, and of those who arrived?" Nothing in it is personal. */
export const outcomesProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'outcomes',
  version: 5,
  tables,
  completion: SUMMED_UP,
  ofAllStreams: ['sums', 'as_of'],
  categories: ['case'],
  async project(changes, tx, unfinished = false) {
    const facts = changes.flatMap(factOf);
    const told = toldBy(changes);
    const retracted = changes.flatMap(retractedBy);
    const write = async (): Promise<void> => {
      await writeNationalities(told, tx);
      await writeStanding(changes, tx);
      await insertOnce('facts', facts, tx, unfinished);
      if (retracted.length > 0)
        await tx.query('DELETE FROM facts WHERE event_id = ANY($1::uuid[])', [retracted.map(({ eventId }) => eventId)]);
    };
    if (unfinished) await write();
    else {
      const standing = await restanding(changes, tx);
      const touched = new Set([...facts.map(fact => fact.case_id), ...told.keys(), ...standing, ...retracted.map(({ caseId }) => caseId)]);
      await summingUp([...touched], tx, write);
    }
    await tx.query('UPDATE as_of SET position = $1 WHERE position < $1', [changes.at(-1)?.position ?? '']);
  },
};

/** What was entered in error never changes. */
const retractedBy = ({ event }: CaseChange): { caseId: string; eventId: string }[] =>
  event.type === 'EntryRetracted' ? [{ caseId: idOf(event.stream), eventId: event.data.eventId }] : [];

interface Fact extends Counted {
  readonly event_id: string;
  readonly case_id: string;
  readonly country: string;
  readonly office: string;
}

function factOf({ event, before, after: { transfer, office } }: CaseChange): Fact[] {
  // Of whoever came back the transfer has ended with it.
  const counted = countedAs(event, HEARD[event.type] ? before.transfer : transfer);
  return counted && transfer?.country
    ? [{ event_id: event.id, case_id: idOf(event.stream), country: transfer.country, office, transfer_id: null, ...counted }]
    : [];
}

function countedAs(event: CaseChange['event'], transfer: Transfer | null): Counted | undefined {
  const { occurredAt } = event.metadata;
  const ofRequest = OF_REQUEST[event.type];
  if (ofRequest) return { fact: ofRequest, day: dayOf(occurredAt), happened_at: occurredAt };
  const ofCohort = OF_COHORT[event.type] ?? HEARD[event.type];
  if (!ofCohort || !transfer?.arrivedAt) return undefined;
  const { arrivedAt, transferId } = transfer;
  const happenedAt = event.type === 'FollowUpOverdue' ? plusHours(arrivedAt, hoursOf(event.data.milestone)) : occurredAt;
  return { fact: ofCohort, day: dayOf(arrivedAt), transfer_id: transferId, happened_at: happenedAt };
}

type Nationality = Partial<Pick<ApplicantFacts, 'nationalities' | 'nationalityUnknown'>>;

/** What stands in the open in the events: the folded state forgets it with an erasure, and figures must not. */
function toldBy(changes: readonly CaseChange[]): ReadonlyMap<string, Nationality> {
  const told = new Map<string, Nationality>();
  for (const { event } of changes) {
    if (event.type !== 'CaseOpened' && event.type !== 'ApplicantCorrected') continue;
    const { nationalities, nationalityUnknown } = event.data.applicant;
    const caseId = idOf(event.stream);
    told.set(caseId, {
      ...told.get(caseId),
      ...(nationalities && { nationalities }),
      ...(nationalityUnknown !== undefined && { nationalityUnknown }),
    });
  }
  return told;
}

async function writeNationalities(told: ReadonlyMap<string, Nationality>, tx: Queryable): Promise<void> {
  if (told.size === 0) return;
  const rows = [...told].map(([case_id, { nationalities, nationalityUnknown }]) => ({
    case_id,
    nationalities,
    nationality_unknown: nationalityUnknown,
  }));
  // What a correction does not name is null here, and stays as it was.
  await tx.query(
    `WITH told AS (SELECT * FROM json_populate_recordset(NULL::cases, $1))
     INSERT INTO cases (case_id, nationalities, nationality_unknown)
     SELECT case_id, coalesce(t.nationalities, c.nationalities, '{}'), coalesce(t.nationality_unknown, c.nationality_unknown, false)
     FROM told t LEFT JOIN cases c USING (case_id)
     ON CONFLICT (case_id) DO UPDATE SET nationalities = excluded.nationalities, nationality_unknown = excluded.nationality_unknown`,
    [JSON.stringify(rows)],
  );
}

const STANDING = 'unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS t(case_id, minor, died_at)';
const RESTANDING = 'c.case_id = t.case_id AND (c.minor, c.died_at) IS DISTINCT FROM (t.minor, t.died_at)';

function standingsOf(changes: readonly CaseChange[]): unknown[] {
  const latest = [...new Map(changes.map(({ event, after }) => [idOf(event.stream), after]))];
  return [latest.map(([caseId]) => caseId), latest.map(([, after]) => countsAsMinor(after)), latest.map(([, { diedAt }]) => diedAt)];
}

/** Cases of people who count as under 18 or as dead now and did not before, or the other way round. */
const restanding = async (changes: readonly CaseChange[], tx: Queryable): Promise<string[]> =>
  (
    await tx.query<{ caseId: string }>(`SELECT c.case_id AS "caseId" FROM cases c, ${STANDING} WHERE ${RESTANDING}`, standingsOf(changes))
  ).rows.map(({ caseId }) => caseId);

/** Who counts as under 18, and who died, is corrected too, and an erasure does not take it away. */
async function writeStanding(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  await tx.query(`UPDATE cases c SET minor = t.minor, died_at = t.died_at FROM ${STANDING} WHERE ${RESTANDING}`, standingsOf(changes));
}
