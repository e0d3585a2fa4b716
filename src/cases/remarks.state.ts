import type { Recorded } from '../event-store/stream-kind.js';
import type { CaseEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';

/** What was written for whoever works on the case next; undefined where nothing was, or its key was destroyed. */
function remarkIn(event: Recorded<CaseEvent>): string | undefined {
  switch (event.type) {
    case 'DeterminationReturned':
    case 'DeterminationConfirmed':
    case 'FearAssessed':
      return event.personal?.reasons;
    case 'AgeDisputed':
    case 'AgeDecided':
      return event.personal?.basis;
    case 'CaseHandedOver':
    case 'ReferredToUsProcedure':
    case 'ReferredToProgramme':
    case 'TransferAborted':
      return event.personal?.note;
    default:
      return undefined;
  }
}

export function rememberRemark(asylumCase: AsylumCase, event: Recorded<CaseEvent>): AsylumCase {
  const text = remarkIn(event);
  if (text === undefined) return asylumCase;
  const { recordedAt, actor } = event.metadata;
  return { ...asylumCase, remarks: asylumCase.remarks.with({ event: event.type, text, at: recordedAt, by: actor.id }) };
}
