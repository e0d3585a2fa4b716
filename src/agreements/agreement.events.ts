import type { Fact } from '../event-store/stream-kind.js';

export const PARTNER_COUNTRIES = ['SV', 'GT', 'HN'] as const;
export type PartnerCountry = (typeof PARTNER_COUNTRIES)[number];

export interface RuleSet {
  /** From 1; a published set is never changed, only followed by another. */
  readonly version: number;
  /** Days in which the partner country answers a transfer request. */
  readonly replyDays: number;
  readonly acceptanceValidDays: number;
  readonly clearanceValidHours: number;
  /** ISO 8601 durations after the arrival. */
  readonly followUp: readonly string[];
  readonly acceptedNationalities?: readonly string[];
  readonly additionalExceptionGrounds?: readonly string[];
}

/** `from` and `effectiveOn` are a day (from 00:00 UTC) or an instant. */
export type AgreementEvent =
  | Fact<'AgreementSigned', { on: string }>
  | Fact<'AgreementRulesPublished', RuleSet>
  | Fact<'ImplementationPlanAgreed', { on: string }>
  | Fact<'AgreementEnteredIntoForce', { from: string }>
  /** A wider suspension of a suspended agreement is the same suspension. */
  | Fact<'AgreementSuspended', { suspensionId: string; from: string; scope: 'all' | 'transfers'; reasonCode: string }>
  | Fact<'AgreementReinstated', { suspensionId: string; from: string }>
  | Fact<'TerminationNotified', { effectiveOn: string }>;

export const agreementEventVersions: Readonly<Record<AgreementEvent['type'], number>> = {
  AgreementSigned: 1,
  AgreementRulesPublished: 1,
  ImplementationPlanAgreed: 1,
  AgreementEnteredIntoForce: 1,
  AgreementSuspended: 1,
  AgreementReinstated: 1,
  TerminationNotified: 1,
};
