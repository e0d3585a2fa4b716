import type { FactReader, HistoryReader, Placed } from '../event-store/ledger.js';
import type { FamilyEvent } from './family.events.js';
import { familyStream, isParted, membershipStream, type Family, type Membership } from './family.state.js';

export { isParted };
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

type Correction = Extract<FamilyEvent, { type: 'FamilyRelationshipCorrected' | 'FamilyMemberRemoved' }>;

/** Which ties were corrected after a revision, and of whom. */
export async function correctionsAfter(
  read: HistoryReader,
  familyUnitId: string,
  revision: number,
): Promise<{ readonly type: Correction['type']; readonly caseId: string; readonly revision: number }[]> {
  const history = await read.history(familyStream, familyUnitId);
  return history
    .filter((event): event is Placed<Correction> => event.type === 'FamilyRelationshipCorrected' || event.type === 'FamilyMemberRemoved')
    .filter(event => event.revision > revision)
    .map(event => ({ type: event.type, caseId: event.data.caseId, revision: event.revision }));
}

/** Those who must travel with a case: its family's other members, but for whom a separation parts from it. */
export async function companionsOf(read: FactReader, caseId: string): Promise<string[]> {
  const familyUnitId = await familyUnitOf(read, caseId);
  if (familyUnitId === null) return [];
  const family = await familyFacts(read, familyUnitId);
  return family.members.map(member => member.caseId).filter(other => other !== caseId && !isParted(family, caseId, other));
}
