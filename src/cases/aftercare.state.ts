import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { AftercareEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';

type Asylum = NonNullable<AsylumCase['asylum']>;

/** What is heard of the person after the arrival in the partner country. */
export function evolveAftercare(asylumCase: AsylumCase, event: Recorded<AftercareEvent>): AsylumCase {
  const { occurredAt } = event.metadata;
  switch (event.type) {
    case 'AsylumIntentionExpressed':
      return withAsylum(asylumCase, event.data.country, { intentionAt: occurredAt });
    case 'AsylumApplied':
      return withAsylum({ ...asylumCase, status: 'asylum-pending' }, event.data.country, {
        appliedAt: occurredAt,
        outcome: null,
        final: null,
        decidedAt: null,
      });
    case 'AsylumGranted':
      return decided({ ...asylumCase, status: 'asylum-granted' }, 'granted', event.data.final, occurredAt);
    case 'AsylumDenied':
      return decided({ ...asylumCase, status: 'asylum-denied' }, 'denied', event.data.final, occurredAt);
    case 'OtherProtectionGranted':
      return decided({ ...asylumCase, status: 'asylum-granted' }, 'other-protection', event.data.final, occurredAt);
    case 'AsylumApplicationAbandoned':
      return { ...asylumCase, status: 'asylum-abandoned' };
    case 'OnwardDepartureReported':
      return {
        ...asylumCase,
        onwardDepartures: asylumCase.onwardDepartures.with({ toCountry: event.data.toCountry, manner: event.data.manner, at: occurredAt }),
      };
    case 'FollowUpOverdue':
      return { ...asylumCase, followUp: { overdue: [...asylumCase.followUp.overdue, event.data.milestone] } };
    case 'WhereaboutsUnknown':
      return { ...asylumCase, whereabouts: { known: false, since: occurredAt, sourceCode: event.data.sourceCode } };
    case 'ContactReestablished':
      return { ...asylumCase, whereabouts: { known: true, since: occurredAt, sourceCode: event.data.sourceCode }, contactedAt: occurredAt };
  }
}

const withAsylum = (asylumCase: AsylumCase, country: PartnerCountry, change: Partial<Asylum>): AsylumCase => {
  const before = asylumCase.asylum ?? { country, intentionAt: null, appliedAt: null, outcome: null, final: null, decidedAt: null };
  return { ...asylumCase, asylum: { ...before, ...change } };
};

const decided = (asylumCase: AsylumCase, outcome: Asylum['outcome'], final: boolean, decidedAt: string): AsylumCase =>
  asylumCase.asylum ? { ...asylumCase, asylum: { ...asylumCase.asylum, outcome, final, decidedAt } } : asylumCase;
