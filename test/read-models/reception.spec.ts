import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { receptionProjection } from '../../src/read-models/reception/reception.projection.js';
import { ReadReception, ReadReceptionHandler } from '../../src/read-models/reception/reception.query.js';
import type { ReceptionEvent } from '../../src/reception/reception.events.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import { follow, stored, type Following } from './following.js';

const declared = (week: string, places: number) => stored<ReceptionEvent>({ type: 'CapacityDeclared', data: { week, places } });
const reserved = (caseId: string, week: string) =>
  stored<ReceptionEvent>({ type: 'PlaceReserved', data: { caseId, week, manifestId: 'flight' } });
const released = (caseId: string, week: string) =>
  stored<ReceptionEvent>({ type: 'PlaceReleased', data: { caseId, week, manifestId: 'flight' } });

let world: Following;
beforeAll(async () => {
  world = await follow(receptionProjection, kinds => kinds.register(receptionStream));
  await world.given(
    'reception-GT',
    declared('2020-W04', 3),
    declared('2020-W03', 40),
    reserved('ann', '2020-W04'),
    reserved('ben', '2020-W04'),
  );
  await world.given('reception-HN', declared('2020-W04', 5), reserved('cleo', '2020-W04'));
  await world.given(
    'reception-GT',
    released('ann', '2020-W04'),
    reserved('dan', '2020-W04'),
    reserved('eve', '2020-W04'),
    declared('2020-W03', 41),
  );
});
afterAll(() => world.stop());

const places = (country: string, week?: string, token?: string) =>
  new ReadReceptionHandler(world.readModels).execute(new ReadReception(country, week, token));

test('the weeks of a country, in their order', async () => {
  expect(await places('GT')).toEqual({
    country: 'GT',
    revision: 7,
    weeks: [
      { week: '2020-W03', declared: 41, reserved: 0, free: 41 },
      { week: '2020-W04', declared: 3, reserved: 3, free: 0 },
    ],
  });
});

test('one week alone', async () => {
  expect(await places('HN', '2020-W04')).toEqual({
    country: 'HN',
    revision: 1,
    weeks: [{ week: '2020-W04', declared: 5, reserved: 1, free: 4 }],
  });
  expect(await places('HN', '2020-W05')).toEqual({
    country: 'HN',
    revision: 1,
    weeks: [{ week: '2020-W05', declared: 0, reserved: 0, free: 0 }],
  });
});

test('where nothing was ever declared', async () => {
  expect(await places('SV')).toEqual({ country: 'SV', revision: -1, weeks: [] });
  expect(await places('SV', '2020-W04')).toEqual({
    country: 'SV',
    revision: -1,
    weeks: [{ week: '2020-W04', declared: 0, reserved: 0, free: 0 }],
  });
});

test('another country has none', async () => {
  await expect(places('US')).rejects.toMatchObject({ code: 'not-found' });
});

test('reflects the command whose token is sent', async () => {
  const token = await world.given('reception-HN', declared('2020-W06', 7));
  expect(await places('HN', '2020-W06', token)).toMatchObject({ revision: 2, weeks: [{ declared: 7 }] });
});
