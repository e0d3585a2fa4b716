import type { AgreementEvent, RuleSet } from '../../src/agreements/agreement.events.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';
import { isAfter, isBefore, millis, toInstant } from '../../src/fields/time.js';

/*
 * An agreement as a second pair of eyes keeps it: not as changes in their order, but as spells, each from an instant
 * until another one or for good.
 */

/** What was announced of a suspension. */
interface Spell {
  id: string;
  readonly ownId: string;
  readonly from: string;
  until: string | null;
  readonly scope: 'all' | 'transfers';
}
interface End {
  readonly id: string;
  readonly at: string;
}
/** From one signature to its end. */
class Era {
  inForce: string | null = null;
  end: string | null = null;
  spells: Spell[] = [];
  ends: End[] = [];

  constructor(readonly signed: string) {}

  hasEnded(at: string): boolean {
    return this.end !== null && !isAfter(this.end, at);
  }

  standing(at: string): Spell[] {
    if (this.hasEnded(at)) return [];
    return this.spells
      .filter(({ from, until }) => !isAfter(from, at) && (until === null || isAfter(until, at)))
      .toSorted((a, b) => millis(a.from) - millis(b.from));
  }

  /** The reinstatements that took effect until then. */
  endsUntil(at: string): End[] {
    return this.ends.filter(end => !isAfter(end.at, at) && (this.end === null || !isAfter(end.at, this.end)));
  }
}

export interface Known {
  readonly standing: string;
  readonly inForceFrom: string | null;
  readonly suspension: { readonly suspensionId: string; readonly from: string; readonly scope: string } | null;
}

const earliest = (one: string | null, other: string): string => (one !== null && isBefore(one, other) ? one : other);
const latest = (...instants: readonly (string | null | undefined)[]): string =>
  toInstant(Math.max(...instants.flatMap(each => (each ? [millis(each)] : []))));

export class KnownAgreement {
  rules: RuleSet | null = null;
  readonly suspensionIds = new Set<string>();
  /** Each suspension as it was announced, with the revision that told it: one that was over at once was one too. */
  private readonly announced: { readonly from: string; readonly revision: number }[] = [];
  private eras: Era[] = [];

  /** @param must throws where the fact should never have been stored */
  know(event: Recorded<AgreementEvent>, must: (holds: unknown, what: string) => void): void {
    const { recordedAt } = event.metadata;
    const era = this.era(recordedAt);
    switch (event.type) {
      case 'AgreementSigned':
        must(
          !era || (era.hasEnded(recordedAt) && event.data.on >= (era.end ?? '').slice(0, 10)),
          'signed before the end of the signature before',
        );
        this.rules = null;
        this.eras.push(new Era(latest(event.data.on, era?.end)));
        break;
      case 'AgreementRulesPublished':
        this.rules = event.data;
        break;
      case 'ImplementationPlanAgreed':
        break;
      case 'AgreementEnteredIntoForce':
        if (era) era.inForce = earliest(era.inForce, latest(event.data.from, era.signed));
        break;
      case 'AgreementSuspended':
        if (era) this.suspend(era, event, must);
        break;
      case 'AgreementReinstated':
        if (era) this.reinstate(era, event, must);
        break;
      case 'TerminationNotified':
        if (era) era.end = earliest(era.end, latest(event.data.effectiveOn, era.signed));
        break;
    }
  }

  private suspend(
    era: Era,
    {
      id: ownId,
      revision,
      data: { from, scope, suspensionId: id },
      metadata: { recordedAt },
    }: Recorded<AgreementEvent> & { type: 'AgreementSuspended' },
    must: (holds: unknown, what: string) => void,
  ): void {
    const begins = latest(from, era.inForce, ...era.endsUntil(recordedAt).map(({ at }) => at));
    const meanwhile = era.standing(begins);
    must(meanwhile.length === 0 || scopeOf(meanwhile) !== scope, 'suspended with the scope that stood already');
    const [same] = meanwhile.length > 0 || isAfter(begins, recordedAt) ? meanwhile : era.standing(recordedAt);
    must(same ? same.id === id : !this.suspensionIds.has(id), 'a suspension with the name of another one');
    era.spells.push({ id, ownId, from: begins, until: same?.until ?? null, scope });
    this.suspensionIds.add(id);
    if (!era.hasEnded(begins)) this.announced.push({ from: begins, revision });
  }

  private reinstate(
    era: Era,
    { data, metadata: { recordedAt } }: Recorded<AgreementEvent> & { type: 'AgreementReinstated' },
    must: (holds: unknown, what: string) => void,
  ): void {
    const [first] = era.standing(recordedAt);
    must(first?.id === data.suspensionId, 'another suspension reinstated than that which stands');
    must(first && !isBefore(data.from, first.from), 'reinstated before it was suspended');
    const at = latest(data.from);
    // A suspension ends once: what was told of its end before is overtaken where this comes sooner.
    if (era.hasEnded(at) || era.standing(recordedAt).some(({ until }) => until !== null && isAfter(at, until))) return;
    era.ends = [...era.ends.filter(end => end.id !== data.suspensionId), { id: data.suspensionId, at }];
    era.spells = era.spells.flatMap(spell => this.after(spell, at, recordedAt, data.suspensionId));
  }

  private after(spell: Spell, at: string, recordedAt: string, ended: string): Spell[] {
    if (spell.until !== null && !isAfter(spell.until, recordedAt)) return [spell];
    const isToCome = isAfter(spell.from, recordedAt) && !isBefore(spell.from, at);
    if (!isToCome) return isBefore(spell.from, at) ? [{ ...spell, until: at }] : [];
    const id = spell.id === ended ? spell.ownId : spell.id;
    this.suspensionIds.add(id);
    return [{ ...spell, id, until: null }];
  }

  private era(at: string): Era | undefined {
    return this.eras.findLast(({ signed }) => !isAfter(signed, at));
  }

  at(instant: string): Known {
    const era = this.era(instant);
    const spells = era?.standing(instant) ?? [];
    const [first] = spells;
    const isInForce = era && era.inForce !== null && !isAfter(era.inForce, instant);
    const standing = !era
      ? 'unsigned'
      : era.hasEnded(instant)
        ? 'terminated'
        : !isInForce
          ? 'signed'
          : !first
            ? 'in-force'
            : scopeOf(spells) === 'all'
              ? 'suspended'
              : 'transfers-suspended';
    return {
      standing,
      inForceFrom: isInForce ? era.inForce : null,
      suspension: first ? { suspensionId: first.id, from: first.from, scope: scopeOf(spells) } : null,
    };
  }

  /** Whether a suspension was in effect by now that had not begun, or was not told, when somebody saw the agreement. */
  suspendedSince(seen: { readonly at: string; readonly revision: number }, now: string): boolean {
    return this.announced.some(({ from, revision }) => !isAfter(from, now) && (isAfter(from, seen.at) || revision > seen.revision));
  }

  /** The suspensions that a reinstatement had ended by then. */
  endedBy(instant: string): string[] {
    return this.eras.flatMap(era => era.endsUntil(instant).map(({ id }) => id));
  }

  /** Whenever something begins or ends. */
  instants(): string[] {
    return this.eras
      .flatMap(({ signed, inForce, end, spells }) => [signed, inForce, end, ...spells.flatMap(({ from, until }) => [from, until])])
      .filter(each => each !== null);
  }
}

const scopeOf = (spells: readonly Spell[]): 'all' | 'transfers' => (spells.some(({ scope }) => scope === 'all') ? 'all' : 'transfers');
