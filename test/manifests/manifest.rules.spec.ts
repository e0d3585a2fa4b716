import { describe, expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { ManifestEvent } from '../../src/manifests/manifest.events.js';
import * as rules from '../../src/manifests/manifest.rules.js';
import { manifestStream, type Manifest, type ManifestStatus } from '../../src/manifests/manifest.state.js';
import { manifestUseCases } from '../../src/manifests/manifest.use-cases.js';
import { decided, folded, person, refused, told, type Told } from '../support/given.js';

const manifests = { kind: manifestStream, book: rules.manifestRuleBook };
const gus = person('li-gus', 'liaison');
const dina = person('sup-dina', 'supervisor');
const [FLIGHT, OTHER_FLIGHT] = ['flight-1', 'flight-2'];
const [ANN, BEN, CLEO, NOBODY] = ['case-ann', 'case-ben', 'case-cleo', 'case-nobody'];

const drafted = told<ManifestEvent>(
  { type: 'ManifestDrafted', data: { country: 'GT', flight: 'GT101', departsAt: '2020-01-22T15:00:00Z', week: '2020-W04' } },
  { by: gus },
);
const added = (caseId: string): ManifestEvent => ({ type: 'PassengerAdded', data: { caseId } });
const removed = (caseId: string): ManifestEvent => ({ type: 'PassengerRemoved', data: { caseId, reasonCode: 'ill' } });
const approved = (...passengers: string[]) =>
  told<ManifestEvent>({ type: 'ManifestApproved', data: { revision: passengers.length, passengers } }, { by: dina });
const boarding = (...passengers: string[]): ManifestEvent => ({ type: 'BoardingOpened', data: { passengers } });
const departed = (boarded: string[], leftBehind: string[] = []) =>
  told<ManifestEvent>(
    { type: 'FlightDeparted', data: { boarded, leftBehind } },
    { at: '2020-01-22T16:00:00Z', occurredAt: '2020-01-22T15:00:00Z' },
  );
const arrived = (...caseIds: string[]): ManifestEvent => ({ type: 'ArrivalConfirmed', data: { arrived: caseIds } });
const cancelled = (...passengers: string[]): ManifestEvent => ({ type: 'FlightCancelled', data: { reasonCode: 'weather', passengers } });
const manifest = (...history: (ManifestEvent & Told)[]): Manifest => folded(manifestStream, history);

const requested = (country: 'GT' | 'HN'): CaseEvent => ({
  type: 'TransferRequested',
  data: { requestId: 'request', country, replyDueAt: '2020-01-27T00:00:00Z' },
});
const accepted: CaseEvent = {
  type: 'TransferAccepted',
  data: { requestId: 'request', acceptanceId: 'acceptance', validUntil: '2020-03-13T00:00:00Z' },
};
const scheduled = (manifestId: string): CaseEvent => ({
  type: 'TransferScheduled',
  data: { manifestId, placeWeek: '2020-W04', departsAt: '2020-01-22T15:00:00Z' },
});
const cleared = told<CaseEvent>(
  { type: 'BoardingCleared', data: { manifestId: FLIGHT, expiresAt: '2020-01-23T12:00:00Z' } },
  { at: '2020-01-22T12:00:00Z' },
);
const held: CaseEvent = { type: 'TransferHoldPlaced', data: { holdId: 'hold', kind: 'medical' } };
const released: CaseEvent = { type: 'TransferHoldReleased', data: { holdId: 'hold' } };
const asylumCase = (...history: (CaseEvent & Told)[]): AsylumCase => folded(caseStream, history);

const acceptedCase = asylumCase(requested('GT'), accepted);
const onBoard = asylumCase(requested('GT'), accepted, scheduled(FLIGHT), cleared);
const facts = (cases: Readonly<Record<string, AsylumCase | null>> = {}, more: object = {}) => ({
  cases: new Map(Object.entries({ [NOBODY]: null, ...cases })),
  manifestId: FLIGHT,
  familySeparated: false,
  minorParted: false,
  inForce: true,
  interruptedSince: () => false,
  actor: gus,
  ...more,
});

describe('a flight that is drafted', () => {
  const draft = (departsAt: string, week: string, now = '2020-01-20T12:00:00Z') =>
    decided(manifests, rules.draftManifest, { country: 'GT', flight: 'GT101', departsAt, week }, manifest(), { now });

  test('uses places of the week in which it departs, in UTC', async () => {
    expect(await draft('2020-02-01T15:00:00Z', '2020-W05')).toHaveLength(1);
    expect(await draft('2020-02-01T15:00:00Z', '2020-W30')).toEqual(refused('invalid /week'));
    expect(await draft('2020-12-31T23:59:59Z', '2020-W53')).toHaveLength(1);
    expect(await draft('2021-01-03T23:59:59Z', '2020-W53')).toHaveLength(1);
    expect(await draft('2021-01-04T00:00:00Z', '2020-W53')).toEqual(refused('invalid /week'));
  });

  test('does not depart in the past; both faults are told at once', async () => {
    expect(await draft('2020-01-20T12:00:00Z', '2020-W04')).toHaveLength(1);
    expect(await draft('2020-01-20T11:59:59Z', '2020-W04')).toEqual(refused('in-the-past /departsAt'));
    expect(await draft('2020-01-19T12:00:00Z', '2020-W04')).toEqual(refused('in-the-past /departsAt', 'invalid /week'));
  });
});

describe('passenger-not-ready', () => {
  const add = (found: AsylumCase) => decided(manifests, rules.addPassenger, { caseId: ANN }, manifest(drafted), facts({ [ANN]: found }));
  const approve = (found: AsylumCase) =>
    decided(manifests, rules.approve, { revision: 1 }, manifest(drafted, added(ANN)), facts({ [ANN]: found }, { actor: dina }));

  test.each([
    ['not yet accepted', asylumCase(requested('GT'))],
    ['accepted by another country', asylumCase(requested('HN'), accepted)],
    ['under a hold', asylumCase(requested('GT'), accepted, held)],
    ['scheduled on another flight', asylumCase(requested('GT'), accepted, scheduled(OTHER_FLIGHT))],
  ])('refuses a person who is %s', async (_, found) => {
    expect(await add(found)).toEqual(refused('passenger-not-ready'));
    expect(await approve(found)).toEqual(refused('passenger-not-ready'));
  });

  test.each([
    ['accepted', acceptedCase],
    ['under no hold any more', asylumCase(requested('GT'), accepted, held, released)],
    ['scheduled on this very flight', asylumCase(requested('GT'), accepted, scheduled(FLIGHT))],
  ])('takes a person who is %s', async (_, found) => {
    expect(await add(found)).toEqual([{ type: 'PassengerAdded', data: { caseId: ANN } }]);
    expect(await approve(found)).toEqual([{ type: 'ManifestApproved', data: { revision: 1, passengers: [ANN] } }]);
  });

  test('of several passengers one is enough', async () => {
    const both = facts({ [ANN]: acceptedCase, [BEN]: asylumCase(requested('GT')) }, { actor: dina });
    expect(await decided(manifests, rules.approve, { revision: 2 }, manifest(drafted, added(ANN), added(BEN)), both)).toEqual(
      refused('passenger-not-ready'),
    );
  });

  test('is not asked of who is on the manifest already: nothing is to do', async () => {
    expect(
      await decided(manifests, rules.addPassenger, { caseId: ANN }, manifest(drafted, added(ANN)), facts({ [ANN]: asylumCase() })),
    ).toEqual([]);
  });
});

describe('same-officer', () => {
  test('whoever drafted the manifest cannot approve it, another supervisor can', async () => {
    const byDina = manifest({ ...drafted, by: dina });
    expect(await decided(manifests, rules.approve, { revision: 0 }, byDina, facts({}, { actor: dina }))).toEqual(refused('same-officer'));
    expect(
      await decided(manifests, rules.approve, { revision: 0 }, byDina, facts({}, { actor: person('sup-emil', 'supervisor') })),
    ).toHaveLength(1);
  });

  test('comes before who is not ready', async () => {
    const outcome = await decided(
      manifests,
      rules.approve,
      { revision: 1 },
      manifest({ ...drafted, by: dina }, added(ANN)),
      facts({ [ANN]: asylumCase() }, { actor: dina }),
    );
    expect(outcome).toEqual(refused('same-officer', 'passenger-not-ready'));
  });
});

test('an approval names the revision that was seen', async () => {
  const changed = manifest(drafted, added(ANN), removed(ANN));
  expect(await decided(manifests, rules.approve, { revision: 1 }, changed, facts({}, { actor: dina }))).toEqual(
    refused('revision-mismatch'),
  );
  expect(await decided(manifests, rules.approve, { revision: 2 }, changed, facts({}, { actor: dina }))).toEqual([
    { type: 'ManifestApproved', data: { revision: 2, passengers: [] } },
  ]);
});

test('manifest-not-approved: boarding opens for what was approved as it stands', async () => {
  expect(await decided(manifests, rules.openBoarding, {}, manifest(drafted, added(ANN)), facts())).toEqual(
    refused('manifest-not-approved'),
  );
  expect(await decided(manifests, rules.openBoarding, {}, manifest(drafted, added(ANN), approved(ANN)), facts())).toEqual([
    { type: 'BoardingOpened', data: { passengers: [ANN] } },
  ]);
  const addedSince = manifest(drafted, added(ANN), approved(ANN), added(BEN));
  expect(addedSince).toMatchObject({ status: 'drafted', approvedBy: null });
  expect(await decided(manifests, rules.openBoarding, {}, addedSince, facts())).toEqual(refused('manifest-not-approved'));
  const removedSince = manifest(drafted, added(ANN), added(BEN), approved(ANN, BEN), removed(BEN));
  expect(await decided(manifests, rules.openBoarding, {}, removedSince, facts())).toEqual([
    { type: 'BoardingOpened', data: { passengers: [ANN] } },
  ]);
});

describe('not-cleared', () => {
  const ready = manifest(drafted, added(ANN), added(BEN), approved(ANN, BEN), boarding(ANN, BEN));
  const depart = (boarded: string[], cases: Readonly<Record<string, AsylumCase>>, occurredAt = '2020-01-22T15:00:00Z') =>
    decided(manifests, rules.depart, { boarded }, ready, facts(cases, { occurredAt }));

  test('nobody departs while the agreement is suspended, cleared or not; an empty flight may', async () => {
    const suspended = { inForce: false, occurredAt: '2020-01-22T15:00:00Z' };
    expect(await decided(manifests, rules.depart, { boarded: [ANN] }, ready, facts({ [ANN]: onBoard }, suspended))).toEqual(
      refused('not-cleared'),
    );
    expect(await decided(manifests, rules.depart, { boarded: [] }, ready, facts({}, suspended))).toHaveLength(1);
  });

  test('who was cleared departs, the others are left behind', async () => {
    expect(await depart([ANN], { [ANN]: onBoard })).toEqual([{ type: 'FlightDeparted', data: { boarded: [ANN], leftBehind: [BEN] } }]);
    expect(await depart([], {})).toEqual([{ type: 'FlightDeparted', data: { boarded: [], leftBehind: [ANN, BEN] } }]);
  });

  test.each([
    ['without a clearance', asylumCase(requested('GT'), accepted, scheduled(FLIGHT))],
    ['whose clearance a hold voided', asylumCase(requested('GT'), accepted, scheduled(FLIGHT), cleared, held)],
    ['cleared for another flight', asylumCase(requested('GT'), accepted, scheduled(OTHER_FLIGHT), cleared)],
  ])('refuses a person %s', async (_, found) => {
    expect(await depart([ANN, BEN], { [ANN]: onBoard, [BEN]: found })).toEqual(refused('not-cleared'));
  });

  test('a clearance holds until it expires, not after', async () => {
    expect(await depart([ANN], { [ANN]: onBoard }, '2020-01-23T12:00:00Z')).toHaveLength(1);
    expect(await depart([ANN], { [ANN]: onBoard }, '2020-01-23T12:00:01Z')).toEqual(refused('not-cleared'));
  });

  test('a clearance counts from when it was given', async () => {
    expect(await depart([ANN], { [ANN]: onBoard }, '2020-01-22T12:00:00Z')).toHaveLength(1);
    expect(await depart([ANN], { [ANN]: onBoard }, '2020-01-22T11:59:59Z')).toEqual(refused('not-cleared'));
  });

  test('refuses a person who is not on the manifest', async () => {
    expect(await depart([CLEO], { [CLEO]: onBoard })).toEqual(refused('not-cleared'));
  });
});

describe('date-out-of-order', () => {
  test('nobody flies before the encounter: said before who was not cleared then', async () => {
    const met = { ...onBoard, encounter: { ...onBoard.encounter, at: '2020-01-22T13:00:00Z' } };
    const ready = manifest(drafted, added(ANN), approved(ANN), boarding(ANN));
    const depart = (occurredAt: string) =>
      decided(manifests, rules.depart, { boarded: [ANN] }, ready, facts({ [ANN]: met }, { occurredAt }));
    expect(await depart('2020-01-22T12:59:59Z')).toEqual(refused('date-out-of-order'));
    expect(await depart('2020-01-22T11:00:00Z')).toEqual(refused('date-out-of-order', 'not-cleared'));
    expect(await depart('2020-01-22T13:00:00Z')).toHaveLength(1);
  });

  const confirm = (occurredAt: string) =>
    decided(
      manifests,
      rules.confirmArrival,
      { arrived: [ANN], receivedBy: 'Synthetic desk' },
      manifest(drafted, added(ANN), approved(ANN), boarding(ANN), departed([ANN])),
      facts({}, { occurredAt }),
    );

  test('nobody arrives before the departure', async () => {
    expect(await confirm('2020-01-22T14:59:59Z')).toEqual(refused('date-out-of-order'));
    expect(await confirm('2020-01-22T15:00:00Z')).toEqual([
      { type: 'ArrivalConfirmed', data: { arrived: [ANN] }, personal: { receivedBy: 'Synthetic desk' } },
    ]);
  });
});

describe('what is named must be there', () => {
  test('a case that does not exist', async () => {
    const started = manifest(drafted, added(ANN));
    expect(await decided(manifests, rules.addPassenger, { caseId: NOBODY }, started, facts())).toEqual(refused('not-found /caseId'));
    expect(await decided(manifests, rules.removePassenger, { caseId: NOBODY, reasonCode: 'ill' }, started, facts())).toEqual(
      refused('not-found /caseId'),
    );
    expect(await decided(manifests, rules.depart, { boarded: [ANN, NOBODY] }, started, facts({ [ANN]: onBoard }))).toEqual(
      refused('not-found /boarded/1'),
    );
    expect(await decided(manifests, rules.depart, { boarded: [NOBODY] }, started, facts())).toEqual(refused('not-found /boarded/0'));
  });

  test('an arrival of who did not depart', async () => {
    const flown = manifest(drafted, added(ANN), added(BEN), approved(ANN, BEN), boarding(ANN, BEN), departed([ANN], [BEN]));
    expect(await decided(manifests, rules.confirmArrival, { arrived: [ANN, BEN], receivedBy: 'Synthetic desk' }, flown, facts())).toEqual(
      refused('not-found /arrived/1'),
    );
  });
});

test('nothing is to do for who is no passenger, or has arrived already', async () => {
  expect(
    await decided(
      manifests,
      rules.removePassenger,
      { caseId: BEN, reasonCode: 'ill' },
      manifest(drafted, added(ANN)),
      facts({ [BEN]: acceptedCase }),
    ),
  ).toEqual([]);
  expect(
    await decided(
      manifests,
      rules.removePassenger,
      { caseId: ANN, reasonCode: 'ill' },
      manifest(drafted, added(ANN)),
      facts({ [ANN]: acceptedCase }),
    ),
  ).toEqual([removed(ANN)]);
  const flown = manifest(drafted, added(ANN), added(BEN), approved(ANN, BEN), boarding(ANN, BEN), departed([ANN, BEN]), arrived(ANN));
  const later = { occurredAt: '2020-01-23T00:00:00Z' };
  expect(await decided(manifests, rules.confirmArrival, { arrived: [ANN], receivedBy: 'Synthetic desk' }, flown, facts({}, later))).toEqual(
    [],
  );
  expect(
    await decided(manifests, rules.confirmArrival, { arrived: [ANN, BEN], receivedBy: 'Synthetic desk' }, flown, facts({}, later)),
  ).toMatchObject([arrived(BEN)]);
});

test('drafting and cancelling say what they are about', async () => {
  const flight = { country: 'GT', flight: 'GT101', departsAt: '2020-01-22T15:00:00Z', week: '2020-W04' };
  expect(await decided(manifests, rules.draftManifest, flight, manifestStream.initial, facts())).toEqual([
    { type: 'ManifestDrafted', data: flight },
  ]);
  expect(await decided(manifests, rules.cancel, { reasonCode: 'weather' }, manifest(drafted, added(ANN)), facts())).toEqual([
    cancelled(ANN),
  ]);
});

describe('wrong-status', () => {
  const inStatus: readonly (readonly [ManifestStatus, Manifest])[] = [
    ['drafted', manifest(drafted, added(ANN))],
    ['approved', manifest(drafted, added(ANN), approved(ANN))],
    ['boarding', manifest(drafted, added(ANN), approved(ANN), boarding(ANN))],
    ['departed', manifest(drafted, added(ANN), approved(ANN), boarding(ANN), departed([ANN]))],
    ['arrived', manifest(drafted, added(ANN), approved(ANN), boarding(ANN), departed([ANN]), arrived(ANN))],
    ['cancelled', manifest(drafted, added(ANN), cancelled(ANN))],
  ];

  const procedure: readonly (readonly [string, readonly ManifestStatus[]])[] = [
    ['AddPassenger', ['drafted', 'approved']],
    ['RemovePassenger', ['drafted', 'approved', 'boarding']],
    ['Approve', ['drafted']],
    ['VoidApproval', ['approved', 'boarding']],
    ['OpenBoarding', ['drafted', 'approved']],
    ['Depart', ['boarding']],
    ['ConfirmArrival', ['departed', 'arrived']],
    ['Cancel', ['drafted', 'approved', 'boarding']],
  ];
  const { decider } = manifestUseCases;

  test.each(procedure)('%s is taken in %j', (command, statuses) => {
    expect(inStatus.filter(([status, reached]) => decider.useCase(command)?.isTaken(status, reached)).map(([status]) => status)).toEqual(
      statuses,
    );
  });

  test('every command after the first is in the table above', () => {
    expect(procedure.map(([command]) => command)).toEqual(
      decider.useCases.filter(({ creates }) => !creates).map(({ command }) => command.type),
    );
  });

  test.each(inStatus)('a manifest is %s', (status, reached) => expect(reached.status).toBe(status));
});

describe('an approval that relied on a tie that was corrected', () => {
  const seen = { ...manifest(drafted, added(ANN), approved(ANN)), familiesSeen: { family: 4 }, membershipsSeen: { [ANN]: 1 } };
  const voiding = (correctedAt: number, more: object = {}) =>
    decided(
      manifests,
      rules.voidApproval,
      { caseId: ANN, cause: 'member-removed', familyUnitId: 'family', correctedAt, joinedAt: 2, ...more },
      seen,
      facts(),
    );
  const voided = { type: 'ApprovalVoided', data: { caseId: ANN, cause: 'member-removed', passengers: [ANN] } };

  test('is void where it was given before, and stands where it knew', async () => {
    expect(await voiding(5)).toEqual([voided]);
    expect(await voiding(4)).toEqual([]);
    expect(await voiding(5, { caseId: BEN })).toEqual([]);
    expect(await voiding(5, { familyUnitId: 'another' })).toEqual([voided]);
    expect(await voiding(5, { familyUnitId: 'another', joinedAt: 1 })).toEqual([]);
  });

  test('makes it a draft again, also while it boards', () => {
    const event = told<ManifestEvent>({ type: 'ApprovalVoided', data: voided.data }, {});
    expect(manifest(drafted, added(ANN), approved(ANN), boarding(ANN), event)).toMatchObject({ status: 'drafted', approvedBy: null });
  });
});
