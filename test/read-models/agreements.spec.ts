import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AgreementEvent } from '../../src/agreements/agreement.events.js';
import { agreementStream } from '../../src/agreements/agreement.state.js';
import { agreementsProjection } from '../../src/read-models/agreements/agreements.projection.js';
import {
  ListAgreements,
  ListAgreementsHandler,
  ReadAgreement,
  ReadAgreementHandler,
} from '../../src/read-models/agreements/agreements.query.js';
import { follow, officer, stored, type Following } from './following.js';

const actor = officer('adm-hal', 'admin');
const anEvent = (recordedOn: string, event: AgreementEvent) => stored(event, { recordedAt: `${recordedOn}T12:00:00Z`, actor });
const rules = { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H'] };
const suspended = (from: string, scope: 'all' | 'transfers'): AgreementEvent => ({
  type: 'AgreementSuspended',
  data: { suspensionId: 'first', from, scope, reasonCode: 'review' },
});

let world: Following;
beforeAll(async () => {
  world = await follow(agreementsProjection, kinds => kinds.register(agreementStream));
  await world.given(
    'agreement-GT',
    anEvent('2019-11-15', { type: 'AgreementSigned', data: { on: '2019-07-26' } }),
    anEvent('2019-11-15', { type: 'AgreementRulesPublished', data: { version: 1, ...rules } }),
    anEvent('2019-11-15', { type: 'ImplementationPlanAgreed', data: { on: '2019-11-14' } }),
    anEvent('2019-11-15', { type: 'AgreementEnteredIntoForce', data: { from: '2019-11-15' } }),
  );
  await world.given('agreement-HN', anEvent('2019-09-25', { type: 'AgreementSigned', data: { on: '2019-09-25' } }));
  await world.given(
    'agreement-GT',
    anEvent('2020-02-01', { type: 'AgreementRulesPublished', data: { version: 2, ...rules, replyDays: 7 } }),
    anEvent('2020-03-16', suspended('2020-03-16', 'transfers')),
    anEvent('2021-02-06', suspended('2021-02-06', 'all')),
    anEvent('2021-02-06', { type: 'TerminationNotified', data: { effectiveOn: '2021-08-06' } }),
    anEvent('2022-01-10', { type: 'AgreementSigned', data: { on: '2022-01-10' } }),
  );
});
afterAll(() => world.stop());

const at = (instant: string, country = 'GT') => new ReadAgreementHandler(world.readModels).execute(new ReadAgreement(country, instant));

describe('an agreement at an instant', () => {
  test.each([
    ['2019-07-25', { standing: 'unsigned', signedOn: null, ruleSet: null, implementationPlanAgreedOn: null }],
    ['2019-11-01', { standing: 'signed', signedOn: '2019-07-26', inForceFrom: null }],
    ['2019-11-14', { standing: 'signed', implementationPlanAgreedOn: '2019-11-14' }],
    ['2019-11-20', { standing: 'in-force', inForceFrom: '2019-11-15T00:00:00Z', suspension: null }],
    [
      '2020-03-16T00:00:00Z',
      { standing: 'transfers-suspended', suspension: { suspensionId: 'first', from: '2020-03-16T00:00:00Z', scope: 'transfers' } },
    ],
    [
      '2021-02-06',
      { standing: 'suspended', suspension: { suspensionId: 'first', from: '2020-03-16T00:00:00Z', scope: 'all' }, terminatedFrom: null },
    ],
    ['2021-08-06', { standing: 'terminated', suspension: null, terminatedFrom: '2021-08-06T00:00:00Z' }],
    ['2022-01-10', { standing: 'signed', signedOn: '2022-01-10', implementationPlanAgreedOn: null, terminatedFrom: null }],
  ])('on %s', async (instant, expected) => {
    expect(await at(instant)).toMatchObject({ country: 'GT', revision: 8, ...expected });
  });

  test.each([
    ['2019-11-15T11:59:59Z', undefined],
    ['2019-11-15T12:00:00Z', 1],
    ['2020-02-01T11:59:59Z', 1],
    ['2020-02-01T12:00:00Z', 2],
    ['2021-12-31', 2],
    ['2022-02-01', undefined],
  ])('on %s it has the rules that had been published by then: version %s', async (instant, version) => {
    expect((await at(instant)).ruleSet?.version).toBe(version);
  });

  test('tells what is still to come', async () => {
    expect((await at('2021-02-06')).upcoming).toEqual([
      { at: '2021-08-06T00:00:00Z', standing: 'terminated' },
      { at: '2022-01-10T00:00:00Z', standing: 'signed' },
    ]);
    expect((await at('2022-01-10')).upcoming).toEqual([]);
  });

  test('tells each standing that it ever had, a wider suspension too, and none twice', async () => {
    const { standings } = await at('2022-01-10');
    expect(standings.map(({ at: from, standing }) => `${from.slice(0, 10)} ${standing}`)).toEqual([
      '2019-07-26 signed',
      '2019-11-15 in-force',
      '2020-03-16 transfers-suspended',
      '2021-02-06 suspended',
      '2021-08-06 terminated',
      '2022-01-10 signed',
    ]);
    expect((await at('2019-11-20')).standings).toEqual([
      { at: '2019-07-26T00:00:00Z', standing: 'signed' },
      { at: '2019-11-15T00:00:00Z', standing: 'in-force' },
    ]);
  });

  test('that nobody has signed is there, unsigned', async () => {
    expect(await at('2020-01-01', 'SV')).toEqual({
      country: 'SV',
      standing: 'unsigned',
      ruleSet: null,
      signedOn: null,
      inForceFrom: null,
      suspension: null,
      terminatedFrom: null,
      implementationPlanAgreedOn: null,
      upcoming: [],
      standings: [],
      revision: -1,
    });
  });

  test('with another country is not there', async () => {
    for (const country of ['US', 'gt', '']) await expect(at('2020-01-01', country)).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('the list has every partner country', async () => {
  const { rows, nextCursor } = await new ListAgreementsHandler(world.readModels).execute(new ListAgreements('2020-01-01'));
  expect(rows.map(({ country, standing, revision }) => [country, standing, revision])).toEqual([
    ['SV', 'unsigned', -1],
    ['GT', 'in-force', 8],
    ['HN', 'signed', 0],
  ]);
  expect(nextCursor).toBeNull();
});

test('an agreement that is held back is not shown; the list says so', async () => {
  await world.database.query(
    'INSERT INTO ledger.parked_events (read_model, generation, stream, revision, position, event_id, type) SELECT name, generation, ' +
      "'agreement-HN', 1, position, gen_random_uuid(), 'AgreementSigned' FROM ledger.read_models",
  );
  await expect(at('2020-01-01', 'HN')).rejects.toMatchObject({ code: 'read-model-behind' });
  await expect(at('2020-01-01')).resolves.toMatchObject({ standing: 'in-force' });
  expect(await new ListAgreementsHandler(world.readModels).execute(new ListAgreements('2020-01-01'))).toMatchObject({ parked: 1 });
});
