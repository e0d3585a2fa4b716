import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, refused, World, type Json } from '../support/world.js';

/* Two files that may be one person's, as the people who work with them see it. */

let caseledger: Caseledger;
let world: World;
beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

interface Row extends Json {
  readonly caseId: string;
  readonly standing: string;
}
const listOf = async (caseId: string, by = world.staff.worker): Promise<readonly Row[]> =>
  (await world.read<{ rows: readonly Row[] }>(by, `/v1/cases/${caseId}/possible-duplicates`)).rows;
const hintsOf = async (caseId: string): Promise<unknown> => (await world.file(caseId))['possibleDuplicates'];

describe('possible duplicates', () => {
  test('are listed with what tells two people apart, of any office, and each is recorded as read', async () => {
    const who = { givenNames: 'José Ángel', familyName: 'Pérez Núñez', birthDate: '1985-03-07' };
    const one = await world.open({ ...who, sex: 'male', alienNumber: 'A98765432' });
    const byNumber = await world.open({ alienNumber: 'A300000007', otherAlienNumbers: ['a 098-765-432'] }, world.staff.workerElsewhere);
    const byName = await world.open({ ...who, familyName: 'Nunez-Perez', birthDate: '1985-07-03' });
    const caseIds = [byNumber, byName].toSorted();
    expect(await hintsOf(one)).toEqual(caseIds);
    const rows = await listOf(one);
    expect(rows.map(({ caseId }) => caseId)).toEqual(caseIds);
    expect(rows.find(({ caseId }) => caseId === byNumber)).toMatchObject({
      basis: ['alien-number'],
      office: 'LRD',
      status: 'opened',
      standing: 'open',
      applicant: { alienNumber: 'A300000007', otherAlienNumbers: ['A098765432'], nationalities: ['HN'] },
    });
    const shown = rows.find(({ caseId }) => caseId === byName);
    expect(shown).toMatchObject({ basis: ['name'], office: 'ELP', standing: 'open', applicant: { familyName: 'Nunez-Perez' } });
    expect(Object.keys(shown?.['applicant'] as object).toSorted()).toEqual([
      'alienNumber',
      'birthDate',
      'familyName',
      'givenNames',
      'nationalities',
    ]);
    const { staff } = world;
    for (const caseId of [one, ...caseIds]) {
      const reads: StoredEvent[] = [];
      for await (const batch of caseledger.app.get(EventStore).readStream(`access-${caseId}`)) reads.push(...batch);
      expect(reads.filter(({ data }) => data['what'] === 'possible-duplicates')).toMatchObject([
        { type: 'CaseFileRead', metadata: { actor: { id: staff.worker.sub } } },
      ]);
    }
    refused(await staff.workerElsewhere.get(`/v1/cases/${one}/possible-duplicates`), 403, 'other-office');
    refused(await staff.worker.get(`/v1/cases/${randomUUID()}/possible-duplicates`), 404, 'not-found');
  });

  test('are dismissed or merged, and are no hint any more', async () => {
    const { supervisor, worker } = world.staff;
    const one = await world.open({ alienNumber: 'A400000001' });
    const [other, same] = [await world.open({ alienNumber: 'A400000001' }), await world.open({ alienNumber: 'A400000001' })];
    refused(await worker.post(`cases/${one}/dismiss-duplicate`, { of: other, reasonCode: 'another-person' }), 403, 'role-not-allowed');
    await world.act(supervisor, one, 'dismiss-duplicate', { of: other, reasonCode: 'another-person' });
    await world.act(worker, same, 'record-vulnerability', { kind: 'pregnancy' });
    await world.act(supervisor, same, 'mark-as-duplicate', { of: one });
    await caseledger.settled();
    const standing = async (caseId: string) => (await listOf(caseId)).map(row => [row.caseId, row.standing]).toSorted();
    expect(await standing(one)).toEqual(
      [
        [other, 'dismissed'],
        [same, 'merged'],
      ].toSorted(),
    );
    expect(await hintsOf(one)).toEqual([]);
    expect(await world.file(one)).toMatchObject({
      merged: [same],
      vulnerabilities: [{ kind: 'pregnancy', detail: null, from: { caseId: same } }],
    });
    expect(await standing(other)).toContainEqual([one, 'dismissed']);
    await world.act(worker, other, 'correct-applicant', { applicant: { alienNumber: 'A400000002' }, reasonCode: 'typing-error' });
    expect(await standing(other)).toEqual([]);
    await world.act(worker, other, 'correct-applicant', { applicant: { alienNumber: 'A400000001' }, reasonCode: 'typing-error' });
    expect(await hintsOf(one)).toEqual([other]);
    expect(done(await supervisor.get(`/v1/cases/${one}/timeline`)).text).toContain(
      `Possible duplicate: the case ${other} bears an alien number of this person`,
    );
  });
});
