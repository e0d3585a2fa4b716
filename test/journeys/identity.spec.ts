import { randomUUID } from 'node:crypto';
import { EventStore } from '../../src/event-store/event-store.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, eventually, faultsOf, MARK, refused, World, type Json, type Stored } from '../support/world.js';

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

test('what is taken away is gone, for the rest null stays a fault, and nobody is without a name', async () => {
  const contact = `${MARK}: ask at the shelter`;
  const told = { sex: 'female', alienNumber: '7654321', habitualResidence: 'SV', contact, heldAt: 'county-jail', birthDateEstimated: true };
  const caseId = await world.open({ ...told, birthDate: '1995-05-17' });
  expect(await applicantOf(caseId)).toMatchObject({ ...told, alienNumber: 'A007654321' });
  const stored = (await world.events(caseId))[0];
  expect(stored?.data['applicant']).toMatchObject({ heldAt: 'county-jail', birthDateEstimated: true });
  expect(JSON.stringify(stored?.data)).not.toContain(MARK);

  const nothing = Object.fromEntries(Object.keys(told).map(field => [field, null]));
  expect(done(await correct(caseId, { ...nothing, givenNames: null })).body).toMatchObject({ events: [{ type: 'ApplicantCorrected' }] });
  for (const field of [...Object.keys(told), 'givenNames']) expect(await applicantOf(caseId)).not.toHaveProperty(field);
  const faults = async (applicant: Json) => faultsOf(refused(await correct(caseId, applicant), 400, 'validation-failed'));
  expect(await faults({ familyName: null })).toEqual(['/applicant/familyName invalid']);
  expect(await faults({ givenNames: null, familyName: null })).toEqual(['/applicant/familyName invalid']);
  expect(await faultsAtOpening({ heldAt: 'County Jail', contact: ' ' })).toEqual([
    '/applicant/contact invalid',
    '/applicant/heldAt invalid',
  ]);
  for (const field of ['birthDate', 'nationalities', 'languages', 'accompaniedBy', 'nationalityUnknown', 'otherNames', 'otherAlienNumbers'])
    expect(await faults({ [field]: null })).toEqual([`/applicant/${field} invalid`]);
  for (const field of Object.keys(told)) expect(await faults({ [field]: {} })).toEqual([`/applicant/${field} invalid`]);
});

test('an estimated birth date counts on the safe side', async () => {
  const applicant = { birthDate: `${Number(world.now.slice(0, 4)) - 19}-01-01`, accompaniedBy: 'none' };
  const [estimated, known] = [await world.open({ ...applicant, birthDateEstimated: true }), await world.open(applicant)];
  expect(await world.file(estimated)).toMatchObject({ minorAtEncounter: true });
  expect(await world.file(known)).toMatchObject({ minorAtEncounter: false });
  done(await correct(known, { birthDateEstimated: true }));
  expect(await world.file(known)).toMatchObject({ minorAtEncounter: true });
});

test('what was stored in an earlier version is read in the forms of today, and shown to an auditor as it was stored', async () => {
  const caseId = await world.open();
  const { id, metadata } = (await world.events(caseId))[0] as Stored;
  const data = { applicant: { languages: ['iw', 'he', 'spa'] }, reasonCode: 'papers-seen', minorAtEncounter: false };
  const commandId = randomUUID();
  const event = { id: commandId, type: 'ApplicantCorrected', schemaVersion: 1, data };
  await caseledger.app.get(EventStore).append([
    {
      stream: `case-${caseId}`,
      expectedRevision: 0,
      events: [
        {
          ...event,
          metadata: { ...metadata, actor: { ...metadata.actor, office: 'ELP' }, commandId, commandHash: 'none', causationId: id },
        },
      ],
    },
  ]);
  const corrected = async () => (await applicantOf(caseId))['languages'];
  await expect(eventually('the correction', corrected, languages => JSON.stringify(languages) === '["he","es"]')).resolves.toBeTruthy();
  expect((await world.file(caseId))['corrections']).toMatchObject([{ fields: ['applicant.languages'] }]);
  expect((await world.events(caseId))[1]).toMatchObject(event);
});
