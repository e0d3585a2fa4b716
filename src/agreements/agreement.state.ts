import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { isAfter, millis, toInstant } from '../event-store/time.js';
import { agreementEventVersions, type AgreementEvent, type RuleSet } from './agreement.events.js';

export type Standing = 'unsigned' | 'signed' | 'in-force' | 'transfers-suspended' | 'suspended' | 'terminated';

/** Something that changes the standing from an instant on; a future one acts when its time comes. */
type Change = { readonly at: string } & (
  | { readonly what: 'signed' | 'in-force' | 'terminate' }
  | { readonly what: 'suspend-transfers' | 'suspend-all' | 'reinstate'; readonly suspensionId: string }
);

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
      return now.suspension ? { ...now, standing: 'in-force', suspension: null } : now;
    case 'terminate':
      return under || now.standing === 'signed' ? { ...now, standing: 'terminated', suspension: null, terminatedFrom: change.at } : now;
  }
}

const suspended = (now: AgreementAt, { at, suspensionId }: { readonly at: string; readonly suspensionId: string }, scope: 'all' | 'transfers'): AgreementAt => ({
  ...now,
  standing: scope === 'all' ? 'suspended' : 'transfers-suspended',
  suspension: { suspensionId: now.suspension?.suspensionId ?? suspensionId, from: now.suspension?.from ?? at, scope },
});

/** What the agreement is at an instant, as far as is known now. */
export function agreementAt(agreement: Agreement, instant: string): AgreementAt {
  return agreement.changes.filter(change => !isAfter(change.at, instant)).reduce(step, unsigned);
}

/** The suspensions that a reinstatement had ended by then; one that was in effect when the agreement was terminated is none. */
export function reinstatedBy(agreement: Agreement, instant: string): string[] {
  const ended: string[] = [];
  let now = unsigned;
  for (const change of agreement.changes.filter(({ at }) => !isAfter(at, instant))) {
    if (change.what === 'reinstate' && now.suspension) ended.push(now.suspension.suspensionId);
    now = step(now, change);
  }
  return ended;
}

export const standingAt = (agreement: Agreement, instant: string): Standing => agreementAt(agreement, instant).standing;

function evolve(agreement: Agreement, event: Recorded<AgreementEvent>): Agreement {
  const { recordedAt } = event.metadata;
  switch (event.type) {
    case 'AgreementSigned': {
      const { changes } = changed(agreement, recordedAt, { at: event.data.on, what: 'signed' });
      // It begins anew: what was still to come under the signature before does not.
      const signed = changes.findLastIndex(({ what }) => what === 'signed');
      return { ...agreement, changes: changes.slice(0, signed + 1), ruleSet: null, planAgreedOn: null };
    }
    case 'AgreementRulesPublished':
      return { ...agreement, ruleSet: event.data, published: event.data.version };
    case 'ImplementationPlanAgreed':
      return { ...agreement, planAgreedOn: event.data.on };
    case 'AgreementEnteredIntoForce':
      return changed(agreement, recordedAt, { at: event.data.from, what: 'in-force' });
    case 'AgreementSuspended': {
      const { suspensionId, from, scope } = event.data;
      return changed(agreement, recordedAt, { at: from, what: scope === 'all' ? 'suspend-all' : 'suspend-transfers', suspensionId });
    }
    case 'AgreementReinstated': {
      const { suspensionId, from } = event.data;
      const ended = agreement.changes.filter(change => !('suspensionId' in change && change.suspensionId === suspensionId && isAfter(change.at, from)));
      return changed({ ...agreement, changes: ended }, recordedAt, { at: from, what: 'reinstate', suspensionId });
    }
    case 'TerminationNotified':
      return changed(agreement, recordedAt, { at: event.data.effectiveOn, what: 'terminate' });
  }
}

/** What a change builds on: once that is in effect, it cannot take effect before it, however early its day. */
const foundation: Readonly<Record<Change['what'], readonly Change['what'][]>> = {
  signed: ['terminate'],
  'in-force': ['signed'],
  'suspend-transfers': ['in-force', 'reinstate'],
  'suspend-all': ['in-force', 'reinstate'],
  reinstate: ['suspend-transfers', 'suspend-all'],
  terminate: ['signed'],
};

function changed(agreement: Agreement, recordedAt: string, change: Change): Agreement {
  const ground = agreement.changes.findLast(({ at, what }) => foundation[change.what].includes(what) && !isAfter(at, recordedAt));
  const at = toInstant(Math.max(millis(change.at), ground ? millis(ground.at) : -Infinity));
  const changes = [...agreement.changes, { ...change, at }];
  return { ...agreement, changes: changes.sort((a, b) => millis(a.at) - millis(b.at)) };
}

export const agreementStream: StreamKind<Agreement, AgreementEvent> = {
  category: 'agreement',
  versions: agreementEventVersions,
  initial: { changes: [], ruleSet: null, published: 0, planAgreedOn: null },
  evolve,
  alwaysExists: true,
};
