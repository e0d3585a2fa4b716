import type { RuleBook } from '../event-store/rule.js';

/** Every check of the gate before boarding, in the order in which failures are reported. */
export const gateBook = {
  'agreement-not-in-force': 'The agreement is not in force now, or transfers under it are suspended.',
  'determination-not-confirmed': 'There is no confirmed amenable determination for this country.',
  'exception-established': 'An exception is established: the person is not transferred.',
  'fear-established': 'The fear of the partner country is established: the person is not transferred there.',
  'fear-not-assessed': 'Fear was expressed and has not been assessed.',
  'acceptance-not-valid': 'There is no acceptance by the partner country that is still valid.',
  'hold-standing': 'A hold stands.',
  'place-not-reserved': 'No place is reserved for the person.',
  'manifest-not-approved': 'The person is not on an approved manifest, or on another one.',
  'destination-not-told': 'The person has not been told where the flight goes.',
  'evidence-not-returned': 'Evidence that the person handed in has not been given back.',
  'duplicate-unresolved': 'Another open file bears an alien number of the person: merge the two, or dismiss it.',
  'claim-withdrawn': 'The claim is withdrawn.',
} as const satisfies RuleBook;

export type GateCheck = keyof typeof gateBook;
export const gateChecks = Object.keys(gateBook) as GateCheck[];

/** What each rule says, in the order in which broken rules are reported. */
export const caseRuleBook = {
  'wrong-status': 'The status of the case does not allow this.',
  'file-full': "The file holds more entries than any person's does: only what protects the person, or ends the case, is still taken.",
  'already-exists': 'This id is in use.',
  'not-assigned': 'Only the assigned caseworker or a supervisor may do this.',
  'date-out-of-order': 'This would have happened before what it follows.',
  'claim-not-recorded': 'No protection claim is recorded.',
  'agreement-not-in-force': gateBook['agreement-not-in-force'],
  'encounter-predates-agreement': 'The encounter was before the agreement covers anyone.',
  'national-of-partner-country': 'The person is, or may be, of the partner country.',
  'nationality-not-covered': 'The rules of the agreement do not cover this nationality.',
  'us-national': 'The person is a national of the United States.',
  'unaccompanied-minor': 'The person is, or may be, under 18 and has neither parent nor legal guardian here.',
  'visa-exempt': 'The person has a visa or an admission document, or needs no visa.',
  'language-not-understood': "The language is none of the applicant's, and there is no interpreter.",
  'notice-not-served': 'No notice was read back in this screening.',
  'fear-inquiry-missing': 'The person was not asked about fear in this screening.',
  'fear-not-assessed': gateBook['fear-not-assessed'],
  'fear-established': gateBook['fear-established'],
  'exception-established': gateBook['exception-established'],
  'same-officer': 'Whoever took part in the screening cannot review it, nor can one person both request and carry out an erasure.',
  'stale-determination': 'This is not the determination under review.',
  'determination-not-confirmed': gateBook['determination-not-confirmed'],
  'reply-overdue': 'The reply came after it was due; silence is never acceptance.',
  'country-mismatch': 'This is not the country of the transfer.',
  'not-cleared': 'There is no clearance for boarding that is valid.',
  'acceptance-not-valid': gateBook['acceptance-not-valid'],
  'hold-standing': gateBook['hold-standing'],
  'place-not-reserved': gateBook['place-not-reserved'],
  'manifest-not-approved': gateBook['manifest-not-approved'],
  'destination-not-told': gateBook['destination-not-told'],
  'evidence-not-returned': gateBook['evidence-not-returned'],
  'duplicate-unresolved': gateBook['duplicate-unresolved'],
  'claim-withdrawn': gateBook['claim-withdrawn'],
  'withdrawal-not-voluntary': 'The withdrawal is not voluntary.',
  'entry-not-retractable': 'This is no entry that can be retracted, or something builds on it.',
  'case-not-closed': 'The case is open: only a closed one is erased.',
  'legal-hold': 'A legal hold stands: nothing of the file may be erased.',
} as const satisfies RuleBook;

export type CaseCode = keyof typeof caseRuleBook;
