import { done, MARK, type Json, type World } from './world.js';

/** What journeys do with families. */
export const familiesIn = (world: () => World) => {
  const familyPost = (familyUnitId: string, command: string, body: Json, by = world().staff.worker) =>
    by.post(`families/${familyUnitId}/${command}`, body);
  return {
    familyPost,
    /** Which kinds of hold stand in the file. */
    holdsOf: async (caseId: string): Promise<string[]> => (await world().file(caseId)).holds.map(({ kind }) => kind),
    familyOf: async (...members: (readonly [caseId: string, relationshipCode: string])[]): Promise<string> => {
      const { body } = done(await world().staff.worker.post('families', {}), 201);
      const familyUnitId = String(body['familyUnitId']);
      for (const [caseId, relationshipCode] of members) done(await familyPost(familyUnitId, 'add-member', { caseId, relationshipCode }));
      return familyUnitId;
    },
    separate: (familyUnitId: string, caseIds: readonly string[]) =>
      familyPost(familyUnitId, 'propose-separation', { caseIds, reasons: `${MARK} reasons` }),
  };
};
