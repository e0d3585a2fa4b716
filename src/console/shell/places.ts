import type { Session } from '../api/session';

export interface Place {
  readonly href: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** Where people go from everywhere; the first that is for them is where they begin. */
export const PLACES = {
  cases: { href: '/cases', name: 'Caseload', roles: ['caseworker', 'supervisor', 'liaison', 'auditor'] },
  flights: { href: '/flights', name: 'Flights', roles: ['liaison', 'supervisor', 'auditor'] },
  audit: { href: '/audit', name: 'Replay', roles: ['auditor'] },
  reports: { href: '/reports/outcomes', name: 'Reports', roles: ['reporting', 'auditor'] },
  health: { href: '/health', name: 'Health', roles: ['admin', 'auditor'] },
  agreements: {
    href: '/agreements',
    name: 'Agreements',
    roles: ['admin', 'caseworker', 'supervisor', 'liaison', 'auditor', 'reporting'],
  },
} as const satisfies Readonly<Record<string, Place>>;

export const mayGo = ({ roles: own }: Session, { roles }: Place): boolean => own.some(role => roles.includes(role));
export const placesOf = (who: Session): Place[] => Object.values<Place>(PLACES).filter(place => mayGo(who, place));
