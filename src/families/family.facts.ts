import type { Position } from '../event-store/event-store.js';
import type { FactReader, HistoryReader, Placed } from '../event-store/fact-reader.js';
import type { FamilyEvent } from './family.events.js';
import { partsMinor } from './family.rules.js';
import { familyStream, isParted, membershipStream, type Family, type Membership } from './family.state.js';

export { partsMinor };
export type { Family };

export async function membershipOf(read: FactReader, caseId: string): Promise<Membership> {
  return (await read.read(membershipStream, caseId)).state;
}

/** The family that a case is in; null where it is in none. */
export async function familyUnitOf(read: FactReader, caseId: string): Promise<string | null> {
  return (await membershipOf(read, caseId)).familyUnitId;
}

export async function familyFacts(read: FactReader, familyUnitId: string): Promise<Family> {
  return (await read.read(familyStream, familyUnitId)).state;
}

type Corrected = Extract<FamilyEvent, { type: 'FamilyRelationshipCorrected' | 'FamilyMemberRemoved' }>;

/** A tie that was corrected, and of whom. */
export interface Correction {
  readonly type: Corrected['type'];
  readonly familyUnitId: string;
  readonly caseId: string;
  readonly revision: number;
}

/** Which ties of a family were corrected after a revision. */
export async function correctionsAfter(read: HistoryReader, familyUnitId: string, revision: number): Promise<Correction[]> {
  const history = await read.history(familyStream, familyUnitId);
  return history
    .filter((event): event is Placed<Corrected> => event.type === 'FamilyRelationshipCorrected' || event.type === 'FamilyMemberRemoved')
    .filter(event => event.revision > revision)
    .map(event => ({ type: event.type, familyUnitId, caseId: event.data.caseId, revision: event.revision }));
}

/** The families that a case joined after a revision of its membership, and where its tie begins in each. */
export async function joinedAfter(
  read: HistoryReader,
  caseId: string,
  revision: number,
): Promise<{ readonly familyUnitId: string; readonly tiedAt: number }[]> {
  if ((await read.read(membershipStream, caseId)).revision <= revision) return [];
  const joined = (await read.history(membershipStream, caseId)).flatMap(event =>
    event.type === 'FamilyMembershipTaken' && event.revision > revision ? [event.data.familyUnitId] : [],
  );
  return Promise.all(
    [...new Set(joined)].map(async familyUnitId => {
      const added = (await read.history(familyStream, familyUnitId)).findLast(
        ({ type, data }) => type === 'FamilyMemberAdded' && data.caseId === caseId,
      );
      return { familyUnitId, tiedAt: added?.revision ?? Infinity };
    }),
  );
}

/** The revision of its membership at which a case last joined a family; -1 where it never did. */
export async function joinedAt(read: HistoryReader, caseId: string, familyUnitId: string): Promise<number> {
  const history = await read.history(membershipStream, caseId);
  return history.findLast(({ type, data }) => type === 'FamilyMembershipTaken' && data.familyUnitId === familyUnitId)?.revision ?? -1;
}

/** Those who must travel with a case: its family's other members, but for whom a separation parts from it. */
export async function companionsOf(read: FactReader, caseId: string): Promise<string[]> {
  const familyUnitId = await familyUnitOf(read, caseId);
  if (familyUnitId === null) return [];
  const family = await familyFacts(read, familyUnitId);
  return family.members.map(member => member.caseId).filter(other => other !== caseId && !isParted(family, caseId, other));
}

/** Whom what is sealed in the family's stream may be about, and the place of the newest of it among all events. */
export async function sealedInFamily(
  read: HistoryReader,
  familyUnitId: string,
): Promise<{ readonly caseIds: readonly string[]; readonly newest: Position | undefined }> {
  const history = await read.history(familyStream, familyUnitId);
  return {
    caseIds: history.flatMap(event => (event.type === 'FamilyMemberAdded' ? [event.data.caseId] : [])),
    newest: history.findLast(({ type }) => type === 'SeparationProposed')?.position,
  };
}
