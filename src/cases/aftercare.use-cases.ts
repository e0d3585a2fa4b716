import * as commands from './aftercare.commands.js';
import * as rules from './aftercare.rules.js';
import { liaisons, line, system } from './case.line.js';
import { ASYLUM } from './case.status.js';

export const aftercareUseCases = [
  line({
    command: commands.RecordAsylumIntention,
    rule: rules.recordAsylumIntention,
    in: ['transferred', 'asylum-abandoned'],
    leadsTo: ['AsylumIntentionExpressed'],
    roles: liaisons,
    summary: 'Record that the person told an official of wanting asylum',
    codes: ['date-out-of-order', 'country-mismatch'],
  }),
  line({
    command: commands.RecordAsylumApplication,
    rule: rules.recordAsylumApplication,
    in: ['transferred', 'asylum-abandoned'],
    leadsTo: ['AsylumApplied'],
    roles: liaisons,
    summary: 'Record the application lodged with the partner country',
    codes: ['date-out-of-order', 'country-mismatch'],
  }),
  line({
    command: commands.RecordAsylumDecision,
    rule: rules.recordAsylumDecision,
    in: ['asylum-pending', 'asylum-denied'],
    leadsTo: ['AsylumGranted', 'AsylumDenied', 'OtherProtectionGranted'],
    roles: liaisons,
    summary: "Record the partner country's decision on asylum",
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.RecordAbandonment,
    rule: rules.recordAbandonment,
    in: ['asylum-pending'],
    leadsTo: ['AsylumApplicationAbandoned'],
    roles: liaisons,
    summary: 'Record that the application was abandoned',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.ReportOnwardDeparture,
    rule: rules.reportOnwardDeparture,
    in: ['transferred', ...ASYLUM],
    leadsTo: ['OnwardDepartureReported'],
    roles: liaisons,
    summary: 'Report that the person left the partner country',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.RecordFollowUpOverdue,
    rule: rules.recordFollowUpOverdue,
    in: ['transferred', ...ASYLUM],
    leadsTo: ['FollowUpOverdue'],
    roles: system,
    summary: 'Note that nothing was heard up to a milestone',
  }),
  line({
    command: commands.RecordWhereaboutsUnknown,
    rule: rules.recordWhereaboutsUnknown,
    in: ['transferred', ...ASYLUM],
    leadsTo: ['WhereaboutsUnknown'],
    roles: liaisons,
    summary: 'Record that nobody knows where the person is',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.RecordContact,
    rule: rules.recordContact,
    in: ['transferred', ...ASYLUM],
    leadsTo: ['ContactReestablished'],
    roles: liaisons,
    summary: 'Record that contact was made again',
    codes: ['date-out-of-order'],
  }),
];
