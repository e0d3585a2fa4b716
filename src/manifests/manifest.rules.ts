import { isClearedAt, isReadyFor, type AsylumCase, type SinceCleared } from '../cases/case.facts.js';
import { DomainError } from '../event-store/domain-error.js';
import { misfit, notThere, together, type Rule, type RuleBook } from '../event-store/rule.js';
import { isBefore, weekOf } from '../fields/time.js';
import type {
  AddPassenger,
  Approve,
  Cancel,
  ConfirmArrival,
  Depart,
  DraftManifest,
  OpenBoarding,
  RemovePassenger,
  VoidApproval,
} from './manifest.commands.js';
import type { ManifestEvent } from './manifest.events.js';
import type { Manifest } from './manifest.state.js';

export const manifestRuleBook = {
  'wrong-status': 'The status of the manifest does not allow this.',
  'same-officer': 'Whoever drafted the manifest cannot approve it.',
  'date-out-of-order': 'This would have happened before what it follows.',
  'passenger-not-ready': 'A passenger is not accepted by that country, or under a hold, or on another flight.',
  'capacity-exhausted': 'More places would be reserved than are declared.',
  'family-separated': 'A family would be separated without authorisation.',
  'minor-alone': 'A minor would travel without a parent or legal guardian.',
  'manifest-not-approved': 'The manifest is not approved as it stands.',
  'not-cleared': 'Somebody is named who was not cleared for boarding.',
} satisfies RuleBook;

/** The cases that the command or the manifest names, by id; null where there is none of that id. */
export interface WithCases {
  readonly cases: ReadonlyMap<string, AsylumCase | null>;
  readonly manifestId: string;
}
export interface WithFamilies {
  /** Somebody who must travel with one of those on board would stay behind. */
  readonly familySeparated: boolean;
  /** A separation parts a minor on board from who looks after it, as things are now. */
  readonly minorParted: boolean;
}
export interface WithAgreement extends Pick<SinceCleared, 'interruptedSince'> {
  /** When they boarded, transfers under the agreement were neither suspended nor ended: their holds may still be on the way. */
  readonly inForce: boolean;
}
type ManifestRule<Command, Facts = object> = Rule<Command, Manifest, ManifestEvent, Facts>;

const unknownCase = (caseIds: readonly string[], { cases }: WithCases, field: string): DomainError | false => {
  const index = caseIds.findIndex(caseId => !cases.get(caseId));
  return index >= 0 && notThere(caseIds.length > 1 || field !== '/caseId' ? `${field}/${index}` : field);
};

const notReady = (caseIds: readonly string[], { country }: Manifest, { cases, manifestId }: WithCases) =>
  caseIds.some(caseId => {
    const found = cases.get(caseId);
    return !found || !isReadyFor(found, { country, manifestId });
  }) && 'passenger-not-ready';

export const draftManifest: ManifestRule<DraftManifest> = {
  unfit: ({ departsAt, week }, _, { now }) =>
    together(
      isBefore(departsAt, now) && misfit('/departsAt', 'in-the-past', 'must not be in the past'),
      week !== weekOf(departsAt) && misfit('/week', 'invalid', 'must be the ISO week of the day of `departsAt` in UTC'),
    ),
  events: ({ country, flight, departsAt, week }) => [{ type: 'ManifestDrafted', data: { country, flight, departsAt, week } }],
};

export const addPassenger: ManifestRule<AddPassenger, WithCases> = {
  unfit: ({ caseId }, _, facts) => unknownCase([caseId], facts, '/caseId'),
  asked: ({ caseId }, manifest, facts) => [!manifest.passengers.includes(caseId) && notReady([caseId], manifest, facts)],
  events: ({ caseId }, { passengers }) => (passengers.includes(caseId) ? [] : [{ type: 'PassengerAdded', data: { caseId } }]),
};

export const removePassenger: ManifestRule<RemovePassenger, WithCases> = {
  unfit: ({ caseId }, _, facts) => unknownCase([caseId], facts, '/caseId'),
  events: ({ caseId, reasonCode }, { passengers }) =>
    passengers.includes(caseId) ? [{ type: 'PassengerRemoved', data: { caseId, reasonCode } }] : [],
};

export const approve: ManifestRule<Approve, WithCases & WithFamilies> = {
  unfit: ({ revision }, manifest) =>
    revision !== manifest.revision && new DomainError('revision-mismatch', 'The manifest has changed since the revision that was seen.'),
  standing: (manifest, facts) => [
    manifest.draftedBy === facts.actor.id && 'same-officer',
    notReady(manifest.passengers, manifest, facts),
    facts.familySeparated && 'family-separated',
    facts.minorParted && 'minor-alone',
  ],
  events: ({ revision }, { passengers }) => [{ type: 'ManifestApproved', data: { revision, passengers } }],
};

export const voidApproval: ManifestRule<VoidApproval> = {
  events: ({ caseId, cause, familyUnitId, correctedAt, joinedAt }, { passengers, familiesSeen, membershipsSeen }) => {
    const seenAt = familiesSeen[familyUnitId];
    // An approval that saw no such family is older than the tie, or knew that it was over.
    const isWrong = seenAt === undefined ? (membershipsSeen[caseId] ?? -1) < joinedAt : seenAt < correctedAt;
    return isWrong && passengers.includes(caseId) ? [{ type: 'ApprovalVoided', data: { caseId, cause, passengers } }] : [];
  },
};

export const openBoarding: ManifestRule<OpenBoarding> = {
  standing: ({ status }) => [status === 'drafted' && 'manifest-not-approved'],
  events: (_, { passengers }) => [{ type: 'BoardingOpened', data: { passengers } }],
};

export const depart: ManifestRule<Depart, WithCases & WithFamilies & WithAgreement> = {
  unfit: ({ boarded }, _, facts) => unknownCase(boarded, facts, '/boarded'),
  asked: ({ boarded }, { passengers }, { cases, occurredAt, manifestId, familySeparated, minorParted, inForce, ...since }) => [
    familySeparated && 'family-separated',
    minorParted && 'minor-alone',
    boarded.some(caseId => isBefore(occurredAt, cases.get(caseId)?.encounter.at ?? occurredAt)) && 'date-out-of-order',
    boarded.length > 0 && !inForce && 'not-cleared',
    boarded.some(caseId => {
      const found = cases.get(caseId);
      return !passengers.includes(caseId) || !found || found.transfer?.manifestId !== manifestId || !isClearedAt(found, occurredAt, since);
    }) && 'not-cleared',
  ],
  events: ({ boarded }, { passengers }) => [
    { type: 'FlightDeparted', data: { boarded, leftBehind: passengers.filter(caseId => !boarded.includes(caseId)) } },
  ],
};

export const confirmArrival: ManifestRule<ConfirmArrival> = {
  unfit: ({ arrived }, { boarded }) => {
    const stranger = arrived.findIndex(caseId => !boarded.includes(caseId));
    return stranger >= 0 && notThere(`/arrived/${stranger}`);
  },
  asked: (_, { departedAt }, { occurredAt }) => [departedAt !== null && isBefore(occurredAt, departedAt) && 'date-out-of-order'],
  events: ({ arrived, receivedBy }, manifest) => {
    const now = arrived.filter(caseId => !manifest.arrived.includes(caseId));
    return now.length > 0 ? [{ type: 'ArrivalConfirmed', data: { arrived: now }, personal: { receivedBy } }] : [];
  },
};

export const cancel: ManifestRule<Cancel> = {
  events: ({ reasonCode }, { passengers }) => [{ type: 'FlightCancelled', data: { reasonCode, passengers } }],
};
