import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { screeningProjection } from '../../src/read-models/screening/screening.projection.js';
import { ReportScreening, ReportScreeningHandler } from '../../src/read-models/screening/screening.query.js';
import type { Draw } from '../model/draw.js';
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

/** Of milliseconds, in hours to one decimal. */
const median = (took: readonly number[]): number | null => {
  const sorted = took.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : Math.round((low + high) / 2 / (HOUR_MS / 10)) / 10;
};

function byHand({ country, from = '', to = '9' }: { readonly country?: string; readonly from?: string; readonly to?: string }): object {
  const [people, took] = [new Map<string, Set<string>>(), { screening: [] as number[], review: [] as number[] }];
  let [screened, returned] = [0, 0];
  for (const [caseId, events] of random.raw) {
    let [where, begun, submitted] = ['', 0, 0];
    for (const { type, data, metadata } of events) {
      const when = Date.parse(metadata.recordedAt);
      if (type === 'ScreeningStarted') [where, begun, submitted] = [String(data['country']), when, 0];
      const isFirst = submitted === 0;
      const since = (then: number): number => when - then;
      const day = metadata.occurredAt.slice(0, 10);
      if ((!country || where === country) && day >= from && day <= to) {
        const person = (what: string) => people.set(what, (people.get(what) ?? new Set()).add(`${caseId} ${where}`));
        if (type === 'ScreeningStarted') screened++;
        if (type === 'FearExpressed') person('expressed');
        if (type === 'FearAssessed' && data['established'] === true) person('established');
        if (type === 'ExceptionEstablished') person(`exception ${String(data['ground'])}`);
        if (type === 'DeterminationSubmitted' && isFirst) took.screening.push(since(begun));
        if (type === 'DeterminationReturned') returned++;
        if (type === 'DeterminationReturned' || type === 'DeterminationConfirmed') took.review.push(since(submitted));
      }
      if (type === 'DeterminationSubmitted') submitted = when;
    }
  }
  const count = (what: string): number => people.get(what)?.size ?? 0;
  const grounds = ['public-interest', 'valid-visa'].filter(ground => count(`exception ${ground}`) > 0);
  return {
    screened,
    exceptions: Object.fromEntries(grounds.map(ground => [ground, count(`exception ${ground}`)])),
    fearExpressed: count('expressed'),
    fearEstablished: count('established'),
    returned,
    medianHours: { screening: median(took.screening), review: median(took.review) },
  };
}

test(`screenings of ${CASES} random cases are as counted by hand (SEED=${SEED})`, async () => {
  const handler = new ReportScreeningHandler(random.following.readModels);
  for (const range of [{}, { from: '2020-02-01', to: '2020-02-29' }, { from: '2020-02-17', to: '2020-02-17' }, { to: '2020-01-01' }])
    for (const country of [undefined, 'GT', 'HN', 'SV'] as const) {
      const asked = { ...range, ...(country && { country }) };
      const { figures } = await handler.execute(new ReportScreening(asked));
      expect({ asked, figures }).toEqual({ asked, figures: byHand(asked) });
    }
}, 600_000);
