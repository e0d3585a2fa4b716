import { beforeEach, describe, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import { CorrectApplicant } from '../../src/cases/applicant.commands.js';
import { MarkAsDuplicate } from '../../src/cases/intake.commands.js';
import { DismissDuplicate } from '../../src/cases/merging.commands.js';
import { ClearForBoarding, PlaceHold } from '../../src/cases/transfer.commands.js';
import type { Receipt } from '../../src/event-store/act.js';
import { Died, Durable, InMemoryCaseledger } from '../support/in-memory-caseledger.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* Two files that bear one alien number may be one person's: until somebody has said so, or not, nobody is cleared. */

const { worker, supervisor, liaison } = InMemoryOffice.staff;
const NUMBER = 'A200000001';
const FLAGS = 'when-number-shared-flag-duplicates';
let office: InMemoryOffice;
beforeEach(async () => {
  office = new InMemoryOffice();
  await office.bringIntoForce('GT');
});

const open = (name: string, applicant: object = { alienNumber: NUMBER }): Promise<string> =>
  office.caseAt(name, 'opened', undefined, applicant);
const correct = (caseId: string, applicant: object): Promise<Receipt> =>
  office.act(worker, CorrectApplicant, caseId, { applicant, reasonCode: 'typing-error' });
const dismiss = (caseId: string, of: string): Promise<Receipt> =>
  office.act(supervisor, DismissDuplicate, caseId, { of, reasonCode: 'another-person' });
/** What of the other files was said in the case, in order. */
const said = async (caseId: string): Promise<string[]> =>
  (await office.service.ledger.history(caseStream, caseId)).flatMap(({ type, data }) =>
    type === 'PossibleDuplicateFlagged' || type === 'DuplicateDismissed' ? [`${type} ${(data as { caseId: string }).caseId}`] : [],
  );
const flagged = (caseId: string): string => `PossibleDuplicateFlagged ${caseId}`;
const dismissed = (caseId: string): string => `DuplicateDismissed ${caseId}`;

describe('a number in two files', () => {
  test.each([
    ['in both', { alienNumber: NUMBER }],
    ['among the others of one', { alienNumber: 'A200000009', otherAlienNumbers: ['A200000002', NUMBER] }],
    ['among two that they share', { alienNumber: NUMBER, otherAlienNumbers: ['A200000002'] }],
  ])('%s is told in both, once', async (_, applicant) => {
    const one = await open('Ana', { alienNumber: NUMBER, otherAlienNumbers: ['A200000002'] });
    await office.settle();
    const other = await open('Beto', applicant);
    await open('Cira', {});
    await office.settle();
    expect(await said(one)).toEqual([flagged(other)]);
    expect(await said(other)).toEqual([flagged(one)]);
  });

  test('is told once where both were opened, or corrected, at once', async () => {
    const [one, other] = await Promise.all([open('Ana'), open('Beto')]);
    await office.settle();
    expect([await said(one), await said(other)]).toEqual([[flagged(other)], [flagged(one)]]);
    const [third, fourth] = [await open('Cira', {}), await open('Dora', {})];
    await Promise.all([third, fourth].map(caseId => correct(caseId, { alienNumber: 'A200000005' })));
    await office.settle();
    expect([await said(third), await said(fourth)]).toEqual([[flagged(fourth)], [flagged(third)]]);
  });

  test('is not told where it was corrected before anybody looked, nor by a correction of something else', async () => {
    const [one, other] = [await open('Ana'), await open('Beto')];
    await correct(other, { alienNumber: 'A200000003' });
    await office.settle();
    await correct(one, { sex: 'female' });
    await office.settle();
    expect([await said(one), await said(other)]).toEqual([[], []]);
    expect([...office.service.durable.lists.values()].map(items => items.size)).toEqual([1, 1, 1, 1]);
  });

  test('that was dismissed in one file is in both, until it is corrected to the same again', async () => {
    const [one, other] = [await open('Ana'), await open('Beto')];
    await office.settle();
    await dismiss(one, other);
    expect((await dismiss(one, other)).events).toEqual([]);
    await office.settle();
    expect([await said(one), await said(other)]).toEqual([
      [flagged(other), dismissed(other)],
      [flagged(one), dismissed(one)],
    ]);
    await correct(other, { sex: 'male' });
    await office.settle();
    expect((await office.file(one)).duplicates[other]?.standing).toBe('dismissed');
    await correct(other, { alienNumber: 'A200000003' });
    await correct(other, { alienNumber: NUMBER });
    await office.settle();
    for (const [caseId, of] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(await said(caseId)).toEqual([flagged(of), dismissed(of), flagged(of)]);
      expect((await office.file(caseId)).duplicates[of]?.standing).toBe('open');
    }
  });

  test('that becomes shared anew while a dismissal is on its way is open in both', async () => {
    const [one, other] = [await open('Ana'), await open('Beto')];
    await office.settle();
    await dismiss(one, other);
    await correct(other, { alienNumber: 'A200000003' });
    await correct(other, { alienNumber: NUMBER });
    await office.service.settle(waiting => waiting.find(({ type }) => type === 'ApplicantCorrected') ?? waiting[0]);
    expect((await office.file(one)).duplicates[other]?.standing).toBe('open');
    expect((await office.file(other)).duplicates[one]?.standing).toBe('open');
  });

  test('that was dismissed before the process came to it stays so', async () => {
    const [one, other] = [await open('Ana'), await open('Beto')];
    await dismiss(one, other);
    await office.settle();
    expect((await said(one)).at(-1)).toBe(dismissed(other));
    expect((await said(other)).at(-1)).toBe(dismissed(one));
  });

  test('no file is dismissed that is not there, is itself, or is merged', async () => {
    const [one, other] = [await open('Ana'), await open('Beto')];
    await expect(dismiss(one, one)).rejects.toMatchObject({ code: 'validation-failed' });
    await expect(dismiss(one, InMemoryOffice.id('nobody'))).rejects.toMatchObject({ code: 'not-found' });
    await office.act(supervisor, MarkAsDuplicate, one, { of: other });
    await office.settle();
    await expect(dismiss(one, other)).rejects.toMatchObject({ code: 'validation-failed' });
    await expect(dismiss(other, one)).rejects.toMatchObject({ code: 'validation-failed' });
  });
});

describe('nobody is cleared while another open file bears a number of the person', () => {
  const clear = (caseId: string, manifestId: string): Promise<Receipt> => office.act(liaison, ClearForBoarding, caseId, { manifestId });
  const blocked = ({ refused = [] }: Receipt): string[] => refused.map(({ code }) => code);

  async function twoScheduled(): Promise<{ one: string; other: string; flight: string }> {
    const [one, other] = [
      await office.caseAt('Ana', 'accepted', undefined, { alienNumber: NUMBER }),
      await office.caseAt('Beto', 'accepted'),
    ];
    const flight = await office.flight('flight', [one, other]);
    await office.settle();
    return { one, other, flight };
  }

  test('nor stays so who was cleared, until the two are told apart in both files', async () => {
    const { one, other, flight } = await twoScheduled();
    await office.openBoarding(flight);
    await office.settle();
    expect((await office.file(one)).transfer?.clearedUntil).not.toBeNull();
    await correct(other, { alienNumber: NUMBER });
    await office.settle();
    for (const caseId of [one, other]) {
      expect((await office.file(caseId)).transfer?.clearedUntil).toBeNull();
      expect(blocked(await clear(caseId, flight))).toEqual(['duplicate-unresolved']);
    }
    await dismiss(one, other);
    expect(blocked(await clear(one, flight))).toEqual(['duplicate-unresolved']);
    await office.settle();
    for (const caseId of [one, other]) expect(blocked(await clear(caseId, flight))).toEqual([]);
  });

  test("who has neither its number any more, nor is open, stands in nobody's way", async () => {
    const { one, other, flight } = await twoScheduled();
    const third = await open('Cira');
    await correct(other, { alienNumber: NUMBER });
    await office.settle();
    expect(blocked(await clear(one, flight))).toEqual(['duplicate-unresolved']);
    await correct(other, { alienNumber: 'A200000003' });
    await office.settle();
    expect(blocked(await clear(one, flight))).toEqual(['duplicate-unresolved']);
    await office.act(worker, PlaceHold, third, { kind: 'family' });
    await office.act(supervisor, MarkAsDuplicate, third, { of: one });
    await office.settle();
    expect(blocked(await clear(one, flight))).toEqual([]);
  });
});

/** An office of a build that knew of no flags, nor of one form of a number: its files are those of then. */
async function officeOfBefore(): Promise<InMemoryOffice> {
  const before = new InMemoryOffice(new InMemoryCaseledger(new Durable(), FLAGS));
  await before.bringIntoForce('GT');
  return before;
}
/** The same events under this build, whose process of flags has heard of none yet. */
function underThisBuild({ service: { durable } }: InMemoryOffice): InMemoryOffice {
  for (const event of durable.store.contents.all)
    if (event.type === 'CaseOpened' || event.type === 'ApplicantCorrected') Object.assign(event, { schemaVersion: 1 });
  durable.looked = 0;
  return new InMemoryOffice(new InMemoryCaseledger(durable));
}

describe('files that were opened before there were flags', () => {
  test.each([
    ['at once', () => undefined],
    ['over two deaths of the service', (service: InMemoryCaseledger) => dieAt(service, [1, 4])],
  ])('are flagged from the beginning, in whatever form their numbers were stored: %s', async (_, dies) => {
    const before = await officeOfBefore();
    office = before;
    const [one, other, apart] = [
      await open('Ana', { alienNumber: 'A00000123' }),
      await open('Beto', { alienNumber: '000000123' }),
      await open('Cira', { alienNumber: 'A00000124' }),
    ];
    const corrected = await open('Dora', {});
    await correct(corrected, { alienNumber: 'a000000123' });
    const closed = await open('Elio', { alienNumber: 'A00000123' });
    await office.act(supervisor, MarkAsDuplicate, closed, { of: one });
    await office.settle();
    expect(await said(one)).toEqual([]);

    office = underThisBuild(before);
    dies(office.service);
    await settleOverDeaths();
    for (const caseId of [one, other, corrected]) {
      const others = [one, other, corrected, closed].filter(each => each !== caseId);
      expect((await said(caseId)).toSorted()).toEqual(others.map(flagged).toSorted());
    }
    expect(await said(apart)).toEqual([]);
    const told = office.service.durable.store.contents.all.length;
    office.service.durable.looked = 0;
    await settleOverDeaths();
    expect(office.service.durable.store.contents.all).toHaveLength(told);
  });
});

/** The service dies at those of the points that it passes. */
function dieAt(service: InMemoryCaseledger, points: readonly number[]): void {
  let passed = 0;
  service.passing = point => {
    if (points.includes(passed++)) throw new Died(point);
  };
}

async function settleOverDeaths(): Promise<void> {
  const { service } = office;
  for (let next = service.waiting()[0]; next; next = service.waiting()[0]) await service.answer(next);
}
