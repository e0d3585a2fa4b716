import { notThere } from '../event-store/rule.js';
import { retractedBy, type Recorded } from '../event-store/stream-kind.js';
import type { CaseEvent } from './case.events.js';
import type { CaseRule } from './case.rules.js';
import { caseStream } from './case.stream.js';
import type { RetractEntry } from './intake.commands.js';
import { buildsOn } from './retraction.facts.js';

type EventType = CaseEvent['type'];
type Entry = Recorded<CaseEvent>;

const followersOf = ({ type }: Entry): readonly EventType[] | undefined =>
  (buildsOn as Readonly<Partial<Record<EventType, readonly EventType[]>>>)[type];

/** Evidence is received and returned piece by piece. */
const ofAnotherPiece = (entry: Entry, follower: Entry): boolean =>
  entry.type === 'EvidenceReceived' && follower.type === 'EvidenceReturned' && follower.data.evidenceId !== entry.data.evidenceId;

function mayBeRetracted(entry: Entry, entries: readonly Entry[]): boolean {
  const followers = followersOf(entry);
  const retracted = retractedBy(caseStream, entries);
  return (
    followers !== undefined &&
    !entries.some(
      follower =>
        follower.revision > entry.revision &&
        followers.includes(follower.type) &&
        !retracted.has(follower.id) &&
        !ofAnotherPiece(entry, follower),
    )
  );
}

/** Every event of the case, in its order. */
export interface WithEntries {
  readonly entries: readonly Entry[];
}

const find = ({ eventId }: RetractEntry, { entries }: WithEntries): Entry | undefined => entries.find(({ id }) => id === eventId);
const isRetracted = ({ eventId }: RetractEntry, { entries }: WithEntries): boolean => retractedBy(caseStream, entries).has(eventId);

export const retractEntry: CaseRule<RetractEntry, WithEntries> = {
  unfit: (command, _, facts) => !find(command, facts) && notThere('/eventId'),
  asked: (command, _, facts) => {
    const entry = find(command, facts);
    return [entry && !isRetracted(command, facts) && !mayBeRetracted(entry, facts.entries) && 'entry-not-retractable'];
  },
  events: (command, _, facts) => {
    const { eventId, reasonCode } = command;
    return isRetracted(command, facts) ? [] : [{ type: 'EntryRetracted', data: { eventId, reasonCode } }];
  },
};
