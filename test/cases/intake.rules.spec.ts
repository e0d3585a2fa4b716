import { describe, expect, test } from '@jest/globals';
import { CorrectApplicant, DecideAge, DisputeAge } from '../../src/cases/applicant.commands.js';
import * as intake from '../../src/cases/intake.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import {
  CASE,
  Casebook,
  type Circumstances,
  FLIGHT,
  HOLD,
  NOTHING,
  PIECE,
  type Sent,
  ana,
  asking,
  assigning,
  beto,
  claiming,
  cleared,
  closing,
  confirming,
  departing,
  dina,
  dying,
  given,
  gus,
  holding,
  leadingTo,
  leavingIrregularly,
  opening,
  prepared,
  referring,
  refused,
  reopening,
  retracting,
  revoking,
  screeningFor,
  send,
  serving,
  submitting,
  typesOf,
  withdrawing,
  world,
} from './scenario.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { STATUSES, type Status } from '../../src/cases/case.status.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import { person, told } from '../support/given.js';

const correcting = (body: object, circumstances?: Circumstances) =>
  send(CorrectApplicant, { reasonCode: 'typing-error', ...body }, ana, circumstances);
const disputing = () => send(DisputeAge, { basis: 'looks younger' }, ana);
const decidingAge = (minor: boolean) => send(DecideAge, { minor, basis: 'papers' }, dina);
const beforeEncounter = { occurredAt: '2020-01-12T14:59:59Z' };
const atEncounter = { occurredAt: '2020-01-12T15:00:00Z' };

describe('opening', () => {
  test('not before the encounter; at it is well', async () => {
    expect(await given().when(opening({}, beforeEncounter))).toEqual(refused('date-out-of-order'));
    expect(typesOf(await given().when(opening({}, atEncounter)))).toEqual(['CaseOpened']);
  });

  test.each([
    ['2020-01-10', false],
    ['2020-01-11', true],
    ['2020-01-12', true],
    ['2020-01-13', true],
    ['2020-01-14', false],
  ])('on a local day within one day of the UTC day of the encounter: %s', async (day, fits) => {
    const misfit = { refused: ['invalid /encounter/day'] };
    expect(await given().when(opening({ encounter: { day } }))).toEqual(fits ? [expect.objectContaining({ type: 'CaseOpened' })] : misfit);
    if (day !== '2020-01-12')
      expect(await given(opening()).when(correcting({ encounter: { day } }))).toEqual(
        fits ? [expect.objectContaining({ type: 'ApplicantCorrected' })] : misfit,
      );
    const at = `${day}T12:00:00Z`;
    expect(await given(opening()).when(correcting({ encounter: { at } }))).toEqual(
      fits ? [expect.objectContaining({ type: 'ApplicantCorrected' })] : misfit,
    );
    expect(typesOf(await given(opening()).when(correcting({ encounter: { at, day } })))).toEqual(['ApplicantCorrected']);
  });

  test('only in an office', async () => {
    expect(await given().when({ ...opening({}, atEncounter), by: { ...ana, office: null } })).toEqual(refused('other-office'));
  });

  test("the person's identity is personal, the rest stands in the open", async () => {
    const [event] = (await given().when(opening({ applicant: { alienNumber: 'A200000001' } }))) as unknown as readonly [
      { data: object; personal: object },
    ];
    expect(event.data).toMatchObject({
      office: 'ELP',
      applicant: { nationalities: ['HN'], languages: ['es'], accompaniedBy: 'none' },
      minorAtEncounter: false,
      possibleDuplicates: [],
    });
    expect(event.personal).toEqual({
      applicant: { givenNames: 'Ana Lucía', familyName: 'Synthetic-0001', birthDate: '1990-05-17', alienNumber: 'A200000001' },
    });
    expect(JSON.stringify(event.data)).not.toMatch(/Synthetic|Ana|1990|A2000/);
  });

  test('a number is told once, in whatever form', async () => {
    const numbers = { alienNumber: 'A200000001', otherAlienNumbers: ['A200000002', 'A200000001'] };
    const twice = { refused: ['invalid /applicant/otherAlienNumbers/1'] };
    expect(await given().when(opening({ applicant: numbers }))).toEqual(twice);
    const [first, second] = ['A200000001', 'A200000002'];
    const opened = given(opening({ applicant: { alienNumber: first, otherAlienNumbers: [second] } }));
    expect(await opened.when(correcting({ applicant: numbers }))).toEqual(twice);
    expect(await opened.when(correcting({ applicant: { otherAlienNumbers: [first] } }))).toEqual({
      refused: ['invalid /applicant/otherAlienNumbers/0'],
    });
    expect(await opened.when(correcting({ applicant: { alienNumber: second } }))).toEqual({ refused: ['invalid /applicant/alienNumber'] });
    expect((await opened.after(correcting({ applicant: { alienNumber: second, otherAlienNumbers: [first] } }))).applicant).toMatchObject({
      alienNumber: second,
      otherAlienNumbers: [first],
    });
  });

  test('who has one name, and who had others', async () => {
    const otherNames = [{ familyName: 'Synthetic-0003' }, { givenNames: 'Lucha', familyName: 'Synthetic-0004' }];
    const { applicant } = await given(opening({ applicant: { givenNames: undefined, otherNames } })).after();
    expect(applicant).toMatchObject({ familyName: 'Synthetic-0001', otherNames });
    expect(applicant).not.toHaveProperty('givenNames');
    const opened = given(opening({ applicant: { otherNames } }));
    expect(await opened.when(correcting({ applicant: { otherNames } }))).toEqual([]);
    expect(await opened.when(correcting({ applicant: { otherNames: [] } }))).toMatchObject([
      { type: 'ApplicantCorrected', personal: { applicant: { otherNames: [] } } },
    ]);
    expect(await given(opening()).when(correcting({ applicant: { otherNames: [], otherAlienNumbers: [] } }))).toEqual([]);
  });

  test.each([
    ['2002-01-12', '2020-01-12', false],
    ['2002-01-13', '2020-01-12', true],
    ['2004-02-29', '2022-02-28', true],
    ['2004-02-29', '2022-03-01', false],
    ['2002-02-28', '2020-02-28', false],
  ])('born on %s and met on %s: a minor? %s', async (birthDate, day, minor) => {
    const at = `${day}T18:00:00Z`;
    expect(await given().when(opening({ applicant: { birthDate }, encounter: { day, at } }, { at }))).toMatchObject([
      { data: { minorAtEncounter: minor } },
    ]);
  });

  test('the local day of the encounter counts, not the day in UTC', async () => {
    const met = { day: '2020-01-11', at: '2020-01-12T04:30:00Z' };
    expect(await given().when(opening({ applicant: { birthDate: '2002-01-12' }, encounter: met }))).toMatchObject([
      { data: { minorAtEncounter: true } },
    ]);
  });
});

describe('reports are not dated before the encounter', () => {
  const sha256 = 'AB'.repeat(32);
  test.each([
    ['a claim', send(intake.RecordProtectionClaim, { protection: 'asylum', statement: 's' }, ana)],
    ['a representative', send(intake.RecordRepresentative, { name: 'n', contact: 'c' }, ana)],
    ['a consent', send(intake.RecordConsent, { recipient: 'consulate', categories: ['identity'] }, ana)],
    ['a disclosure', send(intake.RecordDisclosure, { recipient: 'consulate', categories: ['identity'], basis: 'written-consent' }, gus)],
    [
      'a document',
      send(
        intake.AttachDocument,
        { documentId: PIECE, name: 'n', mediaType: 'application/pdf', byteLength: 1, sha256, location: 'l' },
        gus,
      ),
    ],
  ])('%s', async (_, sent) => {
    expect(await given(opening()).when({ ...sent, ...beforeEncounter })).toEqual(refused('date-out-of-order'));
    expect(await given(opening()).when({ ...sent, ...atEncounter })).toHaveLength(1);
  });

  test('protective facts are taken whatever their date', async () => {
    for (const sent of [
      send(intake.RecordVulnerability, { kind: 'medical-condition' }, beto),
      send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, beto),
      send(screening.ExpressFear, { country: 'GT' }, beto),
    ])
      expect(await given(opening()).when({ ...sent, ...beforeEncounter })).toHaveLength(1);
  });

  test('evidence goes back after it came, and only what came', async () => {
    const received = given(
      opening(),
      send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, ana, { occurredAt: '2020-01-13T12:00:00Z' }),
    );
    const back = (occurredAt: string) => send(intake.ReturnEvidence, { evidenceId: PIECE }, gus, { occurredAt });
    expect(await received.when(back('2020-01-13T11:59:59Z'))).toEqual(refused('date-out-of-order'));
    expect(typesOf(await received.when(back('2020-01-13T12:00:00Z')))).toEqual(['EvidenceReturned']);
    expect(await received.when(send(intake.ReturnEvidence, { evidenceId: NOTHING }, gus))).toEqual(refused('not-found /evidenceId'));
  });
});

test('a return leaves an earlier return its date, and comes after every receipt of the piece', async () => {
  // As it was stored before one id could stand for one piece alone.
  const received = (occurredAt: string) =>
    told<CaseEvent>({ type: 'EvidenceReceived', data: { evidenceId: PIECE }, personal: { description: 'letters' } }, { occurredAt });
  const back = (occurredAt: string) => send(intake.ReturnEvidence, { evidenceId: PIECE }, gus, { occurredAt });
  const again = given(opening(), received('2020-01-12T16:00:00Z'), back('2020-01-12T17:00:00Z'), received('2020-01-12T18:00:00Z'));
  expect(await again.when(back('2020-01-12T17:59:59Z'))).toEqual(refused('date-out-of-order'));
  const { evidence } = await again.after(back('2020-01-12T19:00:00Z'));
  expect(evidence.map(({ returnedAt }) => returnedAt)).toEqual(['2020-01-12T17:00:00Z', '2020-01-12T19:00:00Z']);
});

test('one id is one piece of evidence, also once it is given back; an entry made in error frees it', async () => {
  const receiving = send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, beto);
  const back = send(intake.ReturnEvidence, { evidenceId: PIECE }, gus);
  expect(await given(opening(), receiving).when(receiving)).toEqual(refused('already-exists'));
  expect(await given(opening(), receiving, back).when(receiving)).toEqual(refused('already-exists'));
  expect(typesOf(await given(opening(), receiving, retracting('EvidenceReceived')).when(receiving))).toEqual(['EvidenceReceived']);
});

test('of two pieces of evidence one goes back', async () => {
  const [first, second] = [PIECE, NOTHING].map(evidenceId => send(intake.RecordEvidence, { evidenceId, description: 'letters' }, ana)) as [
    Sent,
    Sent,
  ];
  const { evidence } = await given(opening(), first, second).after(send(intake.ReturnEvidence, { evidenceId: NOTHING }, gus));
  expect(evidence.map(({ evidenceId, returnedAt }) => [evidenceId, returnedAt === null])).toEqual([
    [PIECE, true],
    [NOTHING, false],
  ]);
});

describe('an attempt that is dated before the encounter is refused, not kept', () => {
  test.each([
    ['a withdrawal that nothing else is wrong with', withdrawing({}, beforeEncounter), ['date-out-of-order']],
    [
      'a withdrawal that is neither understood nor voluntary',
      withdrawing({ voluntary: false, language: 'en' }, beforeEncounter),
      ['date-out-of-order', 'language-not-understood', 'withdrawal-not-voluntary'],
    ],
    ['an irregular departure', leavingIrregularly(beforeEncounter), ['date-out-of-order']],
  ])('%s', async (_, sent, codes) => {
    expect(await given(opening()).when(sent)).toEqual(refused(...codes));
  });

  test('a revocation is not dated before the withdrawal', async () => {
    const withdrawn = given(opening(), withdrawing({}, { at: '2020-01-13T16:00:00Z' }));
    expect(await withdrawn.when(revoking({ at: '2020-01-13T17:00:00Z', occurredAt: '2020-01-13T15:59:59Z' }))).toEqual(
      refused('date-out-of-order'),
    );
    expect(await withdrawn.after(revoking({ at: '2020-01-13T17:00:00Z', occurredAt: '2020-01-13T16:00:00Z' }))).toMatchObject({
      status: 'opened',
      withdrawal: { revokedAt: '2020-01-13T16:00:00Z' },
    });
  });
});

describe('what changes nothing is nothing to do', () => {
  test('the same assignment, a release of somebody else, a hand-over to the own office', async () => {
    const assigned = given(opening(), assigning('cw-ana'));
    expect(await assigned.when(assigning('cw-ana'))).toEqual([]);
    expect(typesOf(await assigned.when(assigning('cw-beto')))).toEqual(['CaseAssigned']);
    expect(await assigned.when(send(intake.ReleaseCase, { caseworkerId: 'cw-beto' }, dina))).toEqual([]);
    expect(typesOf(await assigned.when(send(intake.ReleaseCase, { caseworkerId: 'cw-ana' }, dina)))).toEqual(['CaseReleased']);
    expect(await assigned.when(send(intake.HandOverCase, { toOffice: 'ELP', reasonCode: 'moved' }, dina))).toEqual([]);
  });

  test('a second dispute, an equal decision', async () => {
    expect(await given(opening(), disputing()).when(disputing())).toEqual([]);
    expect(await given(opening(), decidingAge(true)).when(decidingAge(true))).toEqual([]);
    expect(typesOf(await given(opening(), decidingAge(true)).when(decidingAge(false)))).toEqual(['AgeDecided']);
    // A dispute is settled by a decision, though it be the same as before.
    expect(typesOf(await given(opening(), decidingAge(true), disputing()).when(decidingAge(true)))).toEqual(['AgeDecided']);
  });

  test('evidence that was given back already', async () => {
    const received = send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, ana);
    const back = send(intake.ReturnEvidence, { evidenceId: PIECE }, gus);
    expect(await given(opening(), received, back).when(back)).toEqual([]);
  });
});

test('a hand-over ends the assignment; a release too', async () => {
  const handedOver = await given(opening(), assigning()).after(
    send(intake.HandOverCase, { toOffice: 'LRD', reasonCode: 'moved', note: 'n' }, dina),
  );
  expect(handedOver).toMatchObject({ office: 'LRD', assignedTo: null });
  expect((await given(opening(), assigning()).after(send(intake.ReleaseCase, { caseworkerId: 'cw-ana' }, dina))).assignedTo).toBeNull();
});

test('what was handed in, noted, told and disclosed is on file', async () => {
  const sha256 = 'AB'.repeat(32);
  const asylumCase = await given(opening()).after(
    send(intake.RecordProtectionClaim, { protection: 'withholding', statement: 'synthetic statement' }, ana),
    send(intake.RecordRepresentative, { name: 'Synthetic Counsel', contact: 'desk' }, ana),
    send(intake.RecordConsent, { recipient: 'consulate', categories: ['identity'] }, ana),
    send(intake.RecordConsent, { recipient: 'consulate', categories: ['identity'], withdrawn: true }, ana),
    send(intake.RecordDisclosure, { recipient: 'court', categories: ['identity'], basis: 'court-order' }, gus),
    send(
      intake.AttachDocument,
      { documentId: PIECE, name: 'n.pdf', mediaType: 'application/pdf', byteLength: 3, sha256, location: 'vault' },
      gus,
    ),
    send(intake.AddNote, { text: 'asked for an interpreter' }, gus),
    send(intake.RecordVulnerability, { kind: 'pregnancy', detail: 'd' }, beto),
    send(screening.ReferToProgramme, { programme: 'resettlement' }, gus),
  );
  expect(asylumCase).toMatchObject({
    claim: { protection: 'withholding', statement: 'synthetic statement' },
    representative: { name: 'Synthetic Counsel' },
    consents: [{ withdrawn: false }, { withdrawn: true }],
    disclosures: [{ recipient: 'court', basis: 'court-order' }],
    attachments: [{ documentId: PIECE, name: 'n.pdf', sha256: sha256.toLowerCase(), location: 'vault' }],
    notes: [{ text: 'asked for an interpreter', by: gus.id }],
    vulnerabilities: [{ kind: 'pregnancy', detail: 'd' }],
    programmes: [{ programme: 'resettlement' }],
  });
});

describe('corrections', () => {
  test('only changed values count', async () => {
    const opened = given(opening({ applicant: { languages: ['es', 'en'] } }));
    expect(await opened.when(correcting({}))).toEqual([]);
    expect(
      await opened.when(
        correcting({
          applicant: { givenNames: 'Ana Lucía', nationalities: ['HN'], languages: ['es', 'en'] },
          encounter: { place: 'Paso del Norte' },
          documents: 'none',
        }),
      ),
    ).toEqual([]);
    expect(await opened.when(correcting({ applicant: { nationalityUnknown: false } }))).toEqual([]);
    expect(
      await opened.when(
        correcting({
          applicant: { givenNames: 'Ana', familyName: 'Synthetic-0001', languages: ['es'] },
          encounter: { place: 'Puente Nuevo' },
        }),
      ),
    ).toEqual([
      {
        type: 'ApplicantCorrected',
        data: {
          applicant: { languages: ['es'] },
          encounter: { place: 'Puente Nuevo' },
          fields: ['applicant.givenNames', 'applicant.languages', 'encounter.place'],
          reasonCode: 'typing-error',
          minorAtEncounter: false,
        },
        personal: { applicant: { givenNames: 'Ana' } },
      },
    ]);
  });

  test('what is corrected is on file, and that it was', async () => {
    const asylumCase = await given(opening()).after(
      correcting({
        applicant: { familyName: 'Synthetic-0002', accompaniedBy: 'parent' },
        encounter: { manner: 'between-ports' },
        documents: 'transit-only',
      }),
    );
    expect(asylumCase).toMatchObject({
      applicant: { givenNames: 'Ana Lucía', familyName: 'Synthetic-0002', accompaniedBy: 'parent' },
      encounter: { place: 'Paso del Norte', manner: 'between-ports' },
      documents: 'transit-only',
      corrections: [
        {
          fields: ['applicant.accompaniedBy', 'applicant.familyName', 'documents', 'encounter.manner'],
          reasonCode: 'typing-error',
          by: ana.id,
        },
      ],
    });
  });

  test('age follows birth date and encounter day', async () => {
    expect((await given(opening()).after(correcting({ applicant: { birthDate: '2002-01-13' } }))).minorAtEncounter).toBe(true);
    const sixteen = given(opening({ applicant: { birthDate: '2002-01-13' } }));
    expect((await sixteen.after(correcting({ encounter: { day: '2020-01-13' } }))).minorAtEncounter).toBe(false);
    expect((await sixteen.after(correcting({ applicant: { sex: 'male' } }))).minorAtEncounter).toBe(true);
  });

  test('a decided age stands until birth date or encounter day is corrected', async () => {
    const decided = given(opening(), decidingAge(true));
    expect(await decided.after(correcting({ applicant: { givenNames: 'Ana' }, documents: 'transit-only' }))).toMatchObject({
      minorAtEncounter: true,
      decidedMinor: true,
    });
    expect(await decided.after(correcting({ applicant: { birthDate: '1990-05-18' } }))).toMatchObject({
      minorAtEncounter: false,
      decidedMinor: null,
    });
    expect(await decided.after(correcting({ encounter: { day: '2020-01-11' } }))).toMatchObject({
      minorAtEncounter: false,
      decidedMinor: null,
    });
    // What was decided no longer stands, so deciding it again is something.
    expect(
      typesOf(await given(opening(), decidingAge(true), correcting({ applicant: { birthDate: '1990-05-18' } })).when(decidingAge(true))),
    ).toEqual(['AgeDecided']);
  });
});

describe('what is taken away', () => {
  const told = { sex: 'female', alienNumber: 'A200000001', habitualResidence: 'SV', contact: 'the shelter', heldAt: 'county-jail' };
  const opened = given(opening({ applicant: { ...told, birthDateEstimated: true } }));

  test('is gone from the file, and the correction names it in the open', async () => {
    const all = { sex: null, alienNumber: null, habitualResidence: null, contact: null, heldAt: null, birthDateEstimated: null };
    const [event] = (await opened.when(correcting({ applicant: { ...all, givenNames: null } }))) as unknown as readonly [object];
    expect(event).toEqual({
      type: 'ApplicantCorrected',
      data: {
        applicant: { habitualResidence: null, heldAt: null, birthDateEstimated: null },
        fields: [...Object.keys(all), 'givenNames'].map(field => `applicant.${field}`).sort(),
        reasonCode: 'typing-error',
        minorAtEncounter: false,
      },
      personal: { applicant: { sex: null, alienNumber: null, contact: null, givenNames: null } },
    });
    const { applicant } = await opened.after(correcting({ applicant: { ...all, givenNames: null } }));
    expect(Object.keys(applicant ?? {}).sort()).toEqual(['accompaniedBy', 'birthDate', 'familyName', 'languages', 'nationalities']);
    // Nothing is left to be taken away.
    expect(await given(opening()).when(correcting({ applicant: all }))).toEqual([]);
  });

  test('is never the last name', async () => {
    const only = given(opening({ applicant: { familyName: undefined } }));
    expect(await only.when(correcting({ applicant: { givenNames: null } }))).toEqual(refused('invalid /applicant/givenNames'));
    expect(await only.when(correcting({ applicant: { givenNames: null, familyName: 'Synthetic' } }))).toHaveLength(1);
    expect(await only.when(correcting({ applicant: { familyName: null } }))).toEqual([]);
    expect(await opened.when(correcting({ applicant: { givenNames: null, familyName: null } }))).toEqual(
      refused('invalid /applicant/familyName'),
    );
    expect(await opened.when(correcting({ applicant: { familyName: null } }))).toHaveLength(1);
  });

  test('is kept for who looks for the person by it, as long as it is not current again', async () => {
    const name = { givenNames: 'Ana Lucía', familyName: 'Synthetic-0001' };
    const renamed = correcting({ applicant: { familyName: null, alienNumber: 'A200000002', otherAlienNumbers: ['A200000003'] } });
    expect((await opened.after(renamed)).formerly).toEqual({ names: [name], alienNumbers: ['A200000001'] });
    const back = correcting({ applicant: { familyName: name.familyName, alienNumber: 'A200000001', otherAlienNumbers: [] } });
    expect((await opened.after(renamed, back)).formerly).toEqual({
      names: [{ givenNames: 'Ana Lucía' }],
      alienNumbers: ['A200000002', 'A200000003'],
    });
  });
});

describe('an estimated birth date', () => {
  const born = (birthDate: string, birthDateEstimated = true) => ({ applicant: { birthDate, birthDateEstimated } });

  test.each([
    ['2000-01-13', true, true],
    ['2000-01-12', true, false],
    ['2000-01-13', false, false],
    ['2002-01-13', false, true],
  ])('%s, estimated: %s, on 2020-01-12: under 18? %s', async (birthDate, isEstimated, minor) => {
    expect((await given(opening(born(birthDate, isEstimated))).after()).minorAtEncounter).toBe(minor);
    expect((await given(opening()).after(correcting(born(birthDate, isEstimated)))).minorAtEncounter).toBe(minor);
    const guessed = given(opening(born('1990-05-17', isEstimated)));
    expect((await guessed.after(correcting({ applicant: { birthDate } }))).minorAtEncounter).toBe(minor);
  });

  test('is taken away by null and by false', async () => {
    for (const nothing of [null, false])
      expect(await given(opening(born('2000-06-01'))).after(correcting({ applicant: { birthDateEstimated: nothing } }))).toMatchObject({
        minorAtEncounter: false,
      });
    for (const nothing of [null, false])
      expect(await given(opening()).when(correcting({ applicant: { birthDateEstimated: nothing } }))).toEqual([]);
  });

  test('leaves a decided age as it was decided', async () => {
    const estimated = correcting({ applicant: { birthDateEstimated: true } });
    const young = opening(born('2000-06-01', false));
    expect(await given(young, decidingAge(false)).after(estimated)).toMatchObject({ minorAtEncounter: false, decidedMinor: false });
    expect((await given(young, decidingAge(false), estimated).after(correcting(born('2000-06-02')))).minorAtEncounter).toBe(true);
  });

  test('is new information where it makes the person count as a minor, and only there', async () => {
    const [, ...rest] = leadingTo.amenable;
    const estimated = correcting({ applicant: { birthDateEstimated: true } });
    expect(await given(opening(born('2000-06-01', false)), ...rest).when(estimated)).toMatchObject([
      { type: 'ApplicantCorrected', data: { minorAtEncounter: true } },
      { type: 'DeterminationReopened', data: { cause: 'correction' } },
      { type: 'TransferHoldPlaced' },
    ]);
    expect(typesOf(await given(opening(born('1990-06-01', false)), ...rest).when(estimated))).toEqual(['ApplicantCorrected']);
  });
});

describe('age and a screening', () => {
  test('an open dispute counts as under 18, until it is decided', async () => {
    const disputed = [opening(), claiming(), assigning(), disputing()];
    expect(await given(...disputed).when(screeningFor())).toEqual(refused('unaccompanied-minor'));
    expect(typesOf(await given(...disputed, decidingAge(false)).when(screeningFor()))).toEqual(['ScreeningStarted']);
    expect(await given(...disputed, decidingAge(true)).when(screeningFor())).toEqual(refused('unaccompanied-minor'));
  });

  test('who is decided to be of age is of age, whatever the birth date says', async () => {
    const minor = [opening({ applicant: { birthDate: '2004-01-01' } }), claiming(), assigning()];
    expect(await given(...minor).when(screeningFor())).toEqual(refused('unaccompanied-minor'));
    expect(typesOf(await given(...minor, decidingAge(false)).when(screeningFor()))).toEqual(['ScreeningStarted']);
  });
});

describe('languages that were recorded wrongly', () => {
  const interpreted = { interpreterId: 'int-rosa' };
  const asked = (notice: object, inquiry: object) =>
    given(
      opening(),
      claiming(),
      assigning(),
      screeningFor(),
      serving(notice),
      asking(false, inquiry),
      correcting({ applicant: { languages: ['quc'] } }),
    );

  test('notice and inquiry are made again where the person does not speak their language and nobody interpreted', async () => {
    expect(await asked({}, {}).when(submitting())).toEqual(refused('notice-not-served', 'fear-inquiry-missing'));
    expect(await asked({}, interpreted).when(submitting())).toEqual(refused('notice-not-served'));
    expect(await asked(interpreted, {}).when(submitting())).toEqual(refused('fear-inquiry-missing'));
    expect(typesOf(await asked(interpreted, interpreted).when(submitting()))).toEqual(['DeterminationSubmitted']);
  });

  test('what was said so stays unsaid although the languages are corrected back', async () => {
    const back = given(...prepared, correcting({ applicant: { languages: ['quc'] } }), correcting({ applicant: { languages: ['es'] } }));
    expect(await back.when(submitting())).toEqual(refused('notice-not-served', 'fear-inquiry-missing'));
  });

  test('a notice that is read back anew counts, and one that was not does not', async () => {
    const again = [correcting({ applicant: { languages: ['quc'] } }), asking(false, { language: 'quc' })];
    expect(await given(...prepared, ...again, serving({ language: 'quc', readBack: false })).when(submitting())).toEqual(
      refused('notice-not-served'),
    );
    expect(typesOf(await given(...prepared, ...again, serving({ language: 'quc' })).when(submitting()))).toEqual([
      'DeterminationSubmitted',
    ]);
  });
});

describe('what is learned after the determination was drawn up', () => {
  const news: readonly (readonly [string, ReturnType<typeof correcting>, string, string])[] = [
    ['a vulnerability', send(intake.RecordVulnerability, { kind: 'pregnancy' }, beto), 'VulnerabilityRecorded', 'vulnerability'],
    ['a fear of the country', send(screening.ExpressFear, { country: 'GT' }, beto), 'FearExpressed', 'fear'],
    ['an exception', send(screening.EstablishException, { ground: 'valid-visa', evidence: 'e' }, ana), 'ExceptionEstablished', 'exception'],
    ['a dispute of the age', disputing(), 'AgeDisputed', 'age-dispute'],
    ['a decision that the person is a minor', decidingAge(true), 'AgeDecided', 'age-decision'],
    ['another nationality', correcting({ applicant: { nationalities: ['HN', 'SV'] } }), 'ApplicantCorrected', 'correction'],
    ['a nationality that is unknown', correcting({ applicant: { nationalityUnknown: true } }), 'ApplicantCorrected', 'correction'],
    ['another residence', correcting({ applicant: { habitualResidence: 'SV' } }), 'ApplicantCorrected', 'correction'],
    ['another birth date', correcting({ applicant: { birthDate: '1990-05-18' } }), 'ApplicantCorrected', 'correction'],
    ['other company', correcting({ applicant: { accompaniedBy: 'parent' } }), 'ApplicantCorrected', 'correction'],
    [
      'languages in which neither notice nor inquiry was',
      correcting({ applicant: { languages: ['quc'] } }),
      'ApplicantCorrected',
      'correction',
    ],
    ['other documents', correcting({ documents: 'valid-visa' }), 'ApplicantCorrected', 'correction'],
    ['another encounter', correcting({ encounter: { place: 'Puente Nuevo' } }), 'ApplicantCorrected', 'correction'],
  ];

  describe.each(news)('%s', (_, sent, fact, cause) => {
    test.each(['awaiting-review', 'amenable', 'transfer-requested', 'transfer-accepted', 'transfer-scheduled'] as const)(
      'returns a case that is %s to screening',
      async status => {
        const book = await new Casebook().add(...leadingTo[status]);
        const determinationId = book.asylumCase.screening?.determination?.determinationId;
        const outcome = await book.send(sent);
        const aborted = {
          type: 'TransferAborted',
          data:
            status === 'transfer-scheduled'
              ? { reasonCode: 'new-information', manifestId: expect.any(String) }
              : { reasonCode: 'new-information' },
        };
        expect(outcome).toMatchObject([
          { type: fact },
          { type: 'DeterminationReopened', data: { determinationId, cause } },
          ...(status.startsWith('transfer-') ? [aborted] : []),
          { type: 'TransferHoldPlaced', data: { kind: 'new-information', reopening: true } },
        ]);
        expect(book.asylumCase).toMatchObject({
          status: 'screening',
          screening: { determination: { status: 'reopened' } },
          holds: [{ kind: 'new-information' }],
        });
      },
    );

    test('alone is stored before the determination is submitted', async () => {
      expect(typesOf(await given(...prepared).when(sent))).toEqual([fact]);
    });

    test('raises an alert after departure, which stays open until it is answered', async () => {
      for (const status of [
        'in-transit',
        'transferred',
        'asylum-pending',
        'asylum-granted',
        'asylum-denied',
        'asylum-abandoned',
      ] satisfies Status[]) {
        const book = await new Casebook().add(...leadingTo[status]);
        expect(await book.send(sent)).toMatchObject([{ type: fact }, { type: 'ProtectionAlertRaised', data: { cause } }]);
        expect(book.asylumCase).toMatchObject({ status, protectionAlerts: [{ cause, answeredAt: null }] });
      }
    });
  });

  test.each([
    ['names', { applicant: { givenNames: 'Ana' } }],
    ['an alien number', { applicant: { alienNumber: 'A200000009' } }],
    ['languages', { applicant: { languages: ['es', 'en'] } }],
  ])('a correction of %s does not put the determination in question', async (_, body) => {
    expect(typesOf(await given(...leadingTo.amenable).when(correcting(body)))).toEqual(['ApplicantCorrected']);
  });

  test('that a person is of age, or was taken for a minor already, is nothing new', async () => {
    expect(typesOf(await given(...leadingTo.amenable).when(decidingAge(false)))).toEqual(['AgeDecided']);
    const withParent = [opening({ applicant: { birthDate: '2004-01-01', accompaniedBy: 'parent' } }), ...leadingTo.amenable.slice(1)];
    expect(typesOf(await given(...withParent).when(decidingAge(true)))).toEqual(['AgeDecided']);
  });

  test('a fear of the country of a later screening counts, though a transfer to another was asked for before', async () => {
    const asked = (asylumCase: AsylumCase) => ({ determinationId: asylumCase.screening?.determination?.determinationId ?? NOTHING });
    const secondScreening = [
      opening({ applicant: { nationalities: ['NI'] } }),
      ...leadingTo['transfer-requested'].slice(1),
      send(intake.RecordVulnerability, { kind: 'pregnancy' }, beto),
      submitting('not-amenable'),
      send(screening.ConfirmDetermination, asked, dina),
      screeningFor('HN'),
      send(screening.ServeNotice, { notice: 'n', language: 'es', readBack: true }, ana),
      send(screening.RecordFearInquiry, { fearsPartnerCountry: false, language: 'es' }, ana),
      submitting(),
      confirming(),
    ];
    expect(typesOf(await given(...secondScreening).when(send(screening.ExpressFear, { country: 'HN' }, beto)))).toEqual([
      'FearExpressed',
      'DeterminationReopened',
      'TransferHoldPlaced',
    ]);
    expect(typesOf(await given(...secondScreening).when(send(screening.ExpressFear, { country: 'GT' }, beto)))).toEqual(['FearExpressed']);
  });

  test("the hold that came with it goes with the next confirmation; a person's own stays", async () => {
    const reopened = [
      ...leadingTo.amenable,
      holding('new-information', HOLD),
      send(intake.RecordVulnerability, { kind: 'pregnancy' }, beto),
      submitting(),
    ];
    expect(typesOf(await given(...reopened).when(confirming()))).toEqual(['DeterminationConfirmed', 'TransferHoldReleased']);
    expect((await given(...reopened).after(confirming())).holds).toMatchObject([{ holdId: HOLD }]);
  });

  test('what is said of a closed case is kept; it raises an alert only where the person has left', async () => {
    const fear = send(screening.ExpressFear, { country: 'GT' }, beto);
    expect(typesOf(await given(...leadingTo['screened-out'], closing()).when(fear))).toEqual(['FearExpressed']);
    expect(typesOf(await given(...leadingTo.transferred, closing()).when(fear))).toEqual(['FearExpressed', 'ProtectionAlertRaised']);
    expect((await given(...leadingTo.transferred, closing(), fear).after(reopening())).protectionAlerts).toHaveLength(1);
  });

  test('a case that is out of the procedure is not reopened by it', async () => {
    expect(typesOf(await given(opening(), referring()).when(send(screening.ExpressFear, { country: 'GT' }, beto)))).toEqual([
      'FearExpressed',
    ]);
  });
});

describe('a protection alert', () => {
  const alerted = async () => new Casebook().add(...leadingTo.transferred, send(screening.ExpressFear, { country: 'GT' }, beto));
  const answering = (alertId: string) => send(screening.AnswerProtectionAlert, { alertId, answer: 'asked the authority there' }, dina);

  test('is answered once', async () => {
    const book = await alerted();
    const [alert] = book.asylumCase.protectionAlerts;
    await book.add(answering(alert?.alertId ?? ''));
    expect(book.asylumCase.protectionAlerts).toMatchObject([{ answer: 'asked the authority there', answeredAt: book.now }]);
    expect(await book.send(answering(alert?.alertId ?? ''))).toEqual([]);
  });

  test('one that was never raised is not there', async () => {
    expect(await (await alerted()).send(answering(NOTHING))).toEqual(refused('not-found /alertId'));
  });
});

describe('a disclosure by written consent', () => {
  const at = (hour: number) => ({ at: '2020-01-14T12:00:00Z', occurredAt: `2020-01-13T${hour}:00:00Z` });
  const consent = (hour: number, categories: string[], withdrawn = false, recipient = 'consulate') =>
    send(intake.RecordConsent, { recipient, categories, withdrawn }, ana, at(hour));
  const disclose = (hour: number, categories: string[], basis = 'written-consent') =>
    send(intake.RecordDisclosure, { recipient: 'consulate', categories, basis }, gus, at(hour));
  const isUnconsented = async (disclosure: Sent, ...consents: Sent[]) => {
    const [made] = (await given(opening(), ...consents).when(disclosure)) as CaseEvent[];
    return made?.type === 'DisclosureMade' ? made.data.unconsented : false;
  };

  test('is marked where none stood for that recipient and every category at that time', async () => {
    expect(await isUnconsented(disclose(17, ['identity']))).toBe(true);
    expect(await isUnconsented(disclose(17, ['identity']), consent(16, ['identity', 'health']))).toBeUndefined();
    expect(await isUnconsented(disclose(17, ['identity', 'health']), consent(16, ['identity']), consent(16, ['health']))).toBeUndefined();
    expect(await isUnconsented(disclose(17, ['identity', 'health']), consent(16, ['identity']))).toBe(true);
    expect(await isUnconsented(disclose(17, ['identity']), consent(16, ['identity'], false, 'newspaper'))).toBe(true);
    expect(await isUnconsented(disclose(17, ['identity']), consent(18, ['identity']))).toBe(true);
    expect(await isUnconsented(disclose(17, ['identity'], 'court-order'))).toBeUndefined();
  });

  test('a consent stands from when it was given until it is withdrawn, in whatever order it was told', async () => {
    const [given14, withdrawn15, again16] = [consent(14, ['identity']), consent(15, ['identity'], true), consent(16, ['identity'])];
    for (const told of [
      [given14, withdrawn15, again16],
      [again16, withdrawn15, given14],
    ]) {
      expect(await isUnconsented(disclose(13, ['identity']), ...told)).toBe(true);
      expect(await isUnconsented(disclose(14, ['identity']), ...told)).toBeUndefined();
      expect(await isUnconsented(disclose(15, ['identity']), ...told)).toBe(true);
      expect(await isUnconsented(disclose(16, ['identity']), ...told)).toBeUndefined();
    }
    expect(await isUnconsented(disclose(17, ['identity']), given14, retracting('ConsentRecorded'))).toBe(true);
  });
});

describe('who may put a hand-over right', () => {
  const handing = (toOffice: string, by = dina): Sent => send(intake.HandOverCase, { toOffice, reasonCode: 'moved' }, by);
  const note = (by: Actor): Sent => send(intake.AddNote, { text: 'n' }, by);
  const giverAfter = async (...steps: readonly Sent[]) => (await given(opening(), handing('LRD')).after(...steps)).givenBy;

  test('the office that gave the case, whatever others write', async () => {
    expect(await giverAfter()).toBe('ELP');
    for (const step of [holding('medical', HOLD), note(gus), dying(), note(person('cw-x', 'caseworker', 'MIA'))])
      expect(await giverAfter(step)).toBe('ELP');
    expect(await given(opening(), handing('LRX')).after(handing('LRD'))).toMatchObject({ office: 'LRD', givenBy: 'ELP' });
  });

  test('nobody once a person of the office that has it wrote to the file, in error too', async () => {
    for (const by of [person('cw-carla', 'caseworker', 'LRD'), person('li-hugo', 'liaison', 'LRD')]) {
      expect(await giverAfter(note(by))).toBeNull();
      expect(await giverAfter(note(by), retracting('NoteAdded'))).toBeNull();
    }
    expect(await giverAfter(handing('MIA', person('sup-fay', 'supervisor', 'LRD')))).toBe('LRD');
  });
});

describe('a death', () => {
  test('is taken in every status, from any office, and once more; it closes the case', async () => {
    for (const status of STATUSES) {
      const book = await new Casebook().add(...leadingTo[status]);
      const seat = status === 'transfer-scheduled' ? { manifestId: FLIGHT } : {};
      expect(await book.send(dying({ by: person('cw-carla', 'caseworker', 'LRD') }))).toEqual([{ type: 'DeathRecorded', data: seat }]);
      expect(book.asylumCase).toMatchObject({ status: 'closed', diedAt: book.now });
      expect(typesOf(await book.send(dying({ by: dina })))).toEqual(['DeathRecorded']);
      const back = status.startsWith('transfer-') ? 'amenable' : status === 'closed' ? 'us-procedure' : status;
      expect((await book.add(reopening())).asylumCase).toMatchObject({ status: back, statusBeforeClosing: null, diedAt: null });
    }
  });

  test('is not taken back by a process that opens one of a ring of duplicates', async () => {
    const duplicate: CaseEvent = { type: 'MarkedAsDuplicate', data: { of: NOTHING } };
    const reopened: CaseEvent = { type: 'CaseReopened', data: { reasonCode: 'duplicates-of-each-other' } };
    const file = given(opening(), duplicate, dying(), { ...reopened, by: SYSTEM });
    expect(await file.after()).toMatchObject({
      status: 'closed',
      statusBeforeClosing: 'opened',
      duplicateOf: null,
      diedAt: '2020-01-13T15:02:00Z',
    });
    expect(await file.after(reopening())).toMatchObject({ status: 'opened', diedAt: null });
  });

  test('ends a clearance, and is not before the encounter', async () => {
    const book = await new Casebook().add(...cleared);
    expect(await book.send(dying({ occurredAt: '2020-01-12T14:59:59Z' }))).toEqual(refused('date-out-of-order'));
    await book.add(dying({ occurredAt: '2020-01-13T15:00:00Z' }));
    expect(book.asylumCase).toMatchObject({ diedAt: '2020-01-13T15:00:00Z', transfer: { clearedAt: null, clearedUntil: null } });
    expect(await book.send(departing())).toEqual(refused('wrong-status'));
    expect(await book.send(leavingIrregularly())).toEqual(refused('wrong-status'));
  });

  test('what is told to the file meanwhile counts when it was an error', async () => {
    const book = await new Casebook().add(...leadingTo['transfer-scheduled'], dying());
    expect(typesOf(await book.send(send(intake.RecordVulnerability, { kind: 'pregnancy' }, beto)))).toEqual([
      'VulnerabilityRecorded',
      'DeterminationReopened',
      'TransferHoldPlaced',
    ]);
    expect(book.asylumCase.status).toBe('closed');
    await book.add(reopening());
    expect(book.asylumCase).toMatchObject({ status: 'screening', screening: { determination: { status: 'reopened' } } });
  });
});

describe('a duplicate', () => {
  const GOES_ON = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4f';
  const marking = (of: string, original?: AsylumCase): Sent =>
    send(intake.MarkAsDuplicate, { of }, dina, { around: world({ cases: { ...(original && { [of]: original }) } }) });

  test('is closed by one act, names the case that goes on, and reopened is where it was', async () => {
    const original = await given(...leadingTo.transferred).after();
    for (const status of ['opened', 'screening', 'awaiting-review', 'amenable', 'screened-out', 'us-procedure', 'withdrawn'] as const) {
      const book = await new Casebook().add(...leadingTo[status]);
      expect(await book.send(marking(GOES_ON, original))).toEqual([{ type: 'MarkedAsDuplicate', data: { of: GOES_ON } }]);
      expect(book.asylumCase).toMatchObject({ status: 'closed', duplicateOf: GOES_ON });
      expect(await book.send(marking(GOES_ON, original))).toEqual(refused('wrong-status'));
      expect((await book.add(reopening())).asylumCase).toMatchObject({ status, statusBeforeClosing: null, duplicateOf: null });
    }
  });

  test('one file of a person goes on: not itself, none that is not there, none that is closed as one itself', async () => {
    const original = await given(...leadingTo.opened).after();
    expect(await given(opening()).when(marking(CASE, original))).toEqual(refused('invalid /of'));
    expect(await given(opening()).when(marking(GOES_ON))).toEqual(refused('not-found /of'));
    expect(await given(opening()).when(marking(GOES_ON, { ...original, duplicateOf: CASE }))).toEqual(refused('invalid /of'));
    expect(await given(opening()).when(marking(GOES_ON, { ...original, duplicateOf: NOTHING }))).toEqual(refused('invalid /of'));
  });
});
