import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { workloadProjection } from '../../src/read-models/workload/workload.projection.js';
import { ReportWorkload, ReportWorkloadHandler } from '../../src/read-models/workload/workload.query.js';
import type { Draw } from '../model/draw.js';
import { recountWorkload } from '../support/recount/workload.js';
import { anEvent, at, opened } from './histories.js';
import { CASES, followRandomCases, PATIENCE_MS, SEED, type RandomCases } from './random-cases.js';

/* Who has how much to do with random cases, and the same counted from the raw events by hand, by the definitions alone. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AFTER_ALL = '2020-07-01T00:00:00Z';
const OFFICES = ['ELP', 'LRD', 'SND'];

let random: RandomCases;
beforeAll(async () => {
  random = await followRandomCases(workloadProjection, story, [opened({ office: 'HQ', openedAt: AFTER_ALL })]);
}, PATIENCE_MS);
afterAll(() => random.following.stop());

/** A transfer that comes more or less far; whose case it is meanwhile, and whether it is closed. */
function story(draw: Draw): NewEvent[] {
  let now = Date.parse('2020-01-02T00:00:00Z') + draw.below(2_000) * HOUR_MS;
  const instant = (): string => new Date(now).toISOString();
  const office = draw.of(OFFICES);
  const events: NewEvent[] = [opened({ office, openedAt: instant() })];
  const add = (event: CaseEvent): void => {
    now += draw.below(40 * 60) * 60_000;
    events.push(anEvent(event, at(instant())));
  };
  const alerts: string[] = [];
  const meanwhile: (() => void)[] = [
    () => undefined,
    () => add({ type: 'CaseAssigned', data: { caseworkerId: draw.of(['cw-ana', 'cw-beto']) } }),
    () => add({ type: 'CaseReleased', data: { caseworkerId: 'cw-ana' } }),
    () =>
      add({
        type: 'CaseHandedOver',
        data: { fromOffice: office, toOffice: draw.of(OFFICES), reasonCode: 'moved' },
        personal: { note: 'told' },
      }),
    () => {
      const alertId = randomUUID();
      alerts.push(alertId);
      add({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } });
    },
    () => {
      const alertId = alerts.shift();
      if (alertId) add({ type: 'ProtectionAlertAnswered', data: { alertId }, personal: { answer: 'told' } });
    },
  ];
  const [requestId, transferId] = [randomUUID(), randomUUID()];
  const country = draw.of(['GT', 'HN'] as const);
  const due = (): string => new Date(now + draw.below(150) * DAY_MS).toISOString();
  const road: (() => void)[] = [
    () => add({ type: 'TransferRequested', data: { requestId, country, replyDueAt: due() } }),
    () =>
      add({
        type: 'TransferAccepted',
        data: { requestId, acceptanceId: randomUUID(), validUntil: due() },
        personal: { reference: 'R-1' },
      }),
    () => add({ type: 'ApplicantDeparted', data: { flight: 'X101' }, personal: { explanation: '' } }),
    () =>
      add(
        country === 'GT'
          ? { type: 'TransferredToGuatemala', data: { transferId, country }, personal: { receivedBy: 'a desk' } }
          : { type: 'TransferredToHonduras', data: { transferId, country }, personal: { receivedBy: 'a desk' } },
      ),
    () => add({ type: 'FollowUpOverdue', data: { transferId, milestone: 'PT72H' } }),
    () => add({ type: 'ContactReestablished', data: { sourceCode: 'family' } }),
  ];
  for (const step of road.slice(0, draw.below(road.length + 1))) {
    draw.of(meanwhile)();
    step();
  }
  draw.of(meanwhile)();
  if (draw.chance(0.3)) add({ type: 'CaseClosed', data: { reasonCode: 'done' } });
  if (draw.chance(0.3) && events.at(-1)?.type === 'CaseClosed') add({ type: 'CaseReopened', data: { reasonCode: 'not-done' } });
  if (draw.chance(0.1)) add({ type: 'DeathRecorded', data: {} });
  return events;
}

test(`who has how much to do with ${CASES} random cases is as counted by hand (SEED=${SEED})`, async () => {
  const handler = new ReportWorkloadHandler(random.following.readModels);
  for (const range of [{}, { from: '2020-02-01', to: '2020-02-29' }, { from: '2020-02-17', to: '2020-02-17' }, { to: '2020-01-01' }])
    for (const country of [undefined, 'GT', 'HN', 'SV'] as const) {
      const asked = { ...range, ...(country && { country }) };
      const { rows } = await handler.execute(new ReportWorkload(asked));
      expect({ asked, rows }).toEqual({ asked, rows: recountWorkload(random.raw, asked, AFTER_ALL) });
    }
}, 600_000);
