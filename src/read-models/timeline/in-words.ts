import type { AlertCause, CaseEvent, Reopening } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { hoursOf, inWords as when } from '../../fields/time.js';

type Words = { readonly [E in CaseEvent as E['type']]: (data: E['data']) => string };

const code = (kebab: string): string => kebab.replaceAll('-', ' ');
const because = (reasonCode: string | null): string => (reasonCode === null ? '' : ` (${code(reasonCode)})`);
const list = (codes: readonly string[]): string => codes.map(code).join(', ');
/** `applicant.birthDate` is the birth date, `encounter.place` the encounter place. */
const fieldName = (field: string): string =>
  field
    .replace(/^applicant[.]/, '')
    .replaceAll(/[.]|(?=[A-Z])/g, ' ')
    .toLowerCase();
// Tables of our own, not those of the runtime: a row must be the same whichever version of Node makes it.
const COUNTRIES: Readonly<Record<string, string>> = { SV: 'El Salvador', GT: 'Guatemala', HN: 'Honduras' };
const nameOf = (country: string): string => COUNTRIES[country] ?? country;
/** By the first part of the tag: what is spoken where people come from and are sent to. */
const LANGUAGES: Readonly<Record<string, string>> = {
  acr: 'Achi',
  caa: 'Chʼortiʼ',
  cab: 'Garifuna',
  cak: 'Kaqchikel',
  en: 'English',
  es: 'Spanish',
  fr: 'French',
  ht: 'Haitian Creole',
  ixl: 'Ixil',
  kjb: 'Qʼanjobʼal',
  mam: 'Mam',
  miq: 'Miskito',
  poh: 'Poqomchiʼ',
  pt: 'Portuguese',
  quc: 'Kʼicheʼ',
  tzj: 'Tzʼutujil',
};
const speaking = ({ language, interpreterId }: { language: string; interpreterId?: string }): string =>
  ` in ${LANGUAGES[language.split('-')[0] ?? ''] ?? language}${interpreterId === undefined ? '' : ', through an interpreter'}`;
const learned: Readonly<Record<Reopening, string>> = {
  fear: 'a fear was expressed',
  vulnerability: 'a vulnerability was recorded',
  exception: 'an exception was established',
  'age-dispute': 'the age is disputed',
  'age-decision': 'the age was decided',
  correction: 'what was recorded was corrected',
};
const alerting: Readonly<Record<AlertCause, string>> = {
  ...learned,
  hold: 'a hold was placed',
  'us-procedure': 'the person was referred to the procedure in the United States',
  'irregular-departure': 'the person departed without a clearance that stood',
};
const final = (is: boolean): string => (is ? ', finally' : ', not finally');
const day = (instant: string): string => instant.slice(0, 10);
const week = (of: string): string => `week ${Number(of.slice(6))} of ${of.slice(0, 4)}`;
/** `PT72H` and `P30D`: 72 hours, 30 days. */
const duration = (iso: string): string => (iso.includes('T') ? `${hoursOf(iso)} hours` : `${hoursOf(iso) / 24} days`);

/** Every event of a case in words: from codes and countries alone, never from what a person is called or has said. */
const words: Words = {
  CaseOpened: ({ office, minorAtEncounter }) => `Case opened by the office ${office}${minorAtEncounter ? ' for a minor' : ''}`,
  ProtectionClaimRecorded: ({ protection }) => `Protection claimed at the border: ${code(protection)}`,
  CaseAssigned: ({ caseworkerId, reassignmentId }) => `Assigned to ${caseworkerId}${reassignmentId ? ', who takes over all cases' : ''}`,
  CaseReleased: ({ caseworkerId }) => `No longer assigned to ${caseworkerId}`,
  CaseHandedOver: ({ fromOffice, toOffice, reasonCode }) =>
    `Handed over from the office ${fromOffice} to ${toOffice}${because(reasonCode)}`,
  RepresentativeRecorded: () => 'Representative recorded',
  ConsentRecorded: ({ categories, withdrawn }) => `Consent to disclosure ${withdrawn ? 'withdrawn' : 'given'}: ${list(categories)}`,
  VulnerabilityRecorded: ({ kind }) => `Vulnerability recorded: ${code(kind)}`,
  EvidenceReceived: () => 'Evidence received',
  EvidenceReturned: () => 'Evidence given back',
  DocumentAttached: ({ mediaType }) => `Document attached (${mediaType})`,
  NoteAdded: () => 'Note added',
  ApplicantCorrected: ({ fields, reasonCode }) =>
    `What is recorded of the applicant corrected${because(reasonCode)}: ${fields.map(fieldName).join(', ')}`,
  AgeDisputed: () => 'Age disputed: the person counts as a minor until it is decided',
  AgeDecided: ({ minor }) => `Age decided: ${minor ? 'a minor' : 'of age'}`,
  DisclosureMade: ({ categories, basis, unconsented }) =>
    `Disclosure made on the basis of ${code(basis)}${unconsented ? ', which does not cover it' : ''}: ${list(categories)}`,
  EntryRetracted: ({ reasonCode }) => `Entry retracted, made in error${because(reasonCode)}`,
  MarkedAsDuplicate: ({ of }) => `Case closed as a duplicate of the case ${of}`,
  DeathRecorded: () => 'Death recorded, and the case closed with it',
  CaseClosed: ({ reasonCode }) => `Case closed${because(reasonCode)}`,
  CaseReopened: ({ reasonCode }) => `Case reopened${because(reasonCode)}`,

  DuplicateMerged: ({ caseId }) => `The case ${caseId} was closed as a duplicate of this one`,
  DuplicateReopened: ({ caseId }) => `The case ${caseId} goes on by itself again`,
  PossibleDuplicateFlagged: ({ caseId }) => `Possible duplicate: the case ${caseId} bears an alien number of this person`,
  DuplicateDismissed: ({ caseId, reasonCode }) => `The case ${caseId} is not of this person${because(reasonCode)}`,

  LegalHoldPlaced: () => 'Legal hold placed: nothing of the file may be erased',
  LegalHoldReleased: () => 'Legal hold released',
  ErasureRequested: ({ legalBasis }) => `Erasure of what is personal requested: ${legalBasis}`,
  PersonalDataErased: () => 'What is personal in the file erased',

  ScreeningStarted: ({ country, ...spoken }) => `Screening started under the agreement with ${nameOf(country)}${speaking(spoken)}`,
  NoticeServed: ({ readBack, ...spoken }) => `Notice served${speaking(spoken)}, ${readBack ? 'and read back' : 'but not read back'}`,
  FearInquiryMade: ({ fearsPartnerCountry, ...spoken }) =>
    `Asked about fear of the partner country${speaking(spoken)}: ${fearsPartnerCountry ? 'yes' : 'no'}`,
  FearExpressed: ({ country }) => `Fear of ${nameOf(country)} expressed`,
  ExceptionEstablished: ({ ground }) => `Exception established: ${code(ground)}`,
  FearAssessed: ({ country, established }) => `Fear of ${nameOf(country)} assessed: ${established ? 'established' : 'not established'}`,
  DeterminationSubmitted: ({ outcome }) => `Determination submitted for review: ${code(outcome)}`,
  DeterminationConfirmed: ({ outcome }) => `Determination confirmed: ${code(outcome)}`,
  DeterminationReturned: () => 'Determination returned to the screening',
  DeterminationReopened: ({ cause }) => `Determination reopened: ${learned[cause]}`,
  ProtectionAlertRaised: ({ cause }) => `Protection alert raised after departure: ${alerting[cause]}`,
  ProtectionAlertAnswered: () => 'Protection alert answered',
  ReferredToUsProcedure: ({ ground }) => `Referred to the procedure in the United States${because(ground)}`,
  ReferredToProgramme: ({ programme }) => `Referred to a programme: ${code(programme)}`,

  TransferRequested: ({ country, replyDueAt }) => `Transfer requested from ${nameOf(country)}, which is to reply by ${day(replyDueAt)}`,
  TransferAccepted: ({ validUntil }) => `Transfer accepted, valid until ${day(validUntil)}`,
  TransferRefused: ({ reasonCode }) => `Transfer refused by the partner country${because(reasonCode)}`,
  TransferRequestLapsed: () => 'Transfer request lapsed: nobody answered in time',
  TransferScheduled: ({ placeWeek, departsAt }) => `Transfer scheduled for ${day(departsAt)}, with a place in ${week(placeWeek)}`,
  TransferUnscheduled: ({ cause }) => `Transfer taken off its flight${because(cause)}`,
  DestinationTold: ({ country, ...spoken }) => `Told that the flight goes to ${nameOf(country)}${speaking(spoken)}`,
  TransferHoldPlaced: ({ kind }) => `Hold placed: ${code(kind)}`,
  TransferHoldReleased: () => 'Hold released',
  BoardingCleared: ({ expiresAt }) => `Cleared for boarding until ${when(expiresAt)}`,
  DepartureBlocked: ({ command, failedChecks }) =>
    `${command === 'ClearForBoarding' ? 'Clearance for boarding' : 'Departure'} blocked: ${list(failedChecks)}`,
  ApplicantDeparted: ({ irregular, failedChecks = [] }) => (irregular ? `Departed irregularly: ${list(failedChecks)}` : 'Departed'),
  TransferredToElSalvador: () => 'Arrived in El Salvador',
  TransferredToGuatemala: () => 'Arrived in Guatemala',
  TransferredToHonduras: () => 'Arrived in Honduras',
  TransferAborted: ({ reasonCode }) => `Transfer aborted${because(reasonCode)}`,
  ReturnRecorded: ({ reasonCode }) => `Returned to the United States${because(reasonCode)}`,
  ClaimWithdrawn: spoken => `Claim withdrawn${speaking(spoken)}`,
  WithdrawalRefused: ({ codes }) => `Withdrawal of the claim refused: ${list(codes)}`,
  WithdrawalRevoked: () => 'Withdrawal of the claim revoked',

  AsylumIntentionExpressed: ({ country }) => `Told an official of ${nameOf(country)} of wanting asylum`,
  AsylumApplied: ({ country }) => `Applied for asylum in ${nameOf(country)}`,
  AsylumGranted: data => `Asylum granted${final(data.final)}`,
  AsylumDenied: data => `Asylum denied${final(data.final)}`,
  OtherProtectionGranted: data => `Protection other than asylum granted${final(data.final)}`,
  AsylumApplicationAbandoned: ({ reasonCode }) => `Application for asylum abandoned${because(reasonCode)}`,
  OnwardDepartureReported: ({ toCountry, manner }) => `Left for ${nameOf(toCountry)} (${code(manner)})`,
  FollowUpOverdue: ({ milestone }) => `Nothing heard since the arrival, in ${duration(milestone)}`,
  WhereaboutsUnknown: ({ sourceCode }) => `Whereabouts unknown${because(sourceCode)}`,
  ContactReestablished: ({ sourceCode }) => `In contact again${because(sourceCode)}`,
};

/** @throws TypeError for an event that nobody has put into words */
export const inWords = ({ type, data }: Pick<CaseEvent, 'type' | 'data'>): string => (words[type] as (data: object) => string)(data);

/** Of several holds nobody is left to guess which one fell, or of several alerts which one was answered. */
export function whichOf({ type, data }: Happened, { holds, protectionAlerts }: Before): string {
  if (type === 'TransferHoldReleased') return told(holds.find(({ holdId }) => holdId === data.holdId)?.kind, code);
  if (type !== 'ProtectionAlertAnswered') return '';
  return told(protectionAlerts.find(({ alertId }) => alertId === data.alertId)?.cause, cause => alerting[cause]);
}

/** One of them, its data told by its type. */
type Happened = { readonly [E in CaseEvent as E['type']]: Pick<E, 'type' | 'data'> }[CaseEvent['type']];
type Before = Pick<AsylumCase, 'holds' | 'protectionAlerts'>;

const told = <C extends string>(which: C | undefined, say: (which: C) => string): string => (which === undefined ? '' : `: ${say(which)}`);
