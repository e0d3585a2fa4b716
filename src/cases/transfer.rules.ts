import type { PartnerCountry } from '../agreements/agreement.events.js';
import { misfit, notThere, type Moment } from '../event-store/rule.js';
import { isAfter, plusDays, plusHours } from '../fields/time.js';
import {
  notUnderstood,
  outOfOrder,
  seatOf,
  sealed,
  understoodBy,
  type CaseBroken,
  type CaseRule,
  type WithAgreement,
} from './case.rules.js';
import type { CaseEvent, TransferEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import { countryOf, isConfirmedAmenable, standingOf } from './standing.state.js';
import { failedChecks, type GateFacts } from './gate.rules.js';
import type {
  AbortTransfer,
  ClearForBoarding,
  ConfirmArrival,
  LapseTransferRequest,
  PlaceHold,
  RecordReturn,
  RecordTransferReply,
  ReleaseHold,
  RequestTransfer,
  RevokeWithdrawal,
  ScheduleTransfer,
  TellDestination,
  UnscheduleTransfer,
  WithdrawClaim,
} from './transfer.commands.js';

const notInForce = ({ agreement }: WithAgreement): CaseBroken => agreement?.standing !== 'in-force' && 'agreement-not-in-force';

export const requestTransfer: CaseRule<RequestTransfer, WithAgreement> = {
  standing: (_, facts) => [notInForce(facts)],
  asked: ({ country }, asylumCase) => [!isConfirmedAmenable(asylumCase, country) && 'determination-not-confirmed'],
  events: ({ country }, _, { newId, now, agreement }) => [
    {
      type: 'TransferRequested',
      data: { requestId: newId('request'), country, replyDueAt: plusDays(now, agreement?.ruleSet?.replyDays ?? 0) },
    },
  ],
};

export const recordTransferReply: CaseRule<RecordTransferReply, WithAgreement> = {
  asked: ({ reply }, asylumCase, moment) => {
    const dueAt = asylumCase.transfer?.replyDueAt;
    return [
      outOfOrder(asylumCase, moment, asylumCase.transfer?.requestedAt),
      // Silence is never acceptance: what counts is when the reply was recorded.
      reply === 'accepted' && dueAt && isAfter(moment.now, dueAt) && 'reply-overdue',
    ];
  },
  events: ({ reply, reference, reasonCode }, { transfer }, { newId, occurredAt, agreement }) => {
    const requestId = transfer?.requestId ?? '';
    if (reply === 'refused')
      return [{ type: 'TransferRefused', data: { requestId, reasonCode: reasonCode ?? null }, personal: { reference } }];
    const validUntil = plusDays(occurredAt, agreement?.ruleSet?.acceptanceValidDays ?? 0);
    return [{ type: 'TransferAccepted', data: { requestId, acceptanceId: newId('acceptance'), validUntil }, personal: { reference } }];
  },
};

export const lapseTransferRequest: CaseRule<LapseTransferRequest> = {
  events: ({ requestId }, { transfer }) =>
    transfer?.requestId === requestId ? [{ type: 'TransferRequestLapsed', data: { requestId } }] : [],
};

export const scheduleTransfer: CaseRule<ScheduleTransfer> = {
  events: ({ manifestId, placeWeek, departsAt }) => [{ type: 'TransferScheduled', data: { manifestId, placeWeek, departsAt } }],
};

export const unscheduleTransfer: CaseRule<UnscheduleTransfer> = {
  events: ({ manifestId, cause }, { transfer }) =>
    transfer?.manifestId === manifestId && transfer.departedAt === null
      ? [{ type: 'TransferUnscheduled', data: { manifestId, cause } }]
      : [],
};

export const tellDestination: CaseRule<TellDestination> = {
  asked: (command, asylumCase, moment) => [
    outOfOrder(asylumCase, moment),
    notUnderstood(asylumCase, command),
    asylumCase.transfer?.country !== command.country && 'country-mismatch',
  ],
  events: command => [{ type: 'DestinationTold', data: { country: command.country, ...understoodBy(command) } }],
};

export const placeHold: CaseRule<PlaceHold> = {
  events: ({ holdId, kind, reference, note, cause }, asylumCase, moment) => {
    const { holds, holdIds } = asylumCase;
    // Of what happens in a family at once, each asks for a hold of its own.
    const stands = cause !== undefined && holds.some(hold => hold.cause === cause);
    if (stands || (holdId && holdIds.includes(holdId))) return [];
    return [
      {
        type: 'TransferHoldPlaced',
        data: { holdId: holdId ?? moment.newId('hold'), kind, ...(cause && { cause }) },
        ...sealed({ reference, note }),
      },
      ...afterHold(asylumCase, moment),
    ];
  },
};

/** It stops nobody who is in the air: somebody must see to it that it counts on arrival. */
export const afterHold = (asylumCase: AsylumCase, { newId, now }: Moment): CaseEvent[] =>
  standingOf(asylumCase) === 'in-transit'
    ? [{ type: 'ProtectionAlertRaised', data: { alertId: newId('alert'), cause: 'hold' }, occurredAt: now }]
    : [];

export const releaseHold: CaseRule<ReleaseHold> = {
  unfit: ({ holdId, reference }, { holds, holdIds }) => {
    if (!holdIds.includes(holdId)) return notThere('/holdId');
    const byCourt = holds.some(hold => hold.holdId === holdId && hold.kind === 'court-order');
    return byCourt && reference === undefined && misfit('/reference', 'missing', 'A court ordered this hold: name the order that ends it.');
  },
  events: ({ holdId, reference, note }, { holds }) =>
    holds.some(hold => hold.holdId === holdId) ? [{ type: 'TransferHoldReleased', data: { holdId }, ...sealed({ reference, note }) }] : [],
};

export const clearForBoarding: CaseRule<ClearForBoarding, GateFacts> = {
  foreseen: (asylumCase, facts) => failedChecks(asylumCase, facts),
  events: ({ manifestId }, asylumCase, facts) => {
    const failed = failedChecks(asylumCase, facts, manifestId);
    if (failed.length > 0) return [{ type: 'DepartureBlocked', data: { command: 'ClearForBoarding', failedChecks: failed } }];
    const expiresAt = plusHours(facts.now, facts.agreement?.ruleSet?.clearanceValidHours ?? 0);
    return [{ type: 'BoardingCleared', data: { manifestId, expiresAt } }];
  },
};

const ARRIVED: Readonly<Record<PartnerCountry, TransferEvent['type'] & `TransferredTo${string}`>> = {
  SV: 'TransferredToElSalvador',
  GT: 'TransferredToGuatemala',
  HN: 'TransferredToHonduras',
};

/** Back from that flight, and in the air on another one: its arrival is not the one that is waited for. */
const isOver = ({ flownOn, transfer }: AsylumCase, manifestId: string | undefined): boolean =>
  manifestId !== undefined && flownOn.includes(manifestId) && transfer?.manifestId !== manifestId;

export const confirmArrival: CaseRule<ConfirmArrival> = {
  asked: ({ country, manifestId }, asylumCase, moment) => {
    if (manifestId !== undefined) return [];
    const expected = countryOf(asylumCase);
    return [
      outOfOrder(asylumCase, moment, asylumCase.transfer?.departedAt),
      expected !== null && expected !== country && 'country-mismatch',
    ];
  },
  events: ({ country, receivedBy, manifestId }, asylumCase, { newId }) =>
    isOver(asylumCase, manifestId)
      ? []
      : [{ type: ARRIVED[country], data: { transferId: newId('transfer'), country }, personal: { receivedBy } }],
};

export const abortTransfer: CaseRule<AbortTransfer> = {
  events: ({ reasonCode, note, acceptanceId }, asylumCase) =>
    acceptanceId && asylumCase.transfer?.acceptanceId !== acceptanceId
      ? []
      : [{ type: 'TransferAborted', data: { reasonCode, ...seatOf(asylumCase) }, ...sealed({ note }) }],
};

export const recordReturn: CaseRule<RecordReturn> = {
  asked: (_, asylumCase, moment) => [
    outOfOrder(asylumCase, moment, asylumCase.status === 'in-transit' ? asylumCase.transfer?.departedAt : asylumCase.transfer?.arrivedAt),
  ],
  events: ({ reasonCode }) => [{ type: 'ReturnRecorded', data: { reasonCode } }],
};

export const withdrawClaim: CaseRule<WithdrawClaim> = {
  asked: (command, asylumCase, moment) => {
    const tooEarly = outOfOrder(asylumCase, moment);
    return tooEarly ? [tooEarly, ...notAccepted(command, notUnderstood(asylumCase, command))] : [];
  },
  events: (command, asylumCase) => {
    const codes = notAccepted(command, notUnderstood(asylumCase, command));
    const { statement } = command;
    const [code] = codes;
    if (code === undefined)
      return [{ type: 'ClaimWithdrawn', data: { ...understoodBy(command), ...seatOf(asylumCase) }, ...sealed({ statement }) }];
    return [{ type: 'WithdrawalRefused', data: { code, codes, ...understoodBy(command) }, ...sealed({ statement }) }];
  },
};

const notAccepted = ({ voluntary }: WithdrawClaim, language: CaseBroken): string[] =>
  [language, !voluntary && 'withdrawal-not-voluntary'].filter((code): code is string => Boolean(code));

export const revokeWithdrawal: CaseRule<RevokeWithdrawal> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment, asylumCase.withdrawal?.withdrawnAt)],
  events: ({ statement }) => [{ type: 'WithdrawalRevoked', data: {}, ...sealed({ statement }) }],
};
