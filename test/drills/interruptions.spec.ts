// Guarded in every run by reacting/processes, processes/deaths.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import type { Act } from '../../src/event-store/act.js';
import { isSystem } from '../../src/event-store/actor.js';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import { ProcessInbox } from '../../src/reacting/process-inbox.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, World, type Flight } from '../support/world.js';

/*
 * A flight's own process over real HTTP and a real PostgreSQL, stopped between its commands and started again. That it
 * may die at every point is told in memory; here it is told that the machinery does the same.
 */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

/** What happens to the n-th command of processes from now on. */
function atCommand(n: number, fault: (execute: () => Promise<unknown>) => Promise<unknown>): () => boolean {
  const bus = caseledger.app.get(CommandBus);
  const { execute } = bus;
  let seen = 0;
  bus.execute = async (act: Act) => {
    const send = (): Promise<unknown> => execute.call(bus, act as never);
    if (!isSystem(act.context.actor) || ++seen !== n) return send();
    bus.execute = execute;
    return fault(send);
  };
  return () => seen >= n;
}

const FAULTS: Readonly<Record<string, (n: number) => () => boolean>> = {
  'before a command': n =>
    atCommand(n, async () => {
      throw new StoreUnavailable('cut off');
    }),
  'after a command, its answer lost': n =>
    atCommand(n, async send => {
      await send();
      throw new StoreUnavailable('cut off');
    }),
  'with its runner stopped and started': n =>
    atCommand(n, async send => {
      const runner = caseledger.app.get(ProcessRunner);
      const stopped = runner.stop();
      const answer = await send();
      void stopped.then(() => runner.start());
      return answer;
    }),
  'before a trigger is marked': n => {
    const inbox = caseledger.app.get(ProcessInbox);
    const { done: mark } = inbox;
    let seen = 0;
    inbox.done = async trigger => {
      if (++seen !== n) return mark.call(inbox, trigger);
      inbox.done = mark;
      throw new DatabaseUnavailable('cut off');
    };
    return () => seen >= n;
  },
};

/** Two are approved, one has no place by then; one is cleared, flies and arrives. */
async function fly(): Promise<{ readonly flight: Flight; readonly flown: string; readonly left: string }> {
  const [flown, left] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
  const flight = await world.draft([flown, left]);
  done(await world.approve(flight));
  await world.host.calm();
  await world.tell(flown);
  await world.board({ ...flight, caseIds: [flown] }, { told: false });
  await world.depart(flight, [flown]);
  await world.arrive(flight, [flown]);
  return { flight, flown, left };
}

describe.each(Object.entries(FAULTS))('cut off %s', (_, breakAt) => {
  test.each([1, 8])('%i', async n => {
    await world.pass({ days: 7 });
    const isBroken = breakAt(n);
    const { flight, flown, left } = await fly();
    expect(isBroken()).toBe(true);
    const course = (types: readonly string[]): readonly string[] => types.slice(types.indexOf('TransferAccepted') + 1);
    expect(course(await world.typesOf(flown))).toEqual([
      'TransferScheduled',
      'DestinationTold',
      'BoardingCleared',
      'ApplicantDeparted',
      'TransferredToGuatemala',
    ]);
    // Nobody told the other one where the flight goes.
    expect(course(await world.typesOf(left))).toEqual(['TransferScheduled', 'DepartureBlocked', 'TransferUnscheduled']);
    expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'arrived', passengers: [{ caseId: flown }] });
    expect(await world.places(flight.week)).toMatchObject({ reserved: 1 });
  });
});
