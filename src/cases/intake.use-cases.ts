import { entries, original } from './case.asks.js';
import { anyCaseRole, caseworkers, line, NEW_INFORMATION, supervisors } from './case.line.js';
import { ASYLUM, BEFORE_DEPARTURE, NOT_CLOSED } from './case.state.js';
import * as commands from './intake.commands.js';
import * as rules from './intake.rules.js';
import { retractEntry } from './retraction.rules.js';

/** From the opening to the end of the file: what is recorded of the person, and who works on it. */
export const intakeUseCases = [
  line({
    command: commands.RecordProtectionClaim, rule: rules.recordProtectionClaim, in: BEFORE_DEPARTURE, leadsTo: ['ProtectionClaimRecorded'],
    roles: caseworkers, summary: 'Record the protection claim made at the border', codes: ['date-out-of-order'], standsAlone: true,
  }),
  line({
    command: commands.AssignCase, rule: rules.assignCase, in: NOT_CLOSED, leadsTo: ['CaseAssigned'],
    roles: caseworkers, summary: 'Assign the case to a caseworker',
  }),
  line({
    command: commands.ReleaseCase, rule: rules.releaseCase, in: NOT_CLOSED, leadsTo: ['CaseReleased'],
    roles: caseworkers, summary: 'End the assignment of a caseworker',
  }),
  line({
    command: commands.HandOverCase, rule: rules.handOverCase, in: NOT_CLOSED, leadsTo: ['CaseHandedOver'],
    roles: supervisors, summary: 'Hand the case over to another office',
  }),
  line({
    command: commands.RecordRepresentative, rule: rules.recordRepresentative, in: NOT_CLOSED, leadsTo: ['RepresentativeRecorded'],
    roles: caseworkers, summary: 'Record who represents the applicant', codes: ['date-out-of-order'], standsAlone: true,
  }),
  line({
    command: commands.RecordConsent, rule: rules.recordConsent, in: 'always', leadsTo: ['ConsentRecorded'],
    roles: caseworkers, summary: 'Record a consent to disclosure, or its withdrawal', codes: ['date-out-of-order'],
  }),
  line({
    command: commands.RecordVulnerability, rule: rules.recordVulnerability, in: 'always',
    leadsTo: ['VulnerabilityRecorded', ...NEW_INFORMATION], roles: anyCaseRole, summary: 'Record a vulnerability', protective: true,
  }),
  line({
    command: commands.RecordEvidence, rule: rules.recordEvidence, in: 'always', leadsTo: ['EvidenceReceived'],
    roles: anyCaseRole, summary: 'Record evidence that was handed in', protective: true,
  }),
  line({
    command: commands.ReturnEvidence, rule: rules.returnEvidence, in: 'always', leadsTo: ['EvidenceReturned'],
    roles: anyCaseRole, summary: 'Record that evidence was given back', codes: ['date-out-of-order'],
  }),
  line({
    command: commands.AttachDocument, rule: rules.attachDocument, in: NOT_CLOSED, leadsTo: ['DocumentAttached'],
    roles: anyCaseRole, summary: 'Attach a document by reference', codes: ['date-out-of-order'], standsAlone: true,
  }),
  line({
    command: commands.AddNote, rule: rules.addNote, in: 'always', leadsTo: ['NoteAdded'],
    roles: anyCaseRole, summary: 'Add a note', protective: true, takenWhenFull: false,
  }),
  line({
    command: commands.CorrectApplicant, rule: rules.correctApplicant, in: NOT_CLOSED, leadsTo: ['ApplicantCorrected', ...NEW_INFORMATION],
    roles: caseworkers, summary: 'Correct what is recorded of the applicant',
  }),
  line({
    command: commands.DisputeAge, rule: rules.disputeAge, in: NOT_CLOSED, leadsTo: ['AgeDisputed', ...NEW_INFORMATION],
    roles: caseworkers, summary: 'Record that the age is disputed', takenWhenFull: true,
  }),
  line({
    command: commands.DecideAge, rule: rules.decideAge, in: NOT_CLOSED, leadsTo: ['AgeDecided', ...NEW_INFORMATION],
    roles: supervisors, summary: 'Decide whether the person is a minor', takenWhenFull: true,
  }),
  line({
    command: commands.RecordDisclosure, rule: rules.recordDisclosure, in: 'always', leadsTo: ['DisclosureMade'],
    roles: anyCaseRole, summary: 'Record a disclosure from the file', codes: ['date-out-of-order'],
  }),
  line({
    command: commands.RetractEntry, rule: retractEntry, facts: entries, in: NOT_CLOSED, leadsTo: ['EntryRetracted'],
    roles: supervisors, summary: 'Retract an entry that was made in error', codes: ['entry-not-retractable'],
  }),
  line({
    command: commands.MarkAsDuplicate, rule: rules.markAsDuplicate, facts: original,
    in: ['opened', 'screening', 'awaiting-review', 'amenable', 'screened-out', 'us-procedure', 'withdrawn'], leadsTo: ['MarkedAsDuplicate'],
    roles: supervisors, summary: 'Close the case as a duplicate of another', takenWhenFull: true,
  }),
  line({
    command: commands.CloseCase, rule: rules.closeCase, in: ['screened-out', 'us-procedure', 'withdrawn', 'transferred', ...ASYLUM],
    leadsTo: ['CaseClosed'], roles: supervisors, summary: 'Close the case', takenWhenFull: true,
  }),
  line({
    command: commands.ReopenCase, rule: rules.reopenCase, in: ['closed'], leadsTo: ['CaseReopened'],
    roles: supervisors, summary: 'Reopen the case in the status before it was closed',
  }),
];
