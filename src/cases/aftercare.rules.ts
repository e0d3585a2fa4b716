import type {
  RecordAbandonment,
  RecordAsylumApplication,
  RecordAsylumDecision,
  RecordAsylumIntention,
  RecordContact,
  RecordFollowUpOverdue,
  RecordWhereaboutsUnknown,
  ReportOnwardDeparture,
} from './aftercare.commands.js';
import type { AftercareEvent } from './case.events.js';
import { outOfOrder, type CaseBroken, type CaseRule } from './case.rules.js';
import type { AsylumCase } from './case.state.js';
import { isSilent } from './deadlines.state.js';
import type { Moment } from '../event-store/rule.js';

const beforeArrival = (asylumCase: AsylumCase, moment: Moment): CaseBroken =>
  outOfOrder(asylumCase, moment, asylumCase.transfer?.arrivedAt);

const elsewhere = ({ transfer }: AsylumCase, country: string): CaseBroken => transfer?.country !== country && 'country-mismatch';

export const recordAsylumIntention: CaseRule<RecordAsylumIntention> = {
  asked: ({ country }, asylumCase, moment) => [beforeArrival(asylumCase, moment), elsewhere(asylumCase, country)],
  events: ({ country }) => [{ type: 'AsylumIntentionExpressed', data: { country } }],
};

export const recordAsylumApplication: CaseRule<RecordAsylumApplication> = {
  asked: ({ country }, asylumCase, moment) => [beforeArrival(asylumCase, moment), elsewhere(asylumCase, country)],
  events: ({ country, authority, reference }) => [{ type: 'AsylumApplied', data: { country, authority }, personal: { reference } }],
};

const DECIDED: Readonly<
  Record<RecordAsylumDecision['outcome'], AftercareEvent['type'] & ('AsylumGranted' | 'AsylumDenied' | 'OtherProtectionGranted')>
> = {
  granted: 'AsylumGranted',
  denied: 'AsylumDenied',
  'other-protection': 'OtherProtectionGranted',
};

export const recordAsylumDecision: CaseRule<RecordAsylumDecision> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment, asylumCase.asylum?.appliedAt, asylumCase.asylum?.decidedAt)],
  events: ({ outcome, final, reference }) => [{ type: DECIDED[outcome], data: { final }, personal: { reference } }],
};

export const recordAbandonment: CaseRule<RecordAbandonment> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment, asylumCase.asylum?.appliedAt)],
  events: ({ reasonCode }) => [{ type: 'AsylumApplicationAbandoned', data: { reasonCode } }],
};

export const reportOnwardDeparture: CaseRule<ReportOnwardDeparture> = {
  asked: (_, asylumCase, moment) => [beforeArrival(asylumCase, moment)],
  events: ({ toCountry, manner, sourceCode }) => [{ type: 'OnwardDepartureReported', data: { toCountry, manner, sourceCode } }],
};

/** Silence counts from the arrival that the milestone was set for, and only while it lasts. */
export const recordFollowUpOverdue: CaseRule<RecordFollowUpOverdue> = {
  events: ({ transferId, milestone }, asylumCase) => {
    const counts =
      asylumCase.transfer?.transferId === transferId && isSilent(asylumCase) && !asylumCase.followUp.overdue.includes(milestone);
    return counts ? [{ type: 'FollowUpOverdue', data: { transferId, milestone } }] : [];
  },
};

export const recordWhereaboutsUnknown: CaseRule<RecordWhereaboutsUnknown> = {
  asked: (_, asylumCase, moment) => [beforeArrival(asylumCase, moment)],
  events: ({ sourceCode }) => [{ type: 'WhereaboutsUnknown', data: { sourceCode } }],
};

export const recordContact: CaseRule<RecordContact> = {
  asked: (_, asylumCase, moment) => [beforeArrival(asylumCase, moment)],
  events: ({ sourceCode }) => [{ type: 'ContactReestablished', data: { sourceCode } }],
};
