import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { manifestEvents, type ManifestEvent } from './manifest.events.js';

/*
 *   drafted ── approve ──▶ approved ── open-boarding ──▶ boarding ── depart ──▶ departed ── confirm-arrival ──▶ arrived
 *      ▲                      │ add-passenger        │
 *      └──────────────────────┴──── a tie corrected ─┘
 *                                              drafted, approved, boarding ── cancel ──▶ cancelled
 */
export type ManifestStatus = 'drafted' | 'approved' | 'boarding' | 'departed' | 'arrived' | 'cancelled';

/** One flight and its passengers. */
export interface Manifest {
  readonly status: ManifestStatus;
  readonly country: PartnerCountry;
  readonly flight: string;
  readonly departsAt: string;
  readonly week: string;
  readonly draftedBy: string;
  readonly approvedBy: string | null;
  /** Of the families that the newest approval looked at, the revision that it saw. */
  readonly familiesSeen: Readonly<Record<string, number>>;
  /** Of the memberships of its passengers, likewise. */
  readonly membershipsSeen: Readonly<Record<string, number>>;
  readonly passengers: readonly string[];
  readonly boarded: readonly string[];
  readonly departedAt: string | null;
  readonly arrived: readonly string[];
  /** Of its newest event: what an approval names. */
  readonly revision: number;
}

export const noManifest: Manifest = {
  status: 'drafted',
  country: 'GT',
  flight: '',
  departsAt: '',
  week: '',
  draftedBy: '',
  approvedBy: null,
  familiesSeen: {},
  membershipsSeen: {},
  passengers: [],
  boarded: [],
  departedAt: null,
  arrived: [],
  revision: -1,
};

function evolve(before: Manifest, event: Recorded<ManifestEvent>): Manifest {
  const manifest = { ...before, revision: event.revision };
  switch (event.type) {
    case 'ManifestDrafted':
      return { ...manifest, ...event.data, draftedBy: event.metadata.actor.id };
    case 'PassengerAdded':
      // Nobody has approved the manifest with this passenger on it.
      return { ...manifest, status: 'drafted', approvedBy: null, passengers: [...manifest.passengers, event.data.caseId] };
    case 'PassengerRemoved':
      return { ...manifest, passengers: manifest.passengers.filter(caseId => caseId !== event.data.caseId) };
    case 'ManifestApproved':
      return {
        ...manifest,
        status: 'approved',
        approvedBy: event.metadata.actor.id,
        familiesSeen: seenOf('family-', event.metadata.basedOn),
        membershipsSeen: seenOf('membership-', event.metadata.basedOn),
      };
    case 'ApprovalVoided':
      return { ...manifest, status: 'drafted', approvedBy: null };
    case 'BoardingOpened':
      return { ...manifest, status: 'boarding' };
    case 'FlightDeparted':
      return { ...manifest, status: 'departed', boarded: event.data.boarded, departedAt: event.metadata.occurredAt };
    case 'ArrivalConfirmed':
      return { ...manifest, status: 'arrived', arrived: [...manifest.arrived, ...event.data.arrived] };
    case 'FlightCancelled':
      return { ...manifest, status: 'cancelled' };
  }
}

const seenOf = (prefix: string, basedOn: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(basedOn).flatMap(([stream, revision]) => (stream.startsWith(prefix) ? [[stream.slice(prefix.length), revision]] : [])),
  );

export const manifestStream: StreamKind<Manifest, ManifestEvent> = {
  category: 'manifest',
  events: manifestEvents,
  initial: noManifest,
  evolve,
};
