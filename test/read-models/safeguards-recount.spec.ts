import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CaseEvent, HoldKind } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { safeguardsProjection } from '../../src/read-models/safeguards/safeguards.projection.js';
import { ReportSafeguards, ReportSafeguardsHandler } from '../../src/read-models/safeguards/safeguards.query.js';
import type { Draw } from '../model/draw.js';
import { recountSafeguards } from '../support/recount/safeguards.js';
import { anEvent, opened, retracted } from './histories.js';
import { CASES, followRandomCases, PATIENCE_MS, SEED, type RandomCases } from './random-cases.js';

/* What the safeguards did in random cases, and the same counted from the raw events by hand, by the definitions alone. */

const HOUR_MS = 3_600_000;
const AFTER_ALL = '2021-01-01T00:00:00Z';
const CHECKS = ['not-cleared', 'hold-standing', 'place-not-reserved'];

let random: RandomCases;
beforeAll(async () => {
  random = await followRandomCases(safeguardsProjection, story, [opened({ openedAt: AFTER_ALL })]);
}, PATIENCE_MS);
afterAll(() => random.following.stop());

/** Holds, alerts, refusals and departures in any order, before, during and after a screening. */
function story(draw: Draw): NewEvent[] {
  const events: NewEvent[] = [opened()];
  const [holds, alerts, disclosures]: [string[], string[], NewEvent[]] = [[], [], []];
  let now = Date.parse('2020-01-20T00:00:00Z') + draw.below(2_000) * HOUR_MS;
  const instant = (): string => new Date(now).toISOString();
  const add = (event: CaseEvent): NewEvent => {
    now += draw.below(40 * 60) * 60_000;
    const occurredAt = new Date(now - draw.below(30) * HOUR_MS).toISOString();
    const added = anEvent(event, { occurredAt, recordedAt: instant() });
    events.push(added);
    return added;
  };
  const steps: (() => void)[] = [
    () => {
      const country = draw.of(['GT', 'HN', 'SV'] as const);
      add({ type: 'ScreeningStarted', data: { screeningId: randomUUID(), country, language: 'es' } });
    },
    () => {
      const code = draw.of(['withdrawal-not-voluntary', 'language-not-understood']);
      add({ type: 'WithdrawalRefused', data: { code, codes: [code, 'other'], language: 'es' }, personal: { statement: 'told' } });
    },
    () => add({ type: 'DepartureBlocked', data: { command: 'RecordDeparture', failedChecks: [draw.of(CHECKS), 'destination-not-told'] } }),
    () => {
      const irregular = draw.chance(0.5) && { irregular: true, failedChecks: ['not-cleared'] };
      add({ type: 'ApplicantDeparted', data: { flight: 'GT101', ...irregular }, personal: { explanation: 'told' } });
    },
    () => {
      const holdId = randomUUID();
      holds.push(holdId);
      add({ type: 'TransferHoldPlaced', data: { holdId, kind: draw.of<HoldKind>(['medical', 'court-order', 'family']) }, personal: {} });
    },
    () => {
      const holdId = holds.pop();
      if (holdId) add({ type: 'TransferHoldReleased', data: { holdId }, personal: {} });
    },
    () => {
      const alertId = randomUUID();
      alerts.push(alertId);
      add({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } });
    },
    () => {
      const alertId = alerts.shift();
      if (alertId) add({ type: 'ProtectionAlertAnswered', data: { alertId }, personal: { answer: 'told' } });
    },
    () => {
      const unconsented = draw.chance(0.6) && { unconsented: true };
      disclosures.push(
        add({
          type: 'DisclosureMade',
          data: { recipient: 'consulate', categories: ['identity'], basis: 'written-consent', ...unconsented },
        }),
      );
    },
    () => {
      const mistaken = disclosures.pop();
      if (mistaken) events.push(retracted(mistaken, instant()));
    },
  ];
  for (let step = draw.below(14); step > 0; step--) draw.of(steps)();
  if (draw.chance(0.1)) add({ type: 'MarkedAsDuplicate', data: { of: randomUUID() } });
  return events;
}

test(`what the safeguards did in ${CASES} random cases is as counted by hand (SEED=${SEED})`, async () => {
  const handler = new ReportSafeguardsHandler(random.following.readModels);
  for (const range of [{}, { from: '2020-02-01', to: '2020-02-29' }, { from: '2020-02-17', to: '2020-02-17' }, { to: '2020-01-01' }])
    for (const country of [undefined, 'GT', 'HN', 'SV'] as const) {
      const asked = { ...range, ...(country && { country }) };
      const { figures } = await handler.execute(new ReportSafeguards(asked));
      expect({ asked, figures }).toEqual({ asked, figures: recountSafeguards(random.raw, asked, AFTER_ALL) });
    }
}, 600_000);
