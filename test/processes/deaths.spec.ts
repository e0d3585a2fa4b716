import { beforeAll, describe, expect, test } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { Reinstate, Suspend } from '../../src/agreements/agreement.commands.js';
import { CorrectApplicant, DisputeAge } from '../../src/cases/applicant.commands.js';
import {
  AssignCase,
  CloseCase,
  MarkAsDuplicate,
  RecordDeath,
  RecordEvidence,
  RecordVulnerability,
  ReopenCase,
} from '../../src/cases/intake.commands.js';
import { DismissDuplicate } from '../../src/cases/merging.commands.js';
import { ExpressFear, ReferToUsProcedure } from '../../src/cases/screening.commands.js';
import { AbortTransfer, PlaceHold, RecordDeparture, ReleaseHold, WithdrawClaim } from '../../src/cases/transfer.commands.js';
import { plusDays, plusHours } from '../../src/fields/time.js';
import {
  AddMember,
  AuthoriseSeparation,
  CorrectRelationship,
  ProposeSeparation,
  RemoveMember,
} from '../../src/families/family.commands.js';
import { OrderReassignment } from '../../src/reassignments/reassignment.commands.js';
import { IssueHoldOrder } from '../../src/hold-orders/hold-order.commands.js';
import { Cancel, ConfirmArrival, RemovePassenger } from '../../src/manifests/manifest.commands.js';
import { person } from '../support/given.js';
import type { StoredEvent } from '../../src/event-store/event-store.js';
import { Died, InMemoryCaseledger, type Durable } from '../support/in-memory-caseledger.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/*
 * Whatever spans two streams is done by a process, which may die between any two of its commands. Here it dies at every
 * point that it passes, and what is stored in the end is what would have been stored without: ids and all.
 */

const { worker, supervisor, liaison, admin } = InMemoryOffice.staff;
const otherSupervisor = person('sup-emil', 'supervisor');

/** The people's part; between two steps processes do theirs. */
type Story = (office: InMemoryOffice, settle: () => Promise<void>, pass: (until: string) => Promise<void>) => Promise<void>;

const threeAccepted = async (office: InMemoryOffice): Promise<[string, string, string]> => [
  await office.caseAt('Ana', 'accepted'),
  await office.caseAt('Beto', 'accepted'),
  await office.caseAt('Cira', 'accepted'),
];
const hold = (office: InMemoryOffice, caseId: string, holdId = InMemoryOffice.id(`hold ${caseId}`)) =>
  office.act(worker, PlaceHold, caseId, { kind: 'medical', holdId });

const STORIES: Readonly<Record<string, Story>> = {
  'an approval: places for two of four, one of whom is not ready any more': async (office, settle) => {
    await office.bringIntoForce('GT', 2);
    const cases = [...(await threeAccepted(office)), await office.caseAt('Dora', 'accepted')];
    await office.flight('flight', cases);
    await office.act(worker, WithdrawClaim, cases[0] as string, { voluntary: true, language: 'es' });
    await settle();
  },
  'boarding: one is cleared, one is blocked': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = await threeAccepted(office);
    const flight = await office.flight('flight', cases);
    await settle();
    await office.act(worker, RecordEvidence, cases[1], { evidenceId: InMemoryOffice.id('letters'), description: 'letters' });
    await office.openBoarding(flight);
    await settle();
  },
  'departure and arrival: one stays behind': async (office, settle, pass) => {
    await office.bringIntoForce('GT');
    await pass(plusHours(office.now, 1));
    const cases = await threeAccepted(office);
    const flight = await office.flight('flight', cases);
    await settle();
    await office.openBoarding(flight);
    await settle();
    await office.depart(flight, cases.slice(0, 2));
    await settle();
    await office.act(liaison, ConfirmArrival, flight, { arrived: cases.slice(0, 2), receivedBy: 'desk' });
    await settle();
  },
  'a passenger is removed, another leaves by other ways, the flight is cancelled': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = await threeAccepted(office);
    const flight = await office.flight('flight', cases);
    await settle();
    await office.act(liaison, RemovePassenger, flight, { caseId: cases[0], reasonCode: 'ill' });
    await office.act(liaison, RecordDeparture, cases[1], { flight: 'GT102', irregular: { explanation: 'taken along by mistake' } });
    await settle();
    await office.act(liaison, Cancel, flight, { reasonCode: 'weather' });
    await settle();
  },
  'transfers end before departure, each in its way': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = [...(await threeAccepted(office)), await office.caseAt('Dora', 'accepted')] as const;
    await office.flight('flight', cases);
    await settle();
    await office.act(liaison, AbortTransfer, cases[0], { reasonCode: 'illness' });
    await office.act(worker, RecordVulnerability, cases[1], { kind: 'pregnancy' });
    await office.act(worker, WithdrawClaim, cases[2], { voluntary: true, language: 'es' });
    await office.act(supervisor, ReferToUsProcedure, cases[3], { ground: 'policy' });
    await settle();
  },
  'two who are to fly die, one as the flight departs: the family is whole without them': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = [...(await threeAccepted(office)), await office.caseAt('Dora', 'opened')] as const;
    await office.family('family', cases);
    await settle();
    await hold(office, cases[3]);
    await settle();
    await office.act(worker, RecordDeath, cases[3], {});
    await settle();
    const flight = await office.flight('flight', cases.slice(0, 3));
    await settle();
    await office.act(worker, RecordDeath, cases[0], {});
    await settle();
    await office.openBoarding(flight);
    await settle();
    await office.depart(flight, cases.slice(1, 3));
    await office.act(liaison, RecordDeath, cases[1], {});
    await settle();
  },
  'a suspension, cases that arrive meanwhile, and its end': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = [
      await office.caseAt('Ana', 'amenable'),
      await office.caseAt('Beto', 'accepted'),
      await office.caseAt('Cira', 'screening'),
    ] as const;
    await settle();
    await office.act(admin, Suspend, 'GT', { from: office.now, scope: 'all', reasonCode: 'review' });
    await office.act(worker, RecordVulnerability, cases[0], { kind: 'illness' });
    await settle();
    const [held] = (await office.file(cases[1])).holds;
    await office.act(supervisor, ReleaseHold, cases[1], { holdId: held?.holdId });
    await settle();
    await office.act(admin, Reinstate, 'GT', { from: office.now });
    await settle();
  },
  'a suspension and its end that are still to come': async (office, settle, pass) => {
    await office.bringIntoForce('GT');
    await office.caseAt('Ana', 'amenable');
    await office.act(admin, Suspend, 'GT', { from: plusHours(office.now, 24), scope: 'transfers', reasonCode: 'review' });
    await settle();
    await office.caseAt('Beto', 'amenable');
    await pass(plusHours(office.now, 25));
    await office.act(admin, Reinstate, 'GT', { from: plusHours(office.now, 24) });
    await pass(plusHours(office.now, 25));
  },
  'a family: two causes, a release, a separation': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = await threeAccepted(office);
    const family = await office.family('family', cases);
    await settle();
    await hold(office, cases[0]);
    await hold(office, cases[1]);
    await settle();
    await office.act(supervisor, ReleaseHold, cases[0], { holdId: InMemoryOffice.id(`hold ${cases[0]}`) });
    await settle();
    await office.act(worker, ProposeSeparation, family, { caseIds: [cases[1]], reasons: 'reasons' });
    const proposalId = await office.proposal(family);
    await office.act(otherSupervisor, AuthoriseSeparation, family, { proposalId });
    await settle();
  },
  'ties that were entered wrongly: an approval and a separation fall, the person removed joins another family': async (office, settle) => {
    await office.bringIntoForce('GT');
    const cases = [...(await threeAccepted(office)), await office.caseAt('Dora', 'accepted')] as const;
    const family = await office.family('family', cases);
    const other = await office.family('other family', []);
    const flight = await office.flight('flight', cases);
    await settle();
    await office.openBoarding(flight);
    await office.act(supervisor, CorrectRelationship, family, { caseId: cases[0], relationshipCode: 'aunt', reasonCode: 'told-wrongly' });
    await settle();
    await hold(office, cases[1]);
    await settle();
    let appends = 0;
    office.service.passing = point => {
      if (point === 'before an append' && ++appends === 2) throw new Died(point);
    };
    const removal = { caseId: cases[1], reasonCode: 'another-person' };
    await expect(office.act(supervisor, RemoveMember, family, removal)).rejects.toThrow(Died);
    office.service = new InMemoryCaseledger(office.service.durable);
    await settle();
    await office.act(worker, AddMember, other, { caseId: cases[1], relationshipCode: 'parent' });
    await office.act(liaison, RemovePassenger, flight, { caseId: cases[1], reasonCode: 'held' });
    await office.approve(flight);
    await settle();
  },
  'a caseworker leaves: what is open goes to another, who leaves as well': async (office, settle) => {
    const caseIds = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened'), await office.caseAt('Cira', 'opened')];
    for (const caseId of caseIds) await office.act(worker, AssignCase, caseId, { caseworkerId: 'cw-leaving' });
    await office.act(supervisor, ReferToUsProcedure, caseIds[2] as string, { ground: 'policy' });
    await office.act(supervisor, CloseCase, caseIds[2] as string, { reasonCode: 'ended' });
    await settle();
    const hand = (name: string, from: string, to: string) =>
      office.act(supervisor, OrderReassignment, InMemoryOffice.id(name), { from, to, reasonCode: 'left-the-office' });
    await hand('first', 'cw-leaving', 'cw-next');
    await hand('second', 'cw-next', 'cw-last');
    await settle();
    await office.act(worker, AssignCase, caseIds[0] as string, { caseworkerId: 'cw-leaving' });
    await settle();
  },
  'a hold order for a class of cases': async (office, settle) => {
    const caseIds = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened'), await office.caseAt('Cira', 'opened')];
    await office.act(supervisor, IssueHoldOrder, InMemoryOffice.id('order'), { kind: 'court-order', reference: 'No. 1', caseIds });
    await settle();
  },
  'files of one person in a chain, and what reaches the closed ones later': async (office, settle) => {
    await office.bringIntoForce('GT');
    const [told, between, goesOn] = [
      await office.caseAt('Ana', 'screening'),
      await office.caseAt('Beto', 'opened'),
      await office.caseAt('Cira', 'accepted'),
    ];
    await office.act(worker, ExpressFear, told, { country: 'GT', account: 'account' });
    await office.act(worker, RecordEvidence, told, { evidenceId: InMemoryOffice.id('letters'), description: 'letters' });
    await office.act(worker, DisputeAge, told, { basis: 'basis' });
    await hold(office, told);
    await office.act(supervisor, MarkAsDuplicate, told, { of: between });
    await settle();
    await office.act(supervisor, MarkAsDuplicate, between, { of: goesOn });
    await office.act(worker, RecordVulnerability, told, { kind: 'pregnancy' });
    await office.act(supervisor, IssueHoldOrder, InMemoryOffice.id('order'), {
      kind: 'court-order',
      reference: 'No. 1',
      caseIds: [told],
    });
    await settle();
    await office.act(supervisor, ReopenCase, between, { reasonCode: 'another-person' });
    await settle();
  },
  'two files that are marked as duplicates of each other at once': async (office, settle) => {
    const caseIds = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened')] as const;
    for (const caseId of caseIds) await office.act(worker, RecordVulnerability, caseId, { kind: 'pregnancy' });
    await Promise.all([
      office.act(supervisor, MarkAsDuplicate, caseIds[0], { of: caseIds[1] }),
      office.act(supervisor, MarkAsDuplicate, caseIds[1], { of: caseIds[0] }),
    ]);
    await settle();
  },
  'a number that three files share, a dismissal, and a correction that ends it': async (office, settle) => {
    const number = { alienNumber: 'A200000001' };
    const caseIds = [
      await office.caseAt('Ana', 'opened', undefined, number),
      await office.caseAt('Beto', 'opened', undefined, number),
    ] as const;
    // What this process opened a moment ago is remembered by it alone: the answers of one that died would be others.
    const third = await office.caseAt('Cira', 'opened', undefined, { otherAlienNumbers: ['A200000001', 'A200000002'] });
    await settle();
    await office.act(supervisor, DismissDuplicate, caseIds[0], { of: caseIds[1], reasonCode: 'another-person' });
    await settle();
    for (const alienNumber of ['A200000003', 'A200000001'])
      await office.act(worker, CorrectApplicant, caseIds[1], { applicant: { alienNumber }, reasonCode: 'typing-error' });
    await office.act(supervisor, DismissDuplicate, third, { of: caseIds[0], reasonCode: 'another-person' });
    await settle();
  },
  'a membership whose family was never told': async (office, settle, pass) => {
    const caseId = await office.caseAt('Ana', 'opened');
    const family = await office.family('family', []);
    let appends = 0;
    office.service.passing = point => {
      if (point === 'before an append' && ++appends === 2) throw new Died(point);
    };
    await expect(office.act(worker, AddMember, family, { caseId, relationshipCode: 'parent' })).rejects.toThrow(Died);
    office.service = new InMemoryCaseledger(office.service.durable);
    await settle();
    await pass(plusHours(office.now, 1));
  },
  'timers: a request lapses, an acceptance runs out, somebody is not heard of': async (office, settle, pass) => {
    await office.bringIntoForce('GT');
    const [gone, late] = [await office.caseAt('Ana', 'accepted'), await office.caseAt('Beto', 'accepted')];
    await office.caseAt('Cira', 'requested');
    const flight = await office.flight('flight', [gone, late]);
    await settle();
    await office.openBoarding(flight);
    await settle();
    await office.depart(flight, [gone]);
    await settle();
    await office.act(liaison, ConfirmArrival, flight, { arrived: [gone], receivedBy: 'desk' });
    await pass(plusDays(office.now, 70));
  },
};

/** Throws `Died` where the service is to die. */
type Passes = (point: string) => void;
const alive: Passes = () => undefined;

/** Answers the first trigger that waits. @returns nothing where none waits */
async function answerFirst(service: InMemoryCaseledger, passes: Passes): Promise<'answered' | 'interrupted' | undefined> {
  const [trigger] = service.waiting();
  if (!trigger) return undefined;
  let command = '';
  service.passing = place => {
    if (place.startsWith('before ') && /[A-Z]/.test(place)) command = place;
    try {
      passes(`${trigger.process} to ${trigger.type}, ${command}: ${place}`);
    } catch (error) {
      // What else it was about dies with it.
      service.passing = () => {
        throw error;
      };
      throw error;
    }
  };
  const outcome = await service.answer(trigger);
  if (outcome === 'interrupted') return outcome;
  service.passing = alive;
  service.fire();
  return outcome;
}

/**
 * Tells the story, with a service that dies where it is told to, and another that goes on from what is stored.
 * @returns what was stored whenever it was known which trigger is next, too
 */
async function tell(story: Story, passes: Passes): Promise<{ readonly office: InMemoryOffice; readonly moments: readonly Durable[] }> {
  const office = new InMemoryOffice();
  const moments: Durable[] = [];
  const settle = async (): Promise<void> => {
    office.service.fire();
    for (let outcome: string | undefined = 'answered'; outcome;) {
      office.service.waiting();
      moments.push(office.service.durable.copy());
      outcome = await answerFirst(office.service, passes);
      if (outcome === 'interrupted') office.service = new InMemoryCaseledger(office.service.durable);
    }
  };
  await story(office, settle, until => office.service.pass(until, settle));
  return { office, moments };
}

/**
 * Lets a service die at one of the points that the next trigger's answer passes, and another answer it again.
 * @returns where it died, and what is stored then, once it is known which trigger is next; nothing where it passes fewer points
 */
async function dieAt(nth: number, before: Durable): Promise<{ readonly point: string; readonly durable: Durable } | undefined> {
  const durable = before.copy();
  const passed: string[] = [];
  const outcome = await answerFirst(new InMemoryCaseledger(durable), point => {
    if (passed.push(point) === nth) throw new Died(point);
  });
  if (outcome !== 'interrupted') return undefined;
  const next = new InMemoryCaseledger(durable);
  next.fire();
  await answerFirst(next, alive);
  next.waiting();
  return { point: passed[nth - 1] as string, durable };
}

/** An event, without what is sealed, which differs from run to run, and what was read beside, which does so too. */
const plain = ({ id, type, data, metadata: { commandId, causationId, recordedAt, occurredAt } }: StoredEvent): object => ({
  id,
  type,
  data,
  commandId,
  causationId,
  recordedAt,
  occurredAt,
});

/** All that the rest of a story comes from, of the events those that are not known to be the same. */
const decisive = ({ store, pending, done, timers, refusals, lists, destroyedKeys, now }: Durable, known: number): object => ({
  events: store.contents.all.slice(known).map(event => [event.stream, event.revision, plain(event)]),
  rows: [pending, done, timers].map(rows => [...rows]),
  refusals,
  lists,
  destroyedKeys,
  now,
});

/** All that is stored in the end, stream by stream: two streams may have been written in another order. */
function stored({ service: { durable } }: InMemoryOffice): object {
  const streams = [...durable.store.contents.streams].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    streams: streams.map(([stream, events]) => [stream, events.map(plain)]),
    refusals: durable.refusals.map(({ process, step, targetStream, codes }) => [process, step, targetStream, codes].join()).toSorted(),
    pending: durable.pending.size,
    timers: [...durable.timers.keys()].map(key => key.split(' ')[0]).toSorted(),
  };
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  let moments: readonly Durable[];
  let expected: object;

  beforeAll(async () => {
    const told = await tell(story, alive);
    ({ moments } = told);
    expected = stored(told.office);
    expect(expected).toMatchObject({ pending: 0 });
  });

  // The rest of a story need not be told again: all that it comes from is as it was without a death.
  test('a death at each point changes nothing', async () => {
    let deaths = 0;
    for (const [index, before] of moments.entries()) {
      const known = before.store.contents.all.length;
      for (let nth = 1, died = await dieAt(nth, before); died; died = await dieAt(++nth, before)) {
        const { point, durable } = died;
        const [found, without] = [durable, moments[index + 1] as Durable].map(left => decisive(left, known));
        // Jest looks only at what differs: its own look takes ten times as long.
        if (!isDeepStrictEqual(found, without)) expect([point, found]).toEqual([point, without]);
        deaths++;
      }
    }
    expect(deaths).toBeGreaterThan(4);
  });

  test('nor do deaths one after the other, each a point later', async () => {
    let [lives, passed] = [0, 0];
    const { office } = await tell(story, point => {
      if (passed++ < lives) return;
      [lives, passed] = [lives + 1, 0];
      throw new Died(point);
    });
    expect(lives).toBeGreaterThan(3);
    expect(stored(office)).toEqual(expected);
  });

  test('nor a trigger that comes twice', async () => {
    const office = new InMemoryOffice();
    office.service = new InMemoryCaseledger(moments.at(-1)?.copy());
    const repeatable = office.service.repeatable();
    expect(repeatable.length).toBeGreaterThan(0);
    for (const trigger of repeatable) office.service.repeat(trigger);
    await office.settle();
    expect(stored(office)).toEqual(expected);
  });

  test('nor two services that answer the same triggers at once', async () => {
    const office = new InMemoryOffice();
    const settle = async (): Promise<void> => {
      const two = [office.service, new InMemoryCaseledger(office.service.durable)] as const;
      two[0].fire();
      for (let [next] = two[0].waiting(); next; [next] = two[0].waiting()) {
        const trigger = next;
        expect(await Promise.all(two.map(service => service.answer(trigger)))).toEqual(['answered', 'answered']);
        two[0].fire();
      }
    };
    await story(office, settle, until => office.service.pass(until, settle));
    expect(stored(office)).toEqual(expected);
  });
});
