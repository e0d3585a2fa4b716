import { agreement, gate } from './case.asks.js';
import { anyCaseRole, caseworkers, liaisons, line, supervisors, system } from './case.line.js';
import { gateChecks } from './case.rule-book.js';
import { BEFORE_DEPARTURE, RUNNING } from './case.state.js';
import { departure } from './departure.js';
import { recordDeparture } from './departure.rules.js';
import * as commands from './transfer.commands.js';
import * as rules from './transfer.rules.js';

export const transferUseCases = [
  line({
    command: commands.RequestTransfer, rule: rules.requestTransfer, facts: agreement, in: ['amenable'], leadsTo: ['TransferRequested'],
    roles: liaisons, summary: 'Request the transfer from the partner country',
    codes: ['agreement-not-in-force', 'determination-not-confirmed'],
  }),
  line({
    command: commands.RecordTransferReply, rule: rules.recordTransferReply, facts: agreement, in: ['transfer-requested'],
    leadsTo: ['TransferAccepted', 'TransferRefused'],
    roles: liaisons, summary: 'Record the partner country\'s reply', codes: ['date-out-of-order', 'reply-overdue'],
  }),
  line({
    command: commands.LapseTransferRequest, rule: rules.lapseTransferRequest, in: ['transfer-requested'],
    leadsTo: ['TransferRequestLapsed'], roles: system, summary: 'Let a request lapse that nobody answered in time',
  }),
  line({
    command: commands.ScheduleTransfer, rule: rules.scheduleTransfer, in: ['transfer-accepted'], leadsTo: ['TransferScheduled'],
    roles: system, summary: 'Schedule the transfer on a flight',
  }),
  line({
    command: commands.UnscheduleTransfer, rule: rules.unscheduleTransfer, in: 'always', leadsTo: ['TransferUnscheduled'],
    roles: system, summary: 'Take the transfer off a flight',
  }),
  line({
    command: commands.TellDestination, rule: rules.tellDestination, in: ['transfer-requested', 'transfer-accepted', 'transfer-scheduled'],
    leadsTo: ['DestinationTold'], roles: liaisons, summary: 'Record that the person was told where the flight goes',
    codes: ['date-out-of-order', 'language-not-understood', 'country-mismatch'],
  }),
  line({
    command: commands.PlaceHold, rule: rules.placeHold, in: 'always', leadsTo: ['TransferHoldPlaced', 'ProtectionAlertRaised'],
    roles: anyCaseRole, summary: 'Place a hold: a standing reason not to transfer', protective: true,
  }),
  line({
    command: commands.ReleaseHold, rule: rules.releaseHold, in: 'always', leadsTo: ['TransferHoldReleased'],
    roles: supervisors, summary: 'Release a hold', takenWhenFull: true,
  }),
  line({
    command: commands.ClearForBoarding, rule: rules.clearForBoarding, facts: gate, in: BEFORE_DEPARTURE,
    leadsTo: ['BoardingCleared', 'DepartureBlocked'],
    roles: liaisons, summary: 'Clear the person for boarding, checking everything again', codes: [...gateChecks],
    waitsForSafeguards: () => true,
  }),
  line({
    command: commands.RecordDeparture, rule: recordDeparture, facts: departure, in: BEFORE_DEPARTURE,
    leadsTo: ['ApplicantDeparted', 'DepartureBlocked', 'ProtectionAlertRaised'],
    roles: liaisons, summary: 'Record the departure', codes: ['date-out-of-order', 'not-cleared', ...gateChecks], takenWhenFull: true,
    waitsForSafeguards: ({ irregular }) => irregular === undefined,
    anywayIf: ({ manifestId }) => manifestId !== undefined,
  }),
  line({
    command: commands.ConfirmArrival, rule: rules.confirmArrival, in: ['in-transit'],
    leadsTo: ['TransferredToElSalvador', 'TransferredToGuatemala', 'TransferredToHonduras'],
    roles: liaisons, summary: 'Confirm the arrival in the partner country',
    codes: ['date-out-of-order', 'country-mismatch'], takenWhenFull: true,
  }),
  line({
    command: commands.AbortTransfer, rule: rules.abortTransfer, in: ['transfer-accepted', 'transfer-scheduled'],
    leadsTo: ['TransferAborted'], roles: liaisons, summary: 'Abort the transfer', takenWhenFull: true,
  }),
  line({
    command: commands.RecordReturn, rule: rules.recordReturn, in: ['in-transit', 'transferred'], leadsTo: ['ReturnRecorded'],
    roles: liaisons, summary: 'Record that the person is back in the United States', codes: ['date-out-of-order'], takenWhenFull: true,
  }),
  line({
    command: commands.WithdrawClaim, rule: rules.withdrawClaim, in: [...RUNNING, 'screened-out'],
    leadsTo: ['ClaimWithdrawn', 'WithdrawalRefused'], roles: caseworkers, summary: 'Withdraw the protection claim',
    codes: ['date-out-of-order', 'language-not-understood', 'withdrawal-not-voluntary'], takenWhenFull: true,
  }),
  line({
    command: commands.RevokeWithdrawal, rule: rules.revokeWithdrawal, in: ['withdrawn'], leadsTo: ['WithdrawalRevoked'],
    roles: caseworkers, summary: 'Revoke the withdrawal', codes: ['date-out-of-order'],
  }),
];
