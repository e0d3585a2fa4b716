import { session } from '../api/session';
import type { Typed } from './schema';

/** What was typed into a form that has not been sent, or not answered. */
export interface Draft {
  readonly typed: Typed;
  /** What stood there when it was begun, where the form changes what stands. */
  readonly begun: Typed | null;
  /** Sent again as it was, it is the same command. */
  readonly key: string;
  readonly sent: string;
}

/**
 * Whoever goes to another page with a form half filled finds what they typed when they open it again. Kept in memory alone, as the token
 * is: the browser asks before all of it goes with the tab, and nobody who signs in later finds any.
 */
export const drafts = new Map<string, Draft>();

let owner: string | undefined;
session.subscribe(() => {
  const who = session.get()?.sub;
  if (who !== owner) drafts.clear();
  owner = who;
});
addEventListener('beforeunload', event => {
  if (drafts.size > 0) event.preventDefault();
});
