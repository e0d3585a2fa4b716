import { day, dayOrInstant, list, oneOf, optional, text, uuid, wholeNumber, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

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
  | DomainEvent<'AgreementSigned', { on: string }>
  | DomainEvent<'AgreementRulesPublished', RuleSet>
  | DomainEvent<'ImplementationPlanAgreed', { on: string }>
  | DomainEvent<'AgreementEnteredIntoForce', { from: string }>
  /** A wider suspension of a suspended agreement is the same suspension. */
  | DomainEvent<'AgreementSuspended', { suspensionId: string; from: string; scope: 'all' | 'transfers'; reasonCode: string }>
  | DomainEvent<'AgreementReinstated', { suspensionId: string; from: string }>
  | DomainEvent<'TerminationNotified', { effectiveOn: string }>;

export const agreementEvents: Described<AgreementEvent> = {
  AgreementSigned: [{ on: day }],
  AgreementRulesPublished: [
    {
      version: wholeNumber,
      replyDays: wholeNumber,
      acceptanceValidDays: wholeNumber,
      clearanceValidHours: wholeNumber,
      followUp: list(text),
      acceptedNationalities: optional(list(text)),
      additionalExceptionGrounds: optional(list(text)),
    },
  ],
  ImplementationPlanAgreed: [{ on: day }],
  AgreementEnteredIntoForce: [{ from: dayOrInstant }],
  AgreementSuspended: [{ suspensionId: uuid, from: dayOrInstant, scope: oneOf(['all', 'transfers']), reasonCode: text }],
  AgreementReinstated: [{ suspensionId: uuid, from: dayOrInstant }],
  TerminationNotified: [{ effectiveOn: dayOrInstant }],
};
