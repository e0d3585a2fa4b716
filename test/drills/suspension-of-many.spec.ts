// Guarded in every run by processes/suspension.
import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { Database } from '../../src/database/database.js';
import type { Act } from '../../src/event-store/act.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { whenAgreementSuspendedHoldCases } from '../../src/processes/when-agreement-suspended-hold-cases.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { anEvent, opened } from '../read-models/histories.js';
import { answerAgain } from '../support/answer-again.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { spoilKey } from '../support/spoil-key.js';
import { MARK, World } from '../support/world.js';

/* A suspension that concerns more cases than a page holds: interrupted, taken back and overtaken while it is placed. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  await world.moveTo('2020-05-02T00:00:00Z');
  await world.bringIntoForce('HN');
});
afterAll(() => caseledger.stop());

const state = async (caseId: string): Promise<AsylumCase> => (await caseledger.app.get(Ledger).read(caseStream, caseId)).state;
const holdsOf = async (caseId: string): Promise<string[]> => {
  await caseledger.settled();
  return (await state(caseId)).holds.map(({ kind }) => kind);
};
const everHeld = async (caseId: string): Promise<number> => (await state(caseId)).holdIds.length;
const suspend = (country: PartnerCountry = 'HN') =>
  world.agree(country, 'suspend', { from: world.now, scope: 'all', reasonCode: 'review' });
const reinstate = (country: PartnerCountry = 'HN') => world.agree(country, 'reinstate', { from: world.now });
const SUSPENDED = ['agreement-suspended'];
const MANY = 450;

const screeningStarted = (country: PartnerCountry) =>
  anEvent({ type: 'ScreeningStarted', data: { screeningId: randomUUID(), country, language: 'es' } });

/** Straight into the store: what processes do must not depend on who wrote. */
async function underAgreement(count: number, country: PartnerCountry = 'HN'): Promise<string[]> {
  const caseIds = Array.from({ length: count }, () => randomUUID());
  await caseledger.app.get(EventStore).append(
    caseIds.map(caseId => ({
      stream: `case-${caseId}`,
      expectedRevision: 'no-stream' as const,
      events: [{ ...opened(), personal: undefined }, screeningStarted(country)],
    })),
  );
  await caseledger.settled();
  return caseIds;
}

/** Calls the runner off once so many commands of a kind were executed; resolves when it has stopped. */
function stopAfter(count: number, command: string): Promise<void> {
  const bus = caseledger.app.get(CommandBus);
  const runner = caseledger.app.get(ProcessRunner);
  const { execute } = bus;
  let seen = 0;
  return new Promise(resolve => {
    bus.execute = async (act: Act) => {
      if (act.constructor.name === command && ++seen === count) {
        bus.execute = execute;
        void runner.stop().then(resolve);
      }
      return execute.call(bus, act);
    };
  });
}

const count = async (caseIds: readonly string[], holds: (found: AsylumCase) => boolean): Promise<number> =>
  (await Promise.all(caseIds.map(state))).filter(holds).length;
const isHeld = ({ holds }: AsylumCase): boolean => holds.length === 1;
const statusOf = async () => (await runner().status()).find(({ name }) => name === whenAgreementSuspendedHoldCases.name);
const runner = () => caseledger.app.get(ProcessRunner);

test('an interruption in the middle goes on, for placing as for releasing, and commands on other cases are not held up', async () => {
  const caseIds = await underAgreement(MANY);
  const stopped = stopAfter(250, 'PlaceHold');
  await suspend();
  const other = await world.open();
  await world.act(world.staff.worker, other, 'add-note', { text: `${MARK} in between` });
  await stopped;
  const placed = await count(caseIds, isHeld);
  expect(placed).toBeGreaterThanOrEqual(249);
  expect(placed).toBeLessThan(MANY);
  runner().start();
  await caseledger.settled();
  expect(await count(caseIds, isHeld)).toBe(MANY);

  const stoppedAgain = stopAfter(210, 'ReleaseHold');
  await reinstate();
  await stoppedAgain;
  expect(await count(caseIds, isHeld)).toBeGreaterThan(0);
  runner().start();
  await caseledger.settled();
  expect(await count(caseIds, ({ holds, holdIds }) => holds.length === 0 && holdIds.length === 1)).toBe(MANY);
});

test('what was answered already, answered again by a process that forgot, changes nothing', async () => {
  const newest = await caseledger.app.get(EventStore).newest();
  await answerAgain(caseledger.app.get(Database), whenAgreementSuspendedHoldCases, 'agreement');
  await caseledger.settled();
  expect(await caseledger.app.get(EventStore).newest()).toBe(newest);
});

test('a reinstatement while holds are still being placed leaves none behind, whoever comes meanwhile', async () => {
  const early = await underAgreement(MANY);
  const stopped = stopAfter(150, 'PlaceHold');
  await suspend();
  await stopped;
  await reinstate();
  const arriving = underAgreement(20);
  runner().start();
  const late = await arriving;
  await caseledger.settled();
  expect(await count([...early, ...late], ({ holds }) => holds.length > 0)).toBe(0);
  expect(await count(early, ({ holdIds }) => holdIds.length > 0)).toBeLessThan(MANY);
});

test('cases that arrive while holds are being placed are held too', async () => {
  await underAgreement(MANY);
  const stopped = stopAfter(150, 'PlaceHold');
  await suspend();
  await stopped;
  runner().start();
  const late = [...(await underAgreement(30)), ...(await underAgreement(30))];
  await caseledger.settled();
  expect(await count(late, isHeld)).toBe(late.length);
});

test('termination places nothing more and releases nothing; under a new signature nobody is held anew', async () => {
  const [held] = (await underAgreement(1)) as [string];
  expect(await holdsOf(held)).toEqual(SUSPENDED);
  await world.agree('HN', 'give-termination-notice', { effectiveOn: world.in(24) });
  await world.pass({ hours: 24 });
  expect(await holdsOf(held)).toEqual(SUSPENDED);
  const [late] = (await underAgreement(1)) as [string];
  expect(await holdsOf(late)).toEqual([]);
  await world.agree('HN', 'sign', { on: world.now.slice(0, 10) });
  await world.agree('HN', 'publish-rules', { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: [] });
  await world.agree('HN', 'agree-implementation-plan', { on: world.now.slice(0, 10) });
  await world.agree('HN', 'bring-into-force', { from: world.now });
  const [anew] = (await underAgreement(1)) as [string];
  expect([await holdsOf(held), await holdsOf(late), await holdsOf(anew)]).toEqual([SUSPENDED, [], []]);
  await suspend();
  await caseledger.settled();
  expect([await everHeld(held), await everHeld(late), await everHeld(anew)]).toEqual([2, 1, 1]);
  await reinstate();
  expect([await holdsOf(held), await holdsOf(late), await holdsOf(anew)]).toEqual([SUSPENDED, [], []]);
});

test('a case that somebody else writes between the look and the hold is held on what stands there then', async () => {
  const caseIds = await underAgreement(20, 'GT');
  const bus = caseledger.app.get(CommandBus);
  const { execute } = bus;
  const written = new Set<string>();
  bus.execute = async (act: Act) => {
    const { streamId } = act;
    if (act.constructor.name === 'PlaceHold' && caseIds.includes(streamId) && !written.has(streamId)) {
      written.add(streamId);
      await caseledger.app
        .get(EventStore)
        .append([{ stream: `case-${streamId}`, expectedRevision: 1, events: [anEvent({ type: 'NoteAdded', data: {} })] }]);
    }
    return execute.call(bus, act);
  };
  await suspend('GT');
  await caseledger.settled();
  bus.execute = execute;
  expect(written.size).toBe(caseIds.length);
  for (const caseId of caseIds)
    expect((await world.events(caseId)).map(({ type }) => type).slice(2)).toEqual(['NoteAdded', 'TransferHoldPlaced']);
  await reinstate('GT');
  expect(await holdsOf(caseIds[0] as string)).toEqual([]);
});

test('a case that cannot be read holds up no other, and is held as soon as it can be', async () => {
  const spoilt = await world.open();
  const { revision } = await caseledger.app.get(Ledger).read(caseStream, spoilt);
  await caseledger.app.get(EventStore).append([{ stream: `case-${spoilt}`, expectedRevision: revision, events: [screeningStarted('GT')] }]);
  const others = await underAgreement(250, 'GT');
  const mend = await spoilKey(caseledger, spoilt);
  await suspend('GT');
  await caseledger.settled();
  expect(await count(others, isHeld)).toBe(others.length);
  expect(await statusOf()).toMatchObject({ pending: 0, failed: 1 });
  await mend();
  await runner().retryProcess(whenAgreementSuspendedHoldCases.name);
  expect(await holdsOf(spoilt)).toEqual(SUSPENDED);
  expect(await count(others, isHeld)).toBe(others.length);
});

test('nothing of all this was refused or failed', async () => {
  expect(await statusOf()).toMatchObject({ pending: 0, failed: 0, refused: 0 });
});
