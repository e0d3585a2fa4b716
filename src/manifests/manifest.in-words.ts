import { inWords as when } from '../fields/time.js';
import type { ManifestEvent } from './manifest.events.js';

type Words = { readonly [E in ManifestEvent as E['type']]: (data: E['data']) => string };

const code = (kebab: string): string => kebab.replaceAll('-', ' ');
const people = ({ length }: readonly string[]): string => (length === 1 ? '1 person' : `${length} people`);

// Who they are stands beside, in the ids of their cases.
const words: Words = {
  ManifestDrafted: ({ flight, departsAt }) => `Drafted: flight ${flight}, to depart ${when(departsAt)}`,
  PassengerAdded: () => 'Passenger added',
  PassengerRemoved: ({ reasonCode }) => `Passenger removed: ${code(reasonCode)}`,
  ManifestApproved: ({ passengers }) => `Approved with ${people(passengers)}`,
  ApprovalVoided: ({ cause }) => `Approval void: ${code(cause)}`,
  BoardingOpened: ({ passengers }) => `Boarding opened for ${people(passengers)}: each was checked again`,
  FlightDeparted: ({ boarded, leftBehind }) =>
    `Departed with ${people(boarded)} on board${leftBehind.length > 0 ? `; ${people(leftBehind)} left behind` : ''}`,
  ArrivalConfirmed: ({ arrived }) => `Arrival confirmed of ${people(arrived)}`,
  FlightCancelled: ({ reasonCode, passengers }) => `Flight cancelled: ${code(reasonCode)}, with ${people(passengers)} on it`,
};

export const inWords = ({ type, data }: Pick<ManifestEvent, 'type' | 'data'>): string => (words[type] as (data: object) => string)(data);

/** The case that an event is about, where it is about one. */
export const caseIn = ({ data }: Pick<ManifestEvent, 'data'>): string | null => ('caseId' in data ? data.caseId : null);
