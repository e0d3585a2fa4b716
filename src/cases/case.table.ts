import * as aftercare from './aftercare.commands.js';
import * as after from './aftercare.rules.js';
import { agreement, agreementAsked, agreementOfScreening, anyCaseRole, caseworkers, entries, gate, liaisons, original, route, supervisors, system, type CaseRoute } from './case.routes.js';
import { gateBook, type GateCheck } from './case.rule-book.js';
import * as intake from './intake.commands.js';
import * as intakeRules from './intake.rules.js';
import { departure } from './departure.js';
import { recordDeparture } from './departure.rules.js';
import { retractEntry } from './retraction.rules.js';
import * as screening from './screening.commands.js';
import * as screeningRules from './screening.rules.js';
import * as transfer from './transfer.commands.js';
import * as transferRules from './transfer.rules.js';

const late = ['wrong-status', 'date-out-of-order'] as const;
const notAmenable = ['national-of-partner-country', 'nationality-not-covered', 'unaccompanied-minor', 'visa-exempt'] as const;
const notPrepared = ['notice-not-served', 'fear-inquiry-missing', 'fear-not-assessed', 'fear-established', 'exception-established'] as const;
const gateChecks = Object.keys(gateBook) as GateCheck[];
const protective = { protective: true } as const;
/** What protects the person in effect, or ends the case or the transfer. */
const takenWhenFull = { takenWhenFull: true } as const;

/** Every command of a case after its opening: what it is decided by, and who may send it. */
export const caseTable: readonly CaseRoute[] = [
  route(intake.RecordProtectionClaim, intakeRules.recordProtectionClaim, caseworkers, 'Record the protection claim made at the border', { codes: late }),
  route(intake.AssignCase, intakeRules.assignCase, caseworkers, 'Assign the case to a caseworker', { codes: ['wrong-status'] }),
  route(intake.ReleaseCase, intakeRules.releaseCase, caseworkers, 'End the assignment of a caseworker', { codes: ['wrong-status'] }),
  route(intake.HandOverCase, intakeRules.handOverCase, supervisors, 'Hand the case over to another office', { codes: ['wrong-status'] }),
  route(intake.RecordRepresentative, intakeRules.recordRepresentative, caseworkers, 'Record who represents the applicant', { codes: late }),
  route(intake.RecordConsent, intakeRules.recordConsent, caseworkers, 'Record a consent to disclosure, or its withdrawal', { codes: ['date-out-of-order'] }),
  route(intake.RecordVulnerability, intakeRules.recordVulnerability, anyCaseRole, 'Record a vulnerability', protective),
  route(intake.RecordEvidence, intakeRules.recordEvidence, anyCaseRole, 'Record evidence that was handed in', protective),
  route(intake.ReturnEvidence, intakeRules.returnEvidence, anyCaseRole, 'Record that evidence was given back', { codes: ['date-out-of-order'] }),
  route(intake.AttachDocument, intakeRules.attachDocument, anyCaseRole, 'Attach a document by reference', { codes: late }),
  route(intake.AddNote, intakeRules.addNote, anyCaseRole, 'Add a note', { ...protective, takenWhenFull: false }),
  route(intake.CorrectApplicant, intakeRules.correctApplicant, caseworkers, 'Correct what is recorded of the applicant', { codes: ['wrong-status'] }),
  route(intake.DisputeAge, intakeRules.disputeAge, caseworkers, 'Record that the age is disputed', { ...takenWhenFull, codes: ['wrong-status'] }),
  route(intake.DecideAge, intakeRules.decideAge, supervisors, 'Decide whether the person is a minor', { ...takenWhenFull, codes: ['wrong-status'] }),
  route(intake.RecordDisclosure, intakeRules.recordDisclosure, anyCaseRole, 'Record a disclosure from the file', { codes: ['date-out-of-order'] }),
  route(intake.RetractEntry, retractEntry, supervisors, 'Retract an entry that was made in error', { facts: entries, codes: ['wrong-status', 'entry-not-retractable'] }),
  route(intake.MarkAsDuplicate, intakeRules.markAsDuplicate, supervisors, 'Close the case as a duplicate of another', { ...takenWhenFull, facts: original, codes: ['wrong-status'] }),
  route(intake.CloseCase, intakeRules.closeCase, supervisors, 'Close the case', { ...takenWhenFull, codes: ['wrong-status'] }),
  route(intake.ReopenCase, intakeRules.reopenCase, supervisors, 'Reopen the case in the status before it was closed', { codes: ['wrong-status'] }),

  route(screening.StartScreening, screeningRules.startScreening, caseworkers, 'Start the threshold screening under one agreement', {
    facts: agreementAsked, codes: ['wrong-status', 'not-assigned', 'claim-not-recorded', 'agreement-not-in-force', 'encounter-predates-agreement', ...notAmenable],
  }),
  route(screening.ServeNotice, screeningRules.serveNotice, caseworkers, 'Record that the notice was served', { codes: [...late, 'not-assigned', 'language-not-understood'] }),
  route(screening.RecordFearInquiry, screeningRules.recordFearInquiry, caseworkers, 'Record that the person was asked about fear of the partner country', {
    codes: [...late, 'not-assigned', 'language-not-understood'],
  }),
  route(screening.ExpressFear, screeningRules.expressFear, anyCaseRole, 'Record a fear of a partner country', protective),
  route(screening.EstablishException, screeningRules.establishException, caseworkers, 'Establish an exception to the agreement', {
    ...takenWhenFull, facts: agreement, codes: ['wrong-status', 'not-assigned'],
  }),
  route(screening.AssessFear, screeningRules.assessFear, caseworkers, 'Assess the fear of the partner country', { codes: ['wrong-status', 'not-assigned'] }),
  route(screening.SubmitDetermination, screeningRules.submitDetermination, caseworkers, 'Submit the determination for review', {
    facts: agreementOfScreening, codes: ['wrong-status', 'not-assigned', ...notPrepared, ...notAmenable],
  }),
  route(screening.ConfirmDetermination, screeningRules.confirmDetermination, supervisors, 'Confirm the determination under review', {
    facts: agreementOfScreening, codes: ['wrong-status', ...notPrepared, ...notAmenable, 'same-officer', 'stale-determination'],
  }),
  route(screening.ReturnDetermination, screeningRules.returnDetermination, supervisors, 'Return the determination under review', { codes: ['wrong-status', 'stale-determination'] }),
  route(screening.ReferToUsProcedure, screeningRules.referToUsProcedure, supervisors, 'Refer the person to the procedure in the United States', { ...takenWhenFull, codes: ['wrong-status'] }),
  route(screening.ReferToProgramme, screeningRules.referToProgramme, anyCaseRole, 'Refer the person to a programme', { codes: ['wrong-status'] }),
  route(screening.AnswerProtectionAlert, screeningRules.answerProtectionAlert, supervisors, 'Answer a protection alert raised after departure', takenWhenFull),

  route(transfer.RequestTransfer, transferRules.requestTransfer, liaisons, 'Request the transfer from the partner country', {
    facts: agreement, codes: ['wrong-status', 'agreement-not-in-force', 'determination-not-confirmed'],
  }),
  route(transfer.RecordTransferReply, transferRules.recordTransferReply, liaisons, 'Record the partner country\'s reply', { facts: agreement, codes: [...late, 'reply-overdue'] }),
  route(transfer.LapseTransferRequest, transferRules.lapseTransferRequest, system, 'Let a request lapse that nobody answered in time'),
  route(transfer.ScheduleTransfer, transferRules.scheduleTransfer, system, 'Schedule the transfer on a flight'),
  route(transfer.UnscheduleTransfer, transferRules.unscheduleTransfer, system, 'Take the transfer off a flight'),
  route(transfer.TellDestination, transferRules.tellDestination, liaisons, 'Record that the person was told where the flight goes', {
    codes: [...late, 'language-not-understood', 'country-mismatch'],
  }),
  route(transfer.PlaceHold, transferRules.placeHold, anyCaseRole, 'Place a hold: a standing reason not to transfer', protective),
  route(transfer.ReleaseHold, transferRules.releaseHold, supervisors, 'Release a hold', takenWhenFull),
  route(transfer.ClearForBoarding, transferRules.clearForBoarding, liaisons, 'Clear the person for boarding, checking everything again', {
    facts: gate, codes: ['wrong-status', ...gateChecks], waitsForSafeguards: () => true,
  }),
  route(transfer.RecordDeparture, recordDeparture, liaisons, 'Record the departure', {
    ...takenWhenFull, facts: departure, codes: [...late, 'not-cleared', ...gateChecks], waitsForSafeguards: ({ irregular }) => irregular === undefined,
  }),
  route(transfer.ConfirmArrival, transferRules.confirmArrival, liaisons, 'Confirm the arrival in the partner country', { ...takenWhenFull, codes: [...late, 'country-mismatch'] }),
  route(transfer.AbortTransfer, transferRules.abortTransfer, liaisons, 'Abort the transfer', { ...takenWhenFull, codes: ['wrong-status'] }),
  route(transfer.RecordReturn, transferRules.recordReturn, liaisons, 'Record that the person is back in the United States', { ...takenWhenFull, codes: late }),
  route(transfer.WithdrawClaim, transferRules.withdrawClaim, caseworkers, 'Withdraw the protection claim', { ...takenWhenFull, codes: [...late, 'language-not-understood', 'withdrawal-not-voluntary'] }),
  route(transfer.RevokeWithdrawal, transferRules.revokeWithdrawal, caseworkers, 'Revoke the withdrawal', { codes: late }),

  route(aftercare.RecordAsylumIntention, after.recordAsylumIntention, liaisons, 'Record that the person told an official of wanting asylum', { codes: [...late, 'country-mismatch'] }),
  route(aftercare.RecordAsylumApplication, after.recordAsylumApplication, liaisons, 'Record the application lodged with the partner country', { codes: [...late, 'country-mismatch'] }),
  route(aftercare.RecordAsylumDecision, after.recordAsylumDecision, liaisons, 'Record the partner country\'s decision on asylum', { codes: late }),
  route(aftercare.RecordAbandonment, after.recordAbandonment, liaisons, 'Record that the application was abandoned', { codes: late }),
  route(aftercare.ReportOnwardDeparture, after.reportOnwardDeparture, liaisons, 'Report that the person left the partner country', { codes: late }),
  route(aftercare.RecordFollowUpOverdue, after.recordFollowUpOverdue, system, 'Note that nothing was heard up to a milestone'),
  route(aftercare.RecordWhereaboutsUnknown, after.recordWhereaboutsUnknown, liaisons, 'Record that nobody knows where the person is', { codes: late }),
  route(aftercare.RecordContact, after.recordContact, liaisons, 'Record that contact was made again', { codes: late }),
];
