import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { familiesIn } from '../support/families.js';
import { done, MARK, refused, World } from '../support/world.js';

/* A family travels together, or by the leave of two officers apart. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const { familyOf, familyPost, holdsOf, separate } = familiesIn(() => world);

it('a case is in one family, and shown in its file', async () => {
  const [mother, child] = [await world.open(), await world.open({ birthDate: '2012-03-01', accompaniedBy: 'parent' })];
  const familyUnitId = await familyOf([mother, 'parent'], [child, 'child']);
  expect((await world.file(child))['familyUnitId']).toBe(familyUnitId);
  expect(done(await familyPost(familyUnitId, 'add-member', { caseId: child, relationshipCode: 'child' })).body['events']).toEqual([]);
  const other = await familyOf();
  refused(await familyPost(other, 'add-member', { caseId: child, relationshipCode: 'child' }), 409, 'already-exists');
  refused(
    await familyPost(other, 'add-member', { caseId: '00000000-0000-4000-8000-000000000000', relationshipCode: 'cousin' }),
    404,
    'not-found',
  );
  const body = await world.read(world.staff.supervisor, `/v1/families/${familyUnitId}`);
  expect(body).toMatchObject({
    familyUnitId,
    members: [
      { caseId: mother, relationshipCode: 'parent' },
      { caseId: child, relationshipCode: 'child' },
    ],
    separations: [],
  });
  const { worker, supervisor } = world.staff;
  refused(await worker.get(`/v1/families/${familyUnitId}`), 403, 'role-not-allowed');
  const allowed = async (by = worker) => (await world.read(by, `/v1/families/${familyUnitId}/allowed-commands`))['allowed'];
  expect(await allowed()).toEqual(['AddMember', 'ProposeSeparation']);
  expect(await allowed(supervisor)).toContain('AuthoriseSeparation');
});

it('a family belongs to the offices that have a case of it, and to no other', async () => {
  const { worker, workerElsewhere, supervisor, supervisorElsewhere } = world.staff;
  const [mother, uncle, child] = [
    await world.open(),
    await world.open(),
    await world.open({ birthDate: '2012-03-01', accompaniedBy: 'parent' }),
  ];
  const cousin = await world.open();
  const familyUnitId = await familyOf([mother, 'parent'], [child, 'child']);
  refused(
    await familyPost(familyUnitId, 'add-member', { caseId: cousin, relationshipCode: 'cousin' }, workerElsewhere),
    403,
    'other-office',
  );
  refused(
    await familyPost(familyUnitId, 'add-member', { caseId: child, relationshipCode: 'child' }, supervisorElsewhere),
    403,
    'other-office',
  );
  refused(
    await familyPost(
      familyUnitId,
      'add-member',
      { caseId: '00000000-0000-4000-8000-000000000000', relationshipCode: 'cousin' },
      workerElsewhere,
    ),
    403,
    'other-office',
  );
  const { allowed, refused: refusedThere } = await world.read(supervisorElsewhere, `/v1/families/${familyUnitId}/allowed-commands`);
  expect(allowed).toEqual([]);
  for (const { codes, messages } of refusedThere as { codes: string[]; messages: string[] }[])
    expect([codes, messages]).toEqual([['other-office'], ['No case of the family belongs to your office.']]);
  done(await familyPost(familyUnitId, 'add-member', { caseId: uncle, relationshipCode: 'uncle' }));
  for (const by of [workerElsewhere, supervisorElsewhere]) {
    refused(
      await familyPost(familyUnitId, 'propose-separation', { caseIds: [uncle], reasons: `${MARK} reasons` }, by),
      403,
      'other-office',
    );
    refused(
      await familyPost(familyUnitId, 'propose-separation', { caseIds: [cousin], reasons: `${MARK} reasons` }, by),
      403,
      'other-office',
    );
  }
  done(await separate(familyUnitId, [uncle]));
  const { separations } = await world.read(supervisor, `/v1/families/${familyUnitId}`);
  const [{ proposalId }] = separations as [{ proposalId: string }];
  refused(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, supervisorElsewhere), 403, 'other-office');
  refused(await familyPost(familyUnitId, 'authorise-separation', { proposalId: familyUnitId }, supervisorElsewhere), 403, 'other-office');
  expect((await world.read(supervisor, `/v1/families/${familyUnitId}`))['separations']).toMatchObject([{ authorisedBy: null }]);

  // With a case handed over, the family is theirs too; with the last one it is no longer ours.
  await world.act(supervisor, uncle, 'hand-over-case', { toOffice: 'LRD', reasonCode: 'moved' });
  done(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, supervisorElsewhere));
  done(await familyPost(familyUnitId, 'add-member', { caseId: cousin, relationshipCode: 'cousin' }, workerElsewhere));
  for (const caseId of [mother, child, cousin])
    await world.act(supervisor, caseId, 'hand-over-case', { toOffice: 'LRD', reasonCode: 'moved' });
  refused(
    await familyPost(familyUnitId, 'propose-separation', { caseIds: [cousin], reasons: `${MARK} reasons` }, worker),
    403,
    'other-office',
  );
});

it('the first member of a family is added by whoever formed it, of whatever office', async () => {
  const [ours, theirs] = [await world.open(), await world.open({}, world.staff.workerElsewhere)];
  const familyUnitId = await familyOf();
  refused(await familyPost(familyUnitId, 'propose-separation', { caseIds: [ours], reasons: `${MARK} reasons` }), 403, 'other-office');
  done(await familyPost(familyUnitId, 'add-member', { caseId: theirs, relationshipCode: 'parent' }));
  refused(await familyPost(familyUnitId, 'add-member', { caseId: ours, relationshipCode: 'child' }), 403, 'other-office');
  done(await familyPost(familyUnitId, 'add-member', { caseId: ours, relationshipCode: 'child' }, world.staff.workerElsewhere));
});

it('a separation is proposed by one and authorised by another, and leaves no minor alone', async () => {
  const [mother, uncle, child] = [
    await world.open(),
    await world.open(),
    await world.open({ birthDate: '2012-03-01', accompaniedBy: 'parent' }),
  ];
  const familyUnitId = await familyOf([mother, 'parent'], [uncle, 'uncle'], [child, 'child']);
  refused(await separate(familyUnitId, [mother]), 409, 'minor-alone');
  refused(await separate(familyUnitId, [child, uncle]), 409, 'minor-alone');
  done(await familyPost(familyUnitId, 'propose-separation', { caseIds: [uncle], reasons: `${MARK} reasons` }, world.staff.supervisor));
  const { separations } = await world.read(world.staff.supervisor, `/v1/families/${familyUnitId}`);
  const [{ proposalId }] = separations as [{ proposalId: string }];
  refused(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, world.staff.supervisor), 409, 'same-officer');
  done(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, world.staff.secondSupervisor));
  expect(done(await familyPost(familyUnitId, 'authorise-separation', { proposalId }, world.staff.secondSupervisor)).body['events']).toEqual(
    [],
  );
});

it('nobody flies while a member must stay; who is held for another is released when all are on the way', async () => {
  const [one, two] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
  await familyOf([one, 'spouse'], [two, 'spouse']);
  const alone = await world.draft([one]);
  refused(await world.approve(alone), 409, 'family-separated');

  const { body } = done(await world.act(world.staff.worker, two, 'place-hold', { kind: 'medical' }));
  expect(body['revision']).toBeDefined();
  await caseledger.settled();
  expect([await holdsOf(one), await holdsOf(two)]).toEqual([['family'], ['medical']]);
  const [medical] = (await world.file(two)).holds;
  done(await world.act(world.staff.supervisor, two, 'release-hold', { holdId: medical?.holdId ?? '' }));
  await caseledger.settled();
  expect([await holdsOf(one), await holdsOf(two)]).toEqual([[], []]);

  const together = await world.schedule([one, two]);
  expect((await world.manifest(together.manifestId)).passengers.map(({ caseId }) => caseId).sort()).toEqual([one, two].sort());
});

it('a membership whose command died in between is finished', async () => {
  const familyUnitId = await familyOf();
  const caseId = await world.open();
  const [{ Ledger }, { TakeMembership }, { membershipStream }] = await Promise.all([
    import('../../src/event-store/ledger.js'),
    import('../../src/families/family.commands.js'),
    import('../../src/families/family.state.js'),
  ]);
  const commandId = '5a0d7a8e-1d59-4a7e-9a52-1b7f6f1c2d3e';
  const taking = Object.assign(new TakeMembership(), {
    familyUnitId,
    relationshipCode: 'sibling',
    streamId: caseId,
    context: {
      actor: { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' },
      commandId,
      correlationId: commandId,
      causationId: commandId,
      now: world.in(0),
    },
  });
  await caseledger.app.get(Ledger, { strict: false }).decide(taking, {
    kind: membershipStream,
    creates: true,
    rule: async () => [{ type: 'FamilyMembershipTaken' as const, data: { familyUnitId, relationshipCode: 'sibling' } }],
  });
  await world.pass({ hours: 1 });
  const body = await world.read(world.staff.supervisor, `/v1/families/${familyUnitId}`);
  expect(body['members']).toEqual([{ caseId, relationshipCode: 'sibling' }]);
});
