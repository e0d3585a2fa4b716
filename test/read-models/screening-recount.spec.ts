import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { screeningProjection } from '../../src/read-models/screening/screening.projection.js';
import { ReportScreening, ReportScreeningHandler } from '../../src/read-models/screening/screening.query.js';
import type { Draw } from '../model/draw.js';
import { recountScreening } from '../support/recount/screening.js';
import { anEvent, at, opened } from './histories.js';
import { CASES, followRandomCases, PATIENCE_MS, SEED, type RandomCases } from './random-cases.js';

/* The figures of random screenings, and the same counted from the raw events by hand, by the definitions alone. */

const HOUR_MS = 3_600_000;

let random: RandomCases;
beforeAll(async () => {
  random = await followRandomCases(screeningProjection, story);
}, PATIENCE_MS);
afterAll(() => random.following.stop());

/** Up to two screenings; what is found in each, and how its determination goes to and fro. */
function story(draw: Draw): NewEvent[] {
  const events: NewEvent[] = [opened()];
  let now = Date.parse('2020-01-20T00:00:00Z') + draw.below(2_000) * HOUR_MS;
  const add = (event: CaseEvent): void => {
    now += draw.below(40 * 60) * 60_000;
    events.push(anEvent(event, at(new Date(now).toISOString())));
  };
  for (const country of draw.of<PartnerCountry[]>([['GT'], ['HN'], ['GT', 'SV'], ['HN', 'GT']])) {
    const [screeningId, determinationId] = [randomUUID(), randomUUID()];
    add({ type: 'ScreeningStarted', data: { screeningId, country, language: 'es' } });
    for (let fears = draw.below(3); fears > 0; fears--) add({ type: 'FearExpressed', data: { country }, personal: { account: 'told' } });
    for (let grounds = draw.below(3); grounds > 0; grounds--) {
      const ground = draw.of(['valid-visa', 'public-interest']);
      add({ type: 'ExceptionEstablished', data: { screeningId, ground }, personal: { evidence: 'told' } });
    }
    const persecution = draw.below(2) === 1;
    const found = { persecution, torture: false, established: persecution };
    if (draw.below(2)) add({ type: 'FearAssessed', data: { screeningId, country, ...found }, personal: { reasons: 'told' } });
    for (let returns = draw.below(3); returns >= 0; returns--) {
      const determined = { determinationId, screeningId, country, outcome: 'amenable' as const };
      add({ type: 'DeterminationSubmitted', data: determined, personal: { reasons: 'told' } });
      if (returns > 0) add({ type: 'DeterminationReturned', data: { determinationId } });
      else if (draw.below(2)) add({ type: 'DeterminationConfirmed', data: { determinationId, outcome: 'amenable' } });
    }
  }
  return events;
}

test(`screenings of ${CASES} random cases are as counted by hand (SEED=${SEED})`, async () => {
  const handler = new ReportScreeningHandler(random.following.readModels);
  for (const range of [{}, { from: '2020-02-01', to: '2020-02-29' }, { from: '2020-02-17', to: '2020-02-17' }, { to: '2020-01-01' }])
    for (const country of [undefined, 'GT', 'HN', 'SV'] as const) {
      const asked = { ...range, ...(country && { country }) };
      const { figures } = await handler.execute(new ReportScreening(asked));
      expect({ asked, figures }).toEqual({ asked, figures: recountScreening(random.raw, asked) });
    }
}, 600_000);

test(
  'built at once, they are the same',
  async () => {
    const { before, after } = await random.following.rebuilt();
    expect(after).toEqual(before);
  },
  PATIENCE_MS,
);
