import { useSyncExternalStore } from 'react';

export interface Session {
  readonly token: string;
  readonly sub: string;
  readonly roles: readonly string[];
  readonly office: string | null;
  /** What an auditor reads for. */
  readonly purpose: string | null;
  /** When the token ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** Kept in memory alone: it is gone with the tab, and nothing of it is in any storage. */
export class Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;
  readonly set = (value: T): void => {
    this.value = value;
    for (const listener of this.listeners) listener();
  };
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

export const session = new Store<Session | null>(null);
/** Why the token is not taken, while it is not: whoever was signed in signs in again, over what they were doing. */
export const refused = new Store<string | null>(null);
/** The time of a training copy; null elsewhere. */
export const trainingTime = new Store<string | null>(null);
/** Of the last command: what is read after it shows at least that. */
export const lastSeen = new Store<string | null>(null);

export const useStored = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);

interface Claims {
  readonly sub?: unknown;
  readonly roles?: unknown;
  readonly office?: unknown;
  readonly exp?: unknown;
}

/** What a token says of its holder, to show it; the service alone judges it. */
export function sessionOf(token: string, purpose: string | null): Session {
  const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
  const bytes = Uint8Array.from(atob(payload), letter => letter.codePointAt(0) ?? 0);
  const { sub, roles, office, exp } = JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  return {
    token,
    sub: String(sub),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    office: typeof office === 'string' ? office : null,
    purpose,
    endsAt: Number(exp) * 1000,
  };
}

/** @param said what the service says of the token */
export const whyRefused = (said: string): string =>
  (session.get()?.endsAt ?? 0) <= Date.now()
    ? 'The sign-in has run out.'
    : `The service does not take this sign-in: ${said} Where signing in again does not help, ask whoever runs the sign-in service.`;
