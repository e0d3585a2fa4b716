import type { Recorded } from '../event-store/stream-kind.js';
import type { CaseEvent, MergingEvent, Source } from './case.events.js';
import type { AsylumCase, PossibleDuplicate } from './case.state.js';
import { withoutClearance } from './screening.state.js';

/** Other files of the same person. */
export function evolveMerging(asylumCase: AsylumCase, { type, data }: Recorded<MergingEvent>): AsylumCase {
  switch (type) {
    case 'DuplicateMerged':
      return { ...asylumCase, merged: [...asylumCase.merged, data.caseId] };
    case 'DuplicateReopened':
      return { ...asylumCase, merged: asylumCase.merged.filter(caseId => caseId !== data.caseId) };
    case 'PossibleDuplicateFlagged': {
      const sharedBy = [...(asylumCase.duplicates[data.caseId]?.sharedBy ?? []), data.sharedBy];
      const flagged = withDuplicate(asylumCase, data.caseId, { standing: 'open', sharedBy });
      // What the other file holds was not known when the person was cleared.
      return flagged.transfer?.departedAt === null ? { ...flagged, transfer: withoutClearance(flagged) } : flagged;
    }
    case 'DuplicateDismissed':
      return withDuplicate(asylumCase, data.caseId, {
        standing: 'dismissed',
        sharedBy: [...new Set([...(asylumCase.duplicates[data.caseId]?.sharedBy ?? []), ...(data.sharedBy ?? [])])],
      });
  }
}

const withDuplicate = (asylumCase: AsylumCase, caseId: string, duplicate: PossibleDuplicate): AsylumCase => ({
  ...asylumCase,
  duplicates: { ...asylumCase.duplicates, [caseId]: duplicate },
});

const sourceOf = ({ data }: Pick<CaseEvent, 'data'>): Source | undefined => (data as { from?: Source }).from;

/** What has arrived from a merged file does not arrive again, even where it was retracted here since. */
export function rememberCarried(asylumCase: AsylumCase, event: Pick<CaseEvent, 'data'>): AsylumCase {
  const from = sourceOf(event);
  return from ? { ...asylumCase, carried: asylumCase.carried.with(from.eventId) } : asylumCase;
}
