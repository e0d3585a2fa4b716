import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CaseEvent, HoldKind } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { safeguardsProjection } from '../../src/read-models/safeguards/safeguards.projection.js';
import { ReportSafeguards, ReportSafeguardsHandler } from '../../src/read-models/safeguards/safeguards.query.js';
import type { Draw } from '../model/draw.js';
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

interface Asked {
  readonly country?: string;
  readonly from?: string;
  readonly to?: string;
}

function byHand({ country, from = '', to = '9' }: Asked): object {
  const counts: Record<string, Record<string, number>> = { refusals: {}, blocked: {}, holds: {}, once: {} };
  const count = (what: keyof typeof counts, code: string): void => {
    counts[what] = { ...counts[what], [code]: (counts[what]?.[code] ?? 0) + 1 };
  };
  const standing: number[] = [];
  for (const events of random.raw.values()) {
    const gone = new Set(events.filter(({ type }) => type === 'EntryRetracted').map(({ data }) => data['eventId']));
    const over = new Set(
      events.flatMap(({ type, data }) => (type.endsWith('Released') || type.endsWith('Answered') ? Object.values(data) : [])),
    );
    let where: unknown = null;
    for (const { id, type, data, metadata } of events) {
      if (type === 'ScreeningStarted') where = data['country'];
      const day = metadata.occurredAt.slice(0, 10);
      if ((country && where !== country) || day < from || day > to) continue;
      if (type === 'WithdrawalRefused') count('refusals', String(data['code']));
      if (type === 'DepartureBlocked') for (const check of data['failedChecks'] as string[]) count('blocked', check);
      if (type === 'ApplicantDeparted' && data['irregular'] === true) count('once', 'irregular');
      if (type === 'TransferHoldPlaced') count('holds', String(data['kind']));
      if (type === 'TransferHoldPlaced' && !over.has(data['holdId'])) standing.push(Date.parse(metadata.recordedAt));
      if (type === 'ProtectionAlertRaised') count('once', 'raised');
      if (type === 'ProtectionAlertRaised' && !over.has(data['alertId'])) count('once', 'open');
      if (type === 'MarkedAsDuplicate') count('once', 'merged');
      if (type === 'DisclosureMade' && data['unconsented'] === true && !gone.has(id)) count('once', 'unconsented');
    }
  }
  const { raised = 0, open = 0, irregular = 0, merged = 0, unconsented = 0 } = counts['once'] ?? {};
  const longest = standing.reduce((most, since) => Math.max(most, Date.parse(AFTER_ALL) - since), 0);
  return {
    refusals: counts['refusals'],
    blockedDepartures: counts['blocked'],
    irregularDepartures: irregular,
    holds: counts['holds'],
    longestOpenHours: standing.length > 0 ? Math.round(longest / (HOUR_MS / 10)) / 10 : null,
    protectionAlerts: { raised, open },
    disclosuresWithoutConsent: unconsented,
    duplicatesMerged: merged,
  };
}

test(`what the safeguards did in ${CASES} random cases is as counted by hand (SEED=${SEED})`, async () => {
  const handler = new ReportSafeguardsHandler(random.following.readModels);
  for (const range of [{}, { from: '2020-02-01', to: '2020-02-29' }, { from: '2020-02-17', to: '2020-02-17' }, { to: '2020-01-01' }])
    for (const country of [undefined, 'GT', 'HN', 'SV'] as const) {
      const asked = { ...range, ...(country && { country }) };
      const { figures } = await handler.execute(new ReportSafeguards(asked));
      expect({ asked, figures }).toEqual({ asked, figures: byHand(asked) });
    }
}, 600_000);
