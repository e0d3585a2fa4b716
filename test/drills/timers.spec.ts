// Guarded in every run by journeys/time, processes/deaths, model/model.
import { plusDays, plusHours } from '../../src/fields/time.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, MARK, World, type File } from '../support/world.js';

/* What follows when time passes, where something else came first or was told late. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const transferOf = async (caseId: string): Promise<NonNullable<File['transfer']>> => {
  const { transfer } = await world.file(caseId);
  if (!transfer) throw new Error('there is no transfer');
  return transfer;
};
/** What was recorded of this type, and when. */
const whenOf = async (caseId: string, type: string): Promise<string[]> =>
  (await world.events(caseId)).filter(event => event.type === type).map(({ metadata }) => metadata.recordedAt);

describe('a request that nobody answers', () => {
  it('lapses when the clock is moved to that instant and no further', async () => {
    const caseId = await world.caseAt('requested');
    await world.moveTo((await transferOf(caseId)).replyDueAt);
    expect(await world.statusOf(caseId)).toBe('amenable');
  });

  it('a timer of a request that was answered, or asked again, does nothing', async () => {
    const { liaison } = world.staff;
    const caseId = await world.caseAt('requested');
    await world.pass({ days: 7 });
    await world.act(liaison, caseId, 'record-transfer-reply', { reply: 'refused', reference: MARK, reasonCode: 'capacity' });
    await world.act(liaison, caseId, 'request-transfer', { country: 'GT' });
    const { replyDueAt } = await transferOf(caseId);
    await world.pass({ days: 8 });
    expect(await world.statusOf(caseId)).toBe('transfer-requested');
    await world.pass({ days: 30 });
    expect(await whenOf(caseId, 'TransferRequestLapsed')).toEqual([replyDueAt]);
  });
});

describe('an acceptance that runs out', () => {
  it('does not touch who has departed, nor a later acceptance', async () => {
    const { liaison } = world.staff;
    const departed = await world.caseAt('departed');
    const again = await world.caseAt('accepted');
    await world.pass({ days: 30 });
    await world.act(liaison, again, 'abort-transfer', { reasonCode: 'travel-impossible' });
    await world.act(liaison, again, 'request-transfer', { country: 'GT' });
    await world.act(liaison, again, 'record-transfer-reply', { reply: 'accepted', reference: MARK });
    const { validUntil } = await transferOf(again);
    await world.pass({ days: 40 });
    expect([await world.statusOf(departed), await world.statusOf(again)]).toEqual(['in-transit', 'transfer-accepted']);
    await world.pass({ days: 40 });
    expect((await whenOf(again, 'TransferAborted')).slice(1)).toEqual([validUntil]);
  });
});

describe('silence after the arrival', () => {
  it('ends with an application: no later milestone is noted', async () => {
    const caseId = await world.caseAt('transferred');
    await world.pass({ days: 10 });
    await world.take(caseId, 'applied', { from: 'transferred' });
    await world.pass({ days: 200 });
    expect((await world.file(caseId)).followUp).toEqual({ overdue: ['PT72H'] });
  });

  it('goes on where what was heard was entered in error', async () => {
    const { liaison, supervisor } = world.staff;
    const caseId = await world.caseAt('transferred');
    const arrivedAt = (await transferOf(caseId)).arrivedAt ?? '';
    await world.pass({ days: 10 });
    await world.act(liaison, caseId, 'record-contact', { sourceCode: 'family' });
    await world.take(caseId, 'applied', { from: 'transferred' });
    await world.pass({ days: 50 });
    const retract = async (type: string) => {
      const mistaken = (await world.events(caseId)).find(event => event.type === type);
      await world.act(supervisor, caseId, 'retract-entry', { eventId: mistaken?.id, reasonCode: 'other-person' });
    };
    await retract('AsylumApplied');
    expect(await world.file(caseId)).toMatchObject({ status: 'transferred', followUp: { overdue: ['PT72H'] } });
    const silentFrom = world.now;
    await retract('ContactReestablished');
    expect(await world.file(caseId)).toMatchObject({ asylum: null, followUp: { overdue: ['PT72H', 'P30D'] } });
    await world.pass({ days: 100 });
    expect(await whenOf(caseId, 'FollowUpOverdue')).toEqual([plusHours(arrivedAt, 72), silentFrom, plusDays(arrivedAt, 90)]);
  });

  it('goes on where the file was closed meanwhile, and is reopened', async () => {
    const { supervisor } = world.staff;
    const caseId = await world.caseAt('transferred');
    const arrivedAt = (await transferOf(caseId)).arrivedAt ?? '';
    await world.act(supervisor, caseId, 'close-case', { reasonCode: 'ended' });
    await world.pass({ days: 10 });
    expect((await world.file(caseId)).followUp).toEqual({ overdue: [] });
    await world.act(supervisor, caseId, 'reopen-case', { reasonCode: 'in-error' });
    const reopenedAt = world.now;
    expect(await world.file(caseId)).toMatchObject({ status: 'transferred', followUp: { overdue: ['PT72H'] } });
    await world.pass({ days: 25 });
    expect(await whenOf(caseId, 'FollowUpOverdue')).toEqual([reopenedAt, plusDays(arrivedAt, 30)]);
  });

  it('counts from when the person arrived, not from when that was recorded', async () => {
    const caseId = await world.caseAt('departed');
    const { departsAt, manifestId } = world.flightOf(caseId);
    const arrivedAt = plusHours(departsAt, 4);
    await world.pass({ days: 5 });
    done(
      await world.staff.liaison.post(`manifests/${manifestId}/confirm-arrival`, {
        arrived: [caseId],
        receivedBy: MARK,
        occurredAt: arrivedAt,
      }),
    );
    const file = await world.file(caseId);
    // The first milestone had passed before anybody knew: it is noted at once.
    expect(file).toMatchObject({ transfer: { arrivedAt }, followUp: { overdue: ['PT72H'] } });
    await world.pass({ days: 60 });
    expect(await whenOf(caseId, 'FollowUpOverdue')).toEqual([plusDays(departsAt, 5), plusDays(arrivedAt, 30)]);
  });
});
