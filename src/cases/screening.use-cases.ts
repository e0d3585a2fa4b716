import { agreement, agreementAsked, agreementOfScreening } from './case.asks.js';
import { anyCaseRole, caseworkers, line, NEW_INFORMATION, supervisors } from './case.line.js';
import { ABROAD, NOT_CLOSED, RUNNING, UNDER_DETERMINATION } from './case.state.js';
import * as commands from './screening.commands.js';
import * as rules from './screening.rules.js';

const notAmenable = ['national-of-partner-country', 'nationality-not-covered', 'unaccompanied-minor', 'visa-exempt'] as const;
const notPrepared = [
  'notice-not-served', 'fear-inquiry-missing', 'fear-not-assessed', 'fear-established', 'exception-established',
] as const;

export const screeningUseCases = [
  line({
    command: commands.StartScreening, rule: rules.startScreening, facts: agreementAsked, in: ['opened', 'screened-out'],
    leadsTo: ['ScreeningStarted'], roles: caseworkers, summary: 'Start the threshold screening under one agreement',
    codes: ['not-assigned', 'claim-not-recorded', 'agreement-not-in-force', 'encounter-predates-agreement', ...notAmenable],
    onlyIf: ({ status, screening: before }, { country }) => status !== 'screened-out' || before?.country !== country,
  }),
  line({
    command: commands.ServeNotice, rule: rules.serveNotice, in: ['screening'], leadsTo: ['NoticeServed'],
    roles: caseworkers, summary: 'Record that the notice was served',
    codes: ['date-out-of-order', 'not-assigned', 'language-not-understood'],
  }),
  line({
    command: commands.RecordFearInquiry, rule: rules.recordFearInquiry, in: ['screening'], leadsTo: ['FearInquiryMade', 'FearExpressed'],
    roles: caseworkers, summary: 'Record that the person was asked about fear of the partner country',
    codes: ['date-out-of-order', 'not-assigned', 'language-not-understood'],
  }),
  line({
    command: commands.ExpressFear, rule: rules.expressFear, in: 'always', leadsTo: ['FearExpressed', ...NEW_INFORMATION],
    roles: anyCaseRole, summary: 'Record a fear of a partner country', protective: true,
  }),
  line({
    command: commands.EstablishException, rule: rules.establishException, facts: agreement,
    in: ['screening', ...UNDER_DETERMINATION, ...ABROAD], leadsTo: ['ExceptionEstablished', ...NEW_INFORMATION],
    roles: caseworkers, summary: 'Establish an exception to the agreement', codes: ['not-assigned'], takenWhenFull: true,
  }),
  line({
    command: commands.AssessFear, rule: rules.assessFear, in: ['screening'], leadsTo: ['FearAssessed'],
    roles: caseworkers, summary: 'Assess the fear of the partner country', codes: ['not-assigned'],
  }),
  line({
    command: commands.SubmitDetermination, rule: rules.submitDetermination, facts: agreementOfScreening, in: ['screening'],
    leadsTo: ['DeterminationSubmitted'],
    roles: caseworkers, summary: 'Submit the determination for review', codes: ['not-assigned', ...notPrepared, ...notAmenable],
  }),
  line({
    command: commands.ConfirmDetermination, rule: rules.confirmDetermination, facts: agreementOfScreening, in: ['awaiting-review'],
    leadsTo: ['DeterminationConfirmed', 'TransferHoldReleased'], roles: supervisors, summary: 'Confirm the determination under review',
    codes: [...notPrepared, ...notAmenable, 'same-officer', 'stale-determination'],
  }),
  line({
    command: commands.ReturnDetermination, rule: rules.returnDetermination, in: ['awaiting-review'], leadsTo: ['DeterminationReturned'],
    roles: supervisors, summary: 'Return the determination under review', codes: ['stale-determination'],
  }),
  line({
    command: commands.ReferToUsProcedure, rule: rules.referToUsProcedure, in: [...RUNNING, 'screened-out'],
    leadsTo: ['ReferredToUsProcedure'],
    roles: supervisors, summary: 'Refer the person to the procedure in the United States', takenWhenFull: true,
  }),
  line({
    command: commands.ReferToProgramme, rule: rules.referToProgramme, in: NOT_CLOSED, leadsTo: ['ReferredToProgramme'],
    roles: anyCaseRole, summary: 'Refer the person to a programme',
  }),
  line({
    command: commands.AnswerProtectionAlert, rule: rules.answerProtectionAlert, in: 'always', leadsTo: ['ProtectionAlertAnswered'],
    roles: supervisors, summary: 'Answer a protection alert raised after departure', takenWhenFull: true,
  }),
];
