import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { isAfter, isBefore, laterOf, millis, toInstant } from '../fields/time.js';
import { agreementEvents, type AgreementEvent, type RuleSet } from './agreement.events.js';

export type Standing = 'unsigned' | 'signed' | 'in-force' | 'transfers-suspended' | 'suspended' | 'terminated';

/** Something that changes the standing from an instant on; a future one acts when its time comes. */
type Told = { readonly at: string } & (
  | { readonly what: 'signed' | 'in-force' | 'terminate' }
  | { readonly what: 'suspend-transfers' | 'suspend-all'; readonly suspensionId: string; readonly eventId: string }
  | { readonly what: 'reinstate'; readonly suspensionId: string }
);
/** `revision`: of the event that told it. */
type Change = Told & { readonly revision: number };
type What = Change['what'];

export interface Agreement {
  /** In the order in which they take effect. */
  readonly changes: readonly Change[];
  readonly ruleSet: RuleSet | null;
  /** Rule sets published so far, also under an earlier signature. */
  readonly published: number;
  readonly planAgreedOn: string | null;
}

/** What an agreement is at one instant. */
export interface AgreementAt {
  readonly standing: Standing;
  readonly signedOn: string | null;
  readonly inForceFrom: string | null;
  readonly suspension: { readonly suspensionId: string; readonly from: string; readonly scope: 'all' | 'transfers' } | null;
  readonly terminatedFrom: string | null;
}

const unsigned: AgreementAt = { standing: 'unsigned', signedOn: null, inForceFrom: null, suspension: null, terminatedFrom: null };

/*
 *   unsigned ── sign ──▶ signed ── bring-into-force ──▶ in-force ◀── reinstate ──┐
 *                                                          │ suspend             │
 *                                                          └──▶ transfers-suspended, suspended
 *   signed … suspended ── give-termination-notice, from its day ──▶ terminated ── sign ──▶ signed (anew)
 */
function step(now: AgreementAt, change: Change): AgreementAt {
  const under = now.standing === 'in-force' || now.standing === 'transfers-suspended' || now.standing === 'suspended';
  switch (change.what) {
    case 'signed':
      return now.standing === 'unsigned' || now.standing === 'terminated' ? { ...unsigned, standing: 'signed', signedOn: change.at } : now;
    case 'in-force':
      return now.standing === 'signed' ? { ...now, standing: 'in-force', inForceFrom: change.at } : now;
    case 'suspend-transfers':
      return now.standing === 'in-force' ? suspended(now, change, 'transfers') : now;
    case 'suspend-all':
      return under ? suspended(now, change, 'all') : now;
    case 'reinstate':
      return now.suspension?.suspensionId === change.suspensionId ? { ...now, standing: 'in-force', suspension: null } : now;
    case 'terminate':
      return under || now.standing === 'signed' ? { ...now, standing: 'terminated', suspension: null, terminatedFrom: change.at } : now;
  }
}

const suspended = (
  now: AgreementAt,
  { at, suspensionId }: { readonly at: string; readonly suspensionId: string },
  scope: 'all' | 'transfers',
): AgreementAt => ({
  ...now,
  standing: scope === 'all' ? 'suspended' : 'transfers-suspended',
  suspension: { suspensionId: now.suspension?.suspensionId ?? suspensionId, from: now.suspension?.from ?? at, scope },
});

interface Turn {
  readonly change: Change;
  readonly after: AgreementAt;
}

/** The changes that change something, until an instant. */
function turnsUntil({ changes }: Agreement, instant: string): Turn[] {
  const turns: Turn[] = [];
  let now = unsigned;
  for (const change of changes.filter(({ at }) => !isAfter(at, instant))) {
    const after = step(now, change);
    if (after !== now) turns.push({ change, after });
    now = after;
  }
  return turns;
}

/** What the agreement is at an instant, as far as is known now. */
export const agreementAt = (agreement: Agreement, instant: string): AgreementAt => turnsUntil(agreement, instant).at(-1)?.after ?? unsigned;

/** Each standing of the agreement and from when, the first one first, those to come too, as far as is known now. */
export function standingsOf(agreement: Agreement): { readonly at: string; readonly standing: Standing }[] {
  const all = turnsUntil(agreement, agreement.changes.at(-1)?.at ?? '').map(({ change: { at }, after: { standing } }) => ({
    at,
    standing,
  }));
  return all.filter(({ standing }, index) => standing !== (all[index - 1]?.standing ?? 'unsigned'));
}

const SUSPENDS: ReadonlySet<What> = new Set(['suspend-transfers', 'suspend-all']);

/** How far somebody saw the agreement, and when; null where that is not known. */
export interface Seen {
  readonly at: string;
  readonly revision: number | null;
}

/**
 * Whether it was suspended by now, or terminated by an instant, since somebody saw it, however soon that was over: it was told later,
 * or its time came later.
 */
export const wasInterrupted = (agreement: Agreement, seen: Seen, instant: string, now: string): boolean =>
  turnsUntil(agreement, now).some(({ change: { what, at, revision } }) => {
    const stops = SUSPENDS.has(what) || (what === 'terminate' && !isAfter(at, instant));
    return stops && (isAfter(at, seen.at) || revision > (seen.revision ?? revision));
  });

/** The suspensions that a reinstatement had ended by then; one that was in effect when the agreement was terminated is none. */
export const reinstatedBy = (agreement: Agreement, instant: string): string[] =>
  turnsUntil(agreement, instant).flatMap(({ change }) => (change.what === 'reinstate' ? [change.suspensionId] : []));

export const standingAt = (agreement: Agreement, instant: string): Standing => agreementAt(agreement, instant).standing;

/** What a change builds on: once that is in effect, it cannot take effect before it, however early its day. */
const foundation: Readonly<Record<What, readonly What[]>> = {
  signed: ['terminate'],
  'in-force': ['signed'],
  'suspend-transfers': ['in-force', 'reinstate'],
  'suspend-all': ['in-force', 'reinstate'],
  reinstate: [],
  terminate: ['signed'],
};

/** From when a change counts that is recorded now. @returns RFC 3339 UTC */
export function takesEffectAt(agreement: Agreement, what: What, from: string, recordedAt: string): string {
  const turns = turnsUntil(agreement, recordedAt);
  const ground =
    what === 'reinstate'
      ? turns.at(-1)?.after.suspension?.from
      : turns.findLast(({ change }) => foundation[what].includes(change.what))?.change.at;
  return toInstant(millis(laterOf(from, ground ?? from)));
}

function evolve(agreement: Agreement, event: Recorded<AgreementEvent>): Agreement {
  switch (event.type) {
    case 'AgreementSigned': {
      const { changes } = changed(agreement, event, { at: event.data.on, what: 'signed' });
      // It begins anew: what was still to come under the signature before does not.
      const signed = changes.findLastIndex(({ what }) => what === 'signed');
      return { ...agreement, changes: changes.slice(0, signed + 1), ruleSet: null, planAgreedOn: null };
    }
    case 'AgreementRulesPublished':
      return { ...agreement, ruleSet: event.data, published: event.data.version };
    case 'ImplementationPlanAgreed':
      return { ...agreement, planAgreedOn: event.data.on };
    case 'AgreementEnteredIntoForce':
      return changed(agreement, event, { at: event.data.from, what: 'in-force' });
    case 'AgreementSuspended': {
      const { suspensionId, from, scope } = event.data;
      return changed(agreement, event, {
        at: from,
        what: scope === 'all' ? 'suspend-all' : 'suspend-transfers',
        suspensionId,
        eventId: event.id,
      });
    }
    case 'AgreementReinstated':
      return reinstated(agreement, event);
    case 'TerminationNotified':
      return changed(agreement, event, { at: event.data.effectiveOn, what: 'terminate' });
  }
}

function changed(agreement: Agreement, { revision, metadata }: Recorded<AgreementEvent>, told: Told): Agreement {
  const at = takesEffectAt(agreement, told.what, told.at, metadata.recordedAt);
  return { ...agreement, changes: inOrder([...agreement.changes, { ...told, at, revision }]) };
}

/** The suspension that stands ends with all that has widened it; what is still to come of it comes, as one of its own. */
function reinstated(agreement: Agreement, event: Recorded<AgreementEvent> & { type: 'AgreementReinstated' }): Agreement {
  const {
    revision,
    data: told,
    metadata: { recordedAt },
  } = event;
  const at = takesEffectAt(agreement, 'reinstate', told.from, recordedAt);
  const { suspensionId } = agreementAt(agreement, recordedAt).suspension ?? told;
  const hasWidened = (change: Change): boolean => 'eventId' in change && isAfter(change.at, at) && !isAfter(change.at, recordedAt);
  const isToCome = (change: Change): boolean => 'eventId' in change && isAfter(change.at, recordedAt) && !isBefore(change.at, at);
  const stay = agreement.changes.filter(change => !hasWidened(change) && !isToCome(change));
  const come = agreement.changes
    .filter(isToCome)
    .map(change => ('eventId' in change && change.suspensionId === suspensionId ? { ...change, suspensionId: change.eventId } : change));
  return { ...agreement, changes: inOrder([...stay, { at, revision, what: 'reinstate', suspensionId }, ...come]) };
}

const inOrder = (changes: readonly Change[]): Change[] => changes.toSorted((a, b) => millis(a.at) - millis(b.at));

export const agreementStream: StreamKind<Agreement, AgreementEvent> = {
  category: 'agreement',
  events: agreementEvents,
  initial: { changes: [], ruleSet: null, published: 0, planAgreedOn: null },
  evolve,
  alwaysExists: true,
};
