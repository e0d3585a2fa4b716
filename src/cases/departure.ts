import { agreementFacts } from '../agreements/agreement.facts.js';
import { asOf } from '../event-store/as-of.js';
import type { HistoryReader, Placed } from '../event-store/fact-reader.js';
import type { Moment } from '../event-store/rule.js';
import { foldHistory, retractedBy } from '../event-store/stream-kind.js';
import { isAfter } from '../fields/time.js';
import { flightDeparture } from '../manifests/manifest.facts.js';
import type { CaseEvent } from './case.events.js';
import { gate } from './case.asks.js';
import type { AsylumCase } from './case.state.js';
import { countryOf, hasLeft } from './standing.state.js';
import { caseStream } from './case.stream.js';
import type { DepartureFacts, Learned } from './departure.rules.js';
import { departureChecks } from './gate.rules.js';
import type { RecordDeparture } from './transfer.commands.js';

type Entry = Placed<CaseEvent>;

/** What a departure is judged by: the gate as it is now or, where a flight has left with the person, as it was then. */
export async function departure(
  read: HistoryReader,
  asylumCase: AsylumCase,
  { streamId = '', manifestId, irregular }: Partial<RecordDeparture>,
  moment: Moment,
): Promise<DepartureFacts> {
  const today = await gate(read, asylumCase, { streamId }, moment);
  if (manifestId === undefined && !irregular) return { ...today, since: [] };
  const history = await read.history(caseStream, streamId);
  const retracted = retractedBy(caseStream, history);
  const standing = history.filter(({ id }) => !retracted.has(id));
  if (manifestId === undefined)
    return { ...today, since: learned(standing, ({ metadata }) => isAfter(metadata.recordedAt, moment.occurredAt)) };

  const left = await flightDeparture(read, manifestId);
  if (!left) throw new Error(`manifest-${manifestId} has not departed`);
  const {
    position,
    metadata: { recordedAt, occurredAt },
  } = left;
  const then = foldHistory(
    caseStream,
    history.filter(event => event.position < position),
  );
  const country = countryOf(then);
  // A flight that has left keeps its passengers and their places: only the agreement may have turned since.
  const agreement = country && (await agreementFacts(asOf(read, position), country, recordedAt));
  // What is sealed was left out of the history.
  const known = { ...(await gate(read, { ...then, applicant: asylumCase.applicant }, { streamId }, moment)), agreement };
  return {
    ...today,
    failedWhenLeft: departureChecks(then, { ...known, ...moment, now: recordedAt, occurredAt }),
    hadLeft: hasLeft(then),
    since: learned(standing, event => event.position > position),
  };
}

function learned(history: readonly Entry[], isLater: (event: Entry) => boolean): Learned[] {
  let before = caseStream.initial;
  return history.flatMap(event => {
    const entry = { before, event };
    before = caseStream.evolve(before, event);
    return isLater(event) ? [entry] : [];
  });
}
