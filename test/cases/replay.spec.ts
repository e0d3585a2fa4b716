import { describe, expect, test } from '@jest/globals';
import { replay } from '../../src/cases/case.replay.js';
import { CorrectApplicant } from '../../src/cases/applicant.commands.js';
import {
  ana,
  applying,
  arriving,
  Casebook,
  claiming,
  cleared,
  departing,
  leadingTo,
  opening,
  refused,
  screeningFor,
  send,
  serving,
  telling,
  typesOf,
  withdrawing,
  type Step,
} from './scenario.js';

/* What was known then, of what had happened by then. */

const flown: readonly Step[] = [
  ...cleared,
  departing({ at: '2020-01-13T18:00:00Z', occurredAt: '2020-01-13T17:00:00Z' }),
  arriving('GT', { at: '2020-01-14T09:00:00Z', occurredAt: '2020-01-13T20:00:00Z' }),
];
const history = async (...steps: readonly Step[]) => (await new Casebook().add(...steps)).history;

describe('by when it was recorded', () => {
  test('before the opening there is nothing', async () => {
    expect(replay(await history(opening()), { recordedBy: '2020-01-13T14:59:59Z' })).toEqual({ revision: -1, state: null });
    expect(replay([])).toEqual({ revision: -1, state: null });
  });

  test('an event counts from its own instant', async () => {
    const events = await history(...flown);
    expect(replay(events, { recordedBy: '2020-01-13T17:59:59Z' }).state?.status).toBe('transfer-scheduled');
    expect(replay(events, { recordedBy: '2020-01-13T18:00:00Z' }).state?.status).toBe('in-transit');
    expect(replay(events, { recordedBy: '2020-01-14T09:00:00Z' }).state?.status).toBe('transferred');
  });
});

describe('by when it happened', () => {
  test('what had happened shows, though it was recorded later', async () => {
    const events = await history(...flown);
    expect(replay(events, { occurredBy: '2020-01-13T16:59:59Z' }).state?.status).toBe('transfer-scheduled');
    expect(replay(events, { occurredBy: '2020-01-13T17:00:00Z' }).state?.status).toBe('in-transit');
    expect(replay(events, { occurredBy: '2020-01-13T20:00:00Z' })).toMatchObject({
      state: { status: 'transferred' },
      revision: events.length - 1,
    });
    // Both together: it had happened, and was not known yet.
    expect(replay(events, { occurredBy: '2020-01-13T20:00:00Z', recordedBy: '2020-01-13T19:00:00Z' }).state?.status).toBe('in-transit');
  });

  test('a report that is dated before what makes it possible is passed over', async () => {
    const events = await history(...leadingTo.screening, serving({}, { occurredAt: '2020-01-13T12:00:00Z' }));
    const before = replay(
      [
        ...(await history(opening({}, { occurredAt: '2020-01-13T11:00:00Z' }), claiming({ occurredAt: '2020-01-13T11:30:00Z' }))),
        ...events.slice(2),
      ],
      { occurredBy: '2020-01-13T12:00:00Z' },
    );
    expect(before.state).toMatchObject({ status: 'opened', screening: null, claim: { protection: 'asylum' } });
    expect(before.revision).toBe(1);
  });

  test('a correction counts whenever it was made', async () => {
    const corrected = send(CorrectApplicant, { applicant: { birthDate: '2002-01-13' }, reasonCode: 'typing-error' }, ana, {
      at: '2020-02-01T12:00:00Z',
    });
    const events = await history(opening(), corrected);
    expect(replay(events, { occurredBy: '2020-01-13T15:00:00Z' }).state).toMatchObject({
      minorAtEncounter: true,
      applicant: { birthDate: '2002-01-13' },
    });
    expect(replay(events, { recordedBy: '2020-01-13T15:00:00Z' }).state).toMatchObject({ minorAtEncounter: false });
  });
});

describe('a file whose personal data is gone', () => {
  const withoutPerson = async (...steps: readonly Step[]): Promise<Casebook> => {
    const book = await new Casebook().add(opening());
    const [opened] = book.history;
    if (opened?.type !== 'CaseOpened') throw new Error('it was not opened');
    return new Casebook().add({ type: 'CaseOpened', data: opened.data }, ...steps);
  };

  test('shows nobody, who is not screened under any agreement', async () => {
    const book = await withoutPerson();
    expect(book.asylumCase.applicant).toBeNull();
    await book.add(...leadingTo['transfer-accepted'].slice(1, 3));
    expect(await book.send(screeningFor())).toEqual(refused('national-of-partner-country'));
    expect(await book.send(withdrawing())).toMatchObject([{ type: 'WithdrawalRefused', data: { code: 'language-not-understood' } }]);
  });

  test('keeps the age as it was decided, and takes corrections', async () => {
    const book = await withoutPerson();
    expect(typesOf(await book.send(send(CorrectApplicant, { encounter: { day: '2020-01-11' }, reasonCode: 'r' }, ana)))).toEqual([
      'ApplicantCorrected',
    ]);
    expect(book.asylumCase).toMatchObject({ applicant: null, minorAtEncounter: false, encounter: { day: '2020-01-11' } });
    await book.add(send(CorrectApplicant, { applicant: { birthDate: '2010-01-01' }, reasonCode: 'r' }, ana));
    expect(book.asylumCase).toMatchObject({ applicant: null, minorAtEncounter: true });
  });
});

test('a telling that was dated before the request still counts once the request does', async () => {
  const events = await history(...leadingTo['transfer-requested'], telling({}, { occurredAt: '2020-01-13T15:00:30Z' }));
  expect(replay(events, { occurredBy: '2020-01-13T15:07:30Z' }).state?.transfer).toBeNull();
  expect(replay(events).state?.transfer?.destinationTold).toBe(true);
});

test('what came after the arrival is not there before it', async () => {
  const events = await history(...flown, applying('GT', { at: '2020-01-20T12:00:00Z', occurredAt: '2020-01-18T12:00:00Z' }));
  expect(replay(events, { occurredBy: '2020-01-18T11:59:59Z' }).state).toMatchObject({ status: 'transferred', asylum: null });
  expect(replay(events, { occurredBy: '2020-01-18T12:00:00Z' }).state).toMatchObject({
    status: 'asylum-pending',
    asylum: { appliedAt: '2020-01-18T12:00:00Z' },
  });
});
