import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, faultsOf, MARK, refused, World, type Json } from '../support/world.js';

/* Who somebody is, as people write it and as it is kept. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const applicantOf = async (caseId: string) => (await world.file(caseId))['applicant'] as Json;
const correct = (caseId: string, applicant: Json) =>
  world.staff.worker.post(`cases/${caseId}/correct-applicant`, { applicant, reasonCode: 'typing-error' });
const faultsAtOpening = async (applicant: Json) =>
  faultsOf(refused(await world.staff.worker.post('cases', world.intake(applicant)), 400, 'validation-failed'));

test.each([
  ['A98765432', 'A098765432'],
  ['a 098-765-432', 'A098765432'],
  ['A# 98.765.433', 'A098765433'],
  ['7654321', 'A007654321'],
])('the alien number %s is kept as %s', async (written, kept) => {
  const caseId = await world.open({ alienNumber: written, otherAlienNumbers: ['#300 000 001'] });
  expect(await applicantOf(caseId)).toMatchObject({ alienNumber: kept, otherAlienNumbers: ['A300000001'] });
  expect((await world.events(caseId))[0]?.personal).toMatchObject({ applicant: { alienNumber: kept } });
  expect(done(await correct(caseId, { alienNumber: written.replace('A', '') })).body).toMatchObject({ events: [] });
});

test('a number that is none, or told twice, is told where', async () => {
  for (const alienNumber of ['A123456', 'A1234567890', '098765432A', 'A9876\u200b5432', ''])
    expect(await faultsAtOpening({ alienNumber })).toEqual(['/applicant/alienNumber invalid']);
  const numbers = { alienNumber: 'A98765432', otherAlienNumbers: ['7654321', '098-765-432'] };
  expect(await faultsAtOpening(numbers)).toEqual(['/applicant/otherAlienNumbers/1 invalid']);
  expect(await faultsAtOpening({ otherAlienNumbers: ['7654321', 'A007654321'] })).toEqual(['/applicant/otherAlienNumbers/1 invalid']);
  const caseId = await world.open({ alienNumber: 'A98765432' });
  const faults = faultsOf(refused(await correct(caseId, { otherAlienNumbers: ['98.765.432'] }), 400, 'validation-failed'));
  expect(faults).toEqual(['/applicant/otherAlienNumbers/0 invalid']);
});

test('one of two names is enough, none is not; other names are kept beside', async () => {
  const otherNames = [{ givenNames: `${MARK} Lucha` }, { familyName: `${MARK}-Former` }];
  const caseId = await world.open({ givenNames: undefined, otherNames });
  const applicant = await applicantOf(caseId);
  expect(applicant).toMatchObject({ familyName: expect.stringContaining(MARK), otherNames });
  expect(applicant).not.toHaveProperty('givenNames');
  expect(await faultsAtOpening({ givenNames: undefined, familyName: undefined })).toEqual(['/applicant/familyName missing']);
  expect(await faultsAtOpening({ otherNames: [{ givenNames: 'Lucha' }, {}] })).toEqual(['/applicant/otherNames/1/familyName missing']);
  expect(await faultsAtOpening({ otherNames: [{ givenNames: 'Lucha' }, { givenNames: ' Lucha' }] })).toEqual([
    '/applicant/otherNames/1 invalid',
  ]);
  expect(await faultsAtOpening({ otherNames: [{ familyName: '\u200b' }] })).toEqual(['/applicant/otherNames/0/familyName invalid']);
});
