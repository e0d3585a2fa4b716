import { inAddress } from '../form/paths';
import type { CommandPath } from '../form/send';

type OfCase<P> = P extends `/v1/cases/{caseId}/${infer Command}` ? Command : never;

const GROUPS = {
  procedure: 'The procedure',
  protection: 'What protects the person',
  file: 'The file',
} as const;

/** Each command of a case stands somewhere. */
const PLACE: Readonly<Record<OfCase<CommandPath>, keyof typeof GROUPS>> = {
  'record-protection-claim': 'procedure',
  'start-screening': 'procedure',
  'serve-notice': 'procedure',
  'record-fear-inquiry': 'procedure',
  'assess-fear': 'procedure',
  'submit-determination': 'procedure',
  'confirm-determination': 'procedure',
  'return-determination': 'procedure',
  'request-transfer': 'procedure',
  'record-transfer-reply': 'procedure',
  'tell-destination': 'procedure',
  'clear-for-boarding': 'procedure',
  'record-departure': 'procedure',
  'confirm-arrival': 'procedure',
  'record-return': 'procedure',
  'record-asylum-intention': 'procedure',
  'record-asylum-application': 'procedure',
  'record-asylum-decision': 'procedure',
  'record-abandonment': 'procedure',
  'report-onward-departure': 'procedure',
  'record-contact': 'procedure',
  'record-whereabouts-unknown': 'procedure',
  'withdraw-claim': 'procedure',
  'revoke-withdrawal': 'procedure',
  'close-case': 'procedure',
  'reopen-case': 'procedure',
  'place-hold': 'protection',
  'release-hold': 'protection',
  'answer-protection-alert': 'protection',
  'express-fear': 'protection',
  'establish-exception': 'protection',
  'record-vulnerability': 'protection',
  'dispute-age': 'protection',
  'decide-age': 'protection',
  'refer-to-us-procedure': 'protection',
  'refer-to-programme': 'protection',
  'abort-transfer': 'protection',
  'assign-case': 'file',
  'release-case': 'file',
  'hand-over-case': 'file',
  'add-note': 'file',
  'correct-applicant': 'file',
  'record-representative': 'file',
  'record-consent': 'file',
  'record-disclosure': 'file',
  'record-evidence': 'file',
  'return-evidence': 'file',
  'attach-document': 'file',
  'retract-entry': 'file',
  'mark-as-duplicate': 'file',
  'dismiss-duplicate': 'file',
  'record-death': 'file',
  'place-legal-hold': 'file',
  'release-legal-hold': 'file',
  'request-erasure': 'file',
  'erase-personal-data': 'file',
};

/** What carries the case on comes first, then what protects. */
export const grouped = (commands: readonly string[]): (readonly [heading: string, commands: readonly string[]])[] =>
  Object.entries(GROUPS).map(([group, heading]) => [heading, commands.filter(command => placeOf(command) === group)]);

const placeOf = (command: string): string => PLACE[inAddress(command) as keyof typeof PLACE] ?? 'file';
