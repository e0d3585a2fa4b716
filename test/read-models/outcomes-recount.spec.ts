import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { outcomesProjection } from '../../src/read-models/outcomes/outcomes.projection.js';
import { ReportOutcomes, ReportOutcomesHandler } from '../../src/read-models/outcomes/outcomes.query.js';
import { Draw } from '../model/draw.js';
import { FIGURES, GROUPS, recountOutcomes } from '../support/recount/outcomes.js';
import type { RawEvent } from '../support/recount/raw-event.js';
import { follow, once, type Following } from './following.js';
import { anEvent, at, departed, opened, retracted } from './histories.js';

/* The figures of random cases, and the same counted from the raw events by code that knows nothing of projections. */

const CASES = Number(process.env['CASES'] ?? 600);
const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const AT_ONCE = 250;
const PATIENCE_MS = 600_000 + 20 * CASES;

let following: Following;
let handler: ReportOutcomesHandler;
const raw = new Map<string, readonly RawEvent[]>();

beforeAll(async () => {
  following = await follow(outcomesProjection, kinds => kinds.register(caseStream), undefined, once);
  handler = new ReportOutcomesHandler(following.readModels);
  const draw = new Draw(SEED);
  let position = '';
  for (let from = 0; from < CASES; from += AT_ONCE) {
    const stories = Array.from({ length: Math.min(AT_ONCE, CASES - from) }, () => ({ caseId: randomUUID(), events: story(draw) }));
    for (const { caseId, events } of stories) raw.set(caseId, events);
    const results = await following.store.append(
      stories.map(({ caseId, events }) => ({ stream: `case-${caseId}`, expectedRevision: 'no-stream' as const, events })),
    );
    for (const result of results) if (result.outcome !== 'conflict' && result.position > position) position = result.position;
  }
  for (;;) {
    const { asOfPosition } = await handler.execute(new ReportOutcomes({}));
    if (asOfPosition >= position) break;
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
  }
}, PATIENCE_MS);
afterAll(() => following.stop());

const ARRIVED = { GT: 'TransferredToGuatemala', SV: 'TransferredToElSalvador', HN: 'TransferredToHonduras' } as const;
const day = (first: string, days: number): string => new Date(Date.parse(first) + days * 86_400_000).toISOString();

/** What one invented person may live through: several requests, a journey or two, and what is heard of afterwards, late or never. */
function story(draw: Draw): NewEvent[] {
  const events: NewEvent[] = [opened({ nationalities: draw.of([['HN'], ['SV'], ['SV', 'HN', 'SV'], ['NI'], []]) })];
  const add = (event: CaseEvent, when: string): NewEvent => {
    const added = anEvent(event, at(when));
    events.push(added);
    return added;
  };
  let when = day('2020-01-05T23:30:00Z', draw.below(200));
  const later = (days: number): string => (when = day(when, draw.below(days) + draw.below(24) / 24));
  for (let journey = 0; journey <= draw.below(2); journey++) {
    const country = draw.of<PartnerCountry>(['GT', 'GT', 'GT', 'HN', 'SV']);
    const requestId = randomUUID();
    for (let refused = draw.below(3); refused > 1; refused--) {
      add({ type: 'TransferRequested', data: { requestId, country, replyDueAt: later(9) } }, when);
      if (draw.below(2)) add({ type: 'TransferRefused', data: { requestId, reasonCode: null } }, later(9));
      else add({ type: 'TransferRequestLapsed', data: { requestId } }, later(15));
    }
    add({ type: 'TransferRequested', data: { requestId, country, replyDueAt: later(9) } }, when);
    if (!draw.below(4)) return events;
    add({ type: 'TransferAccepted', data: { requestId, acceptanceId: randomUUID(), validUntil: when } }, later(14));
    events.push(departed(later(30)));
    const transferId = randomUUID();
    const arrivedAt = later(2);
    add({ type: ARRIVED[country], data: { transferId, country } }, arrivedAt);
    afterwards(draw, add, { country, transferId, arrivedAt });
    if (!draw.below(5)) add({ type: 'ApplicantCorrected', data: CORRECTION }, later(9));
    if (!draw.below(8)) add({ type: 'AgeDisputed', data: {}, personal: { basis: 'told' } }, later(3));
    if (!draw.below(8)) add({ type: 'AgeDecided', data: { minor: !draw.below(2) }, personal: { basis: 'told' } }, later(3));
    if (draw.below(3)) break;
    add({ type: 'ReturnRecorded', data: { reasonCode: 'sent-back' } }, later(90));
  }
  const onward = events.find(({ type }) => type === 'OnwardDepartureReported');
  if (onward && draw.below(2)) events.push(retracted(onward, later(20)));
  if (!draw.below(20)) add({ type: 'DeathRecorded', data: {} }, later(60));
  return events;
}
const CORRECTION = {
  applicant: { nationalities: ['GT'] },
  fields: ['applicant.nationalities'],
  reasonCode: 'error',
  minorAtEncounter: false,
};

function afterwards(
  draw: Draw,
  add: (event: CaseEvent, when: string) => NewEvent,
  { country, transferId, arrivedAt }: { readonly country: PartnerCountry; readonly transferId: string; readonly arrivedAt: string },
): void {
  const sometime = (): string => day(arrivedAt, draw.below(40));
  const handOver = (): void => {
    const data = { fromOffice: 'ELP', toOffice: draw.of(['LRD', 'SND']), reasonCode: 'moved' };
    if (!draw.below(6)) add({ type: 'CaseHandedOver', data, personal: { note: 'told' } }, sometime());
  };
  handOver();
  const overdue = draw.below(3);
  for (const milestone of ['PT72H', 'P30D'].slice(0, overdue))
    add({ type: 'FollowUpOverdue', data: { transferId, milestone } }, day(arrivedAt, milestone === 'PT72H' ? 3 : 30));
  handOver();
  if (!draw.below(4)) add({ type: 'AsylumIntentionExpressed', data: { country } }, sometime());
  if (!draw.below(4)) add({ type: 'ContactReestablished', data: { sourceCode: 'family' } }, sometime());
  if (!draw.below(4))
    add({ type: 'OnwardDepartureReported', data: { toCountry: 'MX', manner: 'unknown', sourceCode: 'family' } }, sometime());
  if (draw.below(3)) return;
  add({ type: 'AsylumApplied', data: { country, authority: 'office' } }, sometime());
  const next = draw.below(4);
  if (next === 0) add({ type: 'AsylumDenied', data: { final: false } }, sometime());
  if (next <= 1) add({ type: 'AsylumGranted', data: { final: true } }, sometime());
  if (next === 2) add({ type: 'AsylumApplicationAbandoned', data: { reasonCode: 'left' } }, sometime());
}

test(`outcomes of ${CASES} random cases are as counted by hand (SEED=${SEED})`, async () => {
  const byHand = recountOutcomes(raw);
  const seen = new Set<string>();
  for (const range of [{}, { from: '2020-03-01', to: '2020-05-31' }, { from: '2020-04-17', to: '2020-04-17' }])
    for (const country of [undefined, 'GT', 'HN'] as const)
      for (const by of GROUPS) {
        const asked = { ...range, by, ...(country && { country }) };
        const { rows, total } = await handler.execute(new ReportOutcomes(asked));
        const figures = Object.fromEntries(
          [...rows, { group: 'total', ...total }].map(row => [row.group, Object.fromEntries(FIGURES.map(name => [name, row[name]]))]),
        );
        expect({ asked, figures }).toEqual({ asked, figures: byHand.report(asked) });
        for (const name of FIGURES) if (Number(total[name]) > 0) seen.add(name);
      }
  expect(seen.size).toBe(FIGURES.length);
}, 600_000);

test('sums that came to nothing are gone, and whom they cannot count are few but there', async () => {
  const [sums] = await following.readModels.query<{ least: number; empty: number; spread: number }>(
    'outcomes',
    `SELECT min(least(${FIGURES.join(', ')})) AS least, count(*) FILTER (WHERE empty) AS empty,
       (SELECT count(*) FROM {outcomes}.cases WHERE spread) AS spread FROM {outcomes}.sums`,
  );
  expect(sums).toMatchObject({ least: 0, empty: 0 });
  expect(sums?.spread).toBeGreaterThan(0);
});

test(
  'built at once, they are the same',
  async () => {
    const { before, after } = await following.rebuilt();
    expect(after).toEqual(before);
  },
  PATIENCE_MS,
);
