// Guarded in every run by journeys/families, families/family.rules, processes/family-holds, processes/family-corrections.
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { familiesIn } from '../support/families.js';
import { done, refused, World } from '../support/world.js';

/* Who is held for whom, where what was known of a family changes. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const { familyOf, familyPost, holdsOf, separate } = familiesIn(() => world);

it('a file that is closed as a duplicate does not count: nobody is held for it, waits for it or is looked after by it', async () => {
  const { worker, supervisor } = world.staff;
  const [mother, duplicate, child] = [
    await world.caseAt('accepted'),
    await world.open(),
    await world.caseAt('accepted', { birthDate: '2012-03-01', accompaniedBy: 'parent' }),
  ];
  const familyUnitId = await familyOf([mother, 'parent'], [duplicate, 'parent'], [child, 'child']);
  // Of its own file alone: a hold of another kind goes over to the file that goes on.
  await world.act(worker, duplicate, 'place-hold', { kind: 'new-information' });
  await caseledger.settled();
  expect([await holdsOf(mother), await holdsOf(child)]).toEqual([['family'], ['family']]);

  refused(await supervisor.post(`cases/${duplicate}/mark-as-duplicate`, { of: duplicate }), 400, 'validation-failed');
  await world.act(supervisor, duplicate, 'mark-as-duplicate', { of: mother });
  expect(await world.file(duplicate)).toMatchObject({ status: 'closed', duplicateOf: mother });
  expect([await holdsOf(mother), await holdsOf(child)]).toEqual([[], []]);
  refused(await separate(familyUnitId, [mother]), 409, 'minor-alone');

  // Two files of two people after all: the family waits again.
  await world.act(supervisor, duplicate, 'reopen-case', { reasonCode: 'not-the-same' });
  expect([await world.statusOf(duplicate), await holdsOf(mother), await holdsOf(child)]).toEqual(['opened', ['family'], ['family']]);
  await world.act(supervisor, duplicate, 'mark-as-duplicate', { of: mother });
  await caseledger.settled();
  const { manifestId } = await world.schedule([mother, child]);
  expect((await world.manifest(manifestId)).passengers).toHaveLength(2);
  await world.act(worker, child, 'place-hold', { kind: 'medical' });
  expect([await holdsOf(mother), await holdsOf(duplicate)]).toEqual([['family'], ['new-information']]);
});

it('a stranger who was taken for a parent: what relied on it falls, and whoever does not belong can join another family', async () => {
  const { supervisor, secondSupervisor, worker } = world.staff;
  const [mother, child, stranger] = [
    await world.caseAt('accepted'),
    await world.caseAt('accepted', { birthDate: '2012-03-01', accompaniedBy: 'parent' }),
    await world.caseAt('accepted'),
  ];
  const familyUnitId = await familyOf([mother, 'parent'], [child, 'child'], [stranger, 'parent']);
  refused(await familyPost(familyUnitId, 'add-member', { caseId: stranger, relationshipCode: 'aunt' }), 409, 'already-exists');
  done(await separate(familyUnitId, [mother]));
  const [{ proposalId }] = (await world.read(supervisor, `/v1/families/${familyUnitId}`))['separations'] as [{ proposalId: string }];
  done(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, secondSupervisor));
  const flight = await world.schedule([child, stranger]);

  const correction = { caseId: stranger, relationshipCode: 'other-adult', reasonCode: 'told-wrongly' };
  refused(await familyPost(familyUnitId, 'correct-relationship', correction), 403, 'role-not-allowed');
  const corrected = done(await familyPost(familyUnitId, 'correct-relationship', correction, supervisor)).body['events'];
  expect(corrected).toMatchObject([{ type: 'FamilyRelationshipCorrected' }, { type: 'SeparationVoided' }]);
  expect(done(await familyPost(familyUnitId, 'correct-relationship', correction, supervisor)).body['events']).toEqual([]);
  await caseledger.settled();
  expect(await world.manifest(flight.manifestId)).toMatchObject({
    status: 'drafted',
    passengers: [{ cleared: false }, { cleared: false }],
  });
  expect([await world.statusOf(child), await world.statusOf(stranger)]).toEqual(['transfer-accepted', 'transfer-accepted']);

  const removal = { caseId: mother, reasonCode: 'another-person' };
  const { body } = done(await familyPost(familyUnitId, 'remove-member', removal, supervisor));
  expect(body['events']).toMatchObject([{ type: 'FamilyMemberRemoved' }]);
  refused(await familyPost(familyUnitId, 'remove-member', removal, supervisor), 404, 'not-found');
  expect((await world.file(mother))['familyUnitId']).toBeNull();
  const other = await familyOf([mother, 'parent']);
  await world.act(worker, child, 'place-hold', { kind: 'medical' });
  await caseledger.settled();
  expect((await world.file(mother))['familyUnitId']).toBe(other);
  expect([await holdsOf(mother), await holdsOf(stranger)]).toEqual([[], ['family']]);
  done(await familyPost(familyUnitId, 'remove-member', { caseId: stranger, reasonCode: 'another-person' }, supervisor));
  await caseledger.settled();
  expect(await holdsOf(stranger)).toEqual([]);
});

it('a minor is parted from nobody who looks after it by a separation that was authorised when another adult did', async () => {
  const { worker, secondSupervisor, liaison } = world.staff;
  const [mother, father, child] = [
    await world.caseAt('accepted'),
    await world.caseAt('accepted'),
    await world.caseAt('accepted', { birthDate: '2012-03-01', accompaniedBy: 'parent' }),
  ];
  const familyUnitId = await familyOf([mother, 'parent'], [father, 'parent'], [child, 'child']);
  done(await separate(familyUnitId, [mother]));
  const [{ proposalId }] = (await world.read(liaison, `/v1/families/${familyUnitId}`))['separations'] as [{ proposalId: string }];
  done(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, secondSupervisor));
  const flight = await world.schedule([father, child]);
  await world.board(flight);
  await world.act(worker, father, 'record-death');
  await caseledger.settled();
  expect((await world.manifest(flight.manifestId)).passengers).toMatchObject([{ caseId: child, cleared: true }]);
  refused(await liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: [child] }), 409, 'minor-alone');
  refused(await world.approve(await world.draft([mother])), 409, 'minor-alone');
  done(await liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: [] }));
  await caseledger.settled();
  await world.schedule([mother, child]);
});
