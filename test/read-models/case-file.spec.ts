import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ApplicantIdentity, CaseEvent } from '../../src/cases/case.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { schemaOf } from '../../src/projecting/generations.js';
import type { Change } from '../../src/projecting/projection.js';
import { caseFileProjection } from '../../src/read-models/case-file/case-file.projection.js';
import { ReadCaseFile, ReadCaseFileHandler } from '../../src/read-models/case-file/case-file.query.js';
import { PossibleDuplicates, PossibleDuplicatesHandler } from '../../src/read-models/case-file/possible-duplicates.query.js';
import { ReadNotes, ReadNotesHandler } from '../../src/read-models/case-file/notes.query.js';
import { familyStream } from '../../src/families/family.state.js';
import { follow, officer, stored, type Circumstances, type Following } from './following.js';

const [ANN, BEN, CLEO, DAN] = ['1', '2', '3', '4'].map(digit => `${digit.repeat(8)}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
  string,
];
const ana = officer('cw-ana', 'caseworker');
const gus = officer('li-gus', 'liaison', 'LRD');
const auditor = officer('aud-ivy', 'auditor', null);

const anEvent = (event: CaseEvent, circumstances?: Circumstances) => stored(event, circumstances);
const opened = (who: Partial<ApplicantIdentity>, office = 'ELP') =>
  anEvent({
    type: 'CaseOpened',
    data: {
      office,
      previousCaseIds: [],
      applicant: { nationalities: ['HN'], languages: ['es'], accompaniedBy: 'none' },
      encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'between-ports' },
      documents: 'none',
      minorAtEncounter: false,
      possibleDuplicates: [],
    },
    personal: { applicant: { birthDate: '1990-05-17', ...who } },
  });
const claimed = anEvent({
  type: 'ProtectionClaimRecorded',
  data: { protection: 'asylum' },
  personal: { statement: 'Synthetic statement.' },
});
const noted = (text: string, by = ana) => anEvent({ type: 'NoteAdded', data: {}, personal: { text } }, { actor: by });

let world: Following;
let files: ReadCaseFileHandler;
let duplicates: PossibleDuplicatesHandler;
beforeAll(async () => {
  world = await follow(caseFileProjection, kinds => {
    kinds.register(caseStream);
    kinds.register(familyStream);
  });
  files = new ReadCaseFileHandler(world.readModels, world.personalData);
  duplicates = new PossibleDuplicatesHandler(world.readModels);
  await world.given(
    `case-${ANN}`,
    opened({ givenNames: 'Synthetic Ann', familyName: 'Person', alienNumber: 'A200000001' }),
    claimed,
    noted('of Ana'),
    noted('of Gus', gus),
  );
  await world.given(`case-${BEN}`, opened({ givenNames: 'SYNTHETIC  ann', familyName: 'person' }, 'LRD'));
  await world.given(`case-${CLEO}`, opened({ givenNames: 'Synthetic Cleo', familyName: 'Person', alienNumber: 'A200000001' }));
});
afterAll(() => world.stop());

const fileOf = (caseId: string, reader = ana, token?: string) => files.execute(new ReadCaseFile(caseId, reader, token));
const samePersonAs = (person: object) => duplicates.execute(new PossibleDuplicates(person));

describe('the case file', () => {
  test('is the folded case, in the order of its description', async () => {
    const file = await fileOf(ANN);
    expect(file).toMatchObject({
      caseId: ANN,
      revision: 3,
      status: 'opened',
      office: 'ELP',
      applicant: { givenNames: 'Synthetic Ann', nationalities: ['HN'] },
      claim: { protection: 'asylum', statement: 'Synthetic statement.' },
      notes: [{ text: 'of Ana' }, { text: 'of Gus' }],
      familyUnitId: null,
    });
    const fields = Object.keys(file);
    expect(fields.slice(0, 9)).toEqual([
      'caseId',
      'revision',
      'status',
      'office',
      'assignedTo',
      'openedAt',
      'previousCaseIds',
      'possibleDuplicates',
      'applicant',
    ]);
    expect(fields[fields.indexOf('holds') + 1]).toBe('familyUnitId');
  });

  test('has nothing of what was entered in error, though it is read no other way', async () => {
    const caseId = '55555555-0000-4000-8000-000000000000';
    const [mistaken, right] = [noted('of somebody else'), noted('of Eve')];
    await world.given(`case-${caseId}`, opened({ givenNames: 'Synthetic Eve', familyName: 'Person' }), mistaken, claimed, right);
    await world.given(`case-${caseId}`, anEvent({ type: 'EntryRetracted', data: { eventId: mistaken.id, reasonCode: 'other-person' } }));
    expect(await fileOf(caseId)).toMatchObject({
      revision: 4,
      applicant: { givenNames: 'Synthetic Eve' },
      claim: { protection: 'asylum' },
      notes: [{ text: 'of Eve' }],
    });
    await world.given(`case-${caseId}`, noted('later'));
    expect((await fileOf(caseId)).notes).toMatchObject([{ text: 'of Eve' }, { text: 'later' }]);
  });

  test('reflects the command whose token is sent', async () => {
    await world.given(`case-${DAN}`, opened({ givenNames: 'Synthetic Dan', familyName: 'Person' }));
    const token = await world.given(`case-${DAN}`, anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-ana' } }));
    expect(await fileOf(DAN, ana, token)).toMatchObject({ revision: 1, assignedTo: 'cw-ana' });
  });

  test('names the cases that look like the same person, of any office, as they are now', async () => {
    expect((await fileOf(ANN)).possibleDuplicates).toEqual([BEN, CLEO]);
    expect((await fileOf(CLEO)).possibleDuplicates).toEqual([ANN]);
    expect((await fileOf(DAN)).possibleDuplicates).toEqual([]);
  });
});

describe('the notes of a case', () => {
  const FAY = '66666666-0000-4000-8000-000000000000';
  const pageOf = (reader: Actor, part: { limit?: number; cursor?: string } = {}) =>
    new ReadNotesHandler(world.readModels, world.personalData).execute(new ReadNotes(FAY, part, reader));

  test('are counted in the file, which has the newest; all are a list of their own', async () => {
    await world.given(`case-${FAY}`, opened({ givenNames: 'Synthetic Fay', familyName: 'Person' }));
    const notes = Array.from({ length: 230 }, (_, turn) => noted(`entry ${turn}`, turn % 10 === 0 ? gus : ana));
    for (let from = 0; from < notes.length; from += 46) await world.given(`case-${FAY}`, ...notes.slice(from, from + 46));
    const file = await fileOf(FAY);
    expect(file.noteCount).toBe(230);
    expect(file.notes.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, turn) => `entry ${turn + 30}`));
    const texts: (string | null)[] = [];
    for (let cursor: string | undefined, page; page?.nextCursor !== null; cursor = page.nextCursor ?? undefined) {
      ({ page } = await pageOf(ana, { limit: 100, cursor }));
      texts.push(...page.rows.map(({ text }) => text));
    }
    expect(texts).toEqual(Array.from({ length: 230 }, (_, turn) => `entry ${turn}`));
  });

  test('are sealed by tens, so that the fullest page opens a tenth as many texts as it shows', async () => {
    const opening = jest.spyOn(world.personalData, 'openRows');
    const { page } = await pageOf(ana, { limit: 200, cursor: (await pageOf(ana, { limit: 5 })).page.nextCursor ?? '' });
    expect(page.rows.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, turn) => `entry ${turn + 5}`));
    expect(opening.mock.lastCall?.[0]).toHaveLength(21);
    opening.mockRestore();
  });

  test('made anew all at once are the same as one by one', async () => {
    const { before, after } = await world.rebuilt();
    expect(after).toEqual(before);
  });

  test('of others are not shown, nor counted, to a liaison', async () => {
    const file = await fileOf(FAY, gus);
    expect(file.noteCount).toBe(23);
    expect(file.notes).toHaveLength(23);
    expect((await pageOf(gus, { limit: 200 })).page.rows.map(({ by }) => by)).toEqual(Array.from({ length: 23 }, () => gus.id));
  });

  test('are shown to nobody of another office', async () => {
    await expect(pageOf(officer('cw-carla', 'caseworker', 'LRD'))).rejects.toMatchObject({ code: 'other-office' });
  });
});

describe('who may see it', () => {
  test('the own office, and an auditor, see all of it', async () => {
    expect((await fileOf(ANN, officer('sup-dina', 'supervisor'))).claim?.statement).toBe('Synthetic statement.');
    expect((await fileOf(ANN, auditor)).notes).toHaveLength(2);
  });

  test('a liaison of any office sees no statement, and of the notes only the own', async () => {
    const seen = await fileOf(ANN, gus);
    expect(seen.claim).toEqual({ protection: 'asylum', statement: null, recordedAt: '2020-01-13T15:00:00Z' });
    expect(seen.notes.map(({ text }) => text)).toEqual(['of Gus']);
  });

  test('a fear and an exception are in the file from when they are told, whether or not a screening is about them', async () => {
    const caseId = randomUUID();
    const fear = (country: 'GT' | 'HN') => anEvent({ type: 'FearExpressed', data: { country }, personal: { account: `Of ${country}.` } });
    await world.given(
      `case-${caseId}`,
      opened({ givenNames: 'Told', familyName: 'Early' }),
      fear('GT'),
      fear('HN'),
      anEvent({ type: 'ExceptionEstablished', data: { screeningId: null, ground: 'valid-visa' }, personal: { evidence: 'A visa.' } }),
    );
    const told = async () => {
      const { fears, exceptions } = await fileOf(caseId);
      return { fears: fears.map(({ country, accounts }) => [country, accounts.map(({ account }) => account)]), exceptions };
    };
    expect(await told()).toEqual({
      fears: [
        ['GT', ['Of GT.']],
        ['HN', ['Of HN.']],
      ],
      exceptions: [expect.objectContaining({ ground: 'valid-visa', evidence: 'A visa.' })],
    });
    const seen = await fileOf(caseId, gus);
    expect(seen.fears).toEqual(['GT', 'HN'].map(country => ({ country, established: null, accounts: [] })));
    expect(seen.exceptions).toEqual([expect.objectContaining({ ground: 'valid-visa', evidence: null })]);
    const screeningId = randomUUID();
    await world.given(`case-${caseId}`, anEvent({ type: 'ScreeningStarted', data: { screeningId, country: 'GT', language: 'es' } }));
    // What the screening is about stands in it alone.
    expect(await told()).toEqual({ fears: [['HN', ['Of HN.']]], exceptions: [] });
    expect((await fileOf(caseId)).screening).toMatchObject({
      fear: { expressed: true, accounts: [{ account: 'Of GT.' }] },
      exceptions: [{ ground: 'valid-visa' }],
    });
  });

  test('a liaison who is a caseworker of another office reads as a liaison', async () => {
    expect((await fileOf(ANN, { ...gus, roles: ['liaison', 'caseworker'] })).claim?.statement).toBeNull();
    expect((await fileOf(ANN, { ...gus, roles: ['liaison', 'caseworker'], office: 'ELP' })).claim?.statement).toBe('Synthetic statement.');
  });

  test('nobody else', async () => {
    for (const office of ['LRD', null])
      await expect(fileOf(ANN, officer('cw-carla', 'caseworker', office))).rejects.toMatchObject({ code: 'other-office' });
  });

  test('of a case that is not there, that it is not there comes first', async () => {
    await expect(fileOf('99999999-0000-4000-8000-000000000000', officer('cw-carla', 'caseworker', 'LRD'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('names that are alike', () => {
  const JOSE = '5'.repeat(8) + '-0000-4000-8000-000000000000';
  const jose = { givenNames: 'José Ángel', familyName: 'Pérez Núñez', birthDate: '1985-03-07' };
  beforeAll(() =>
    world.given(
      `case-${JOSE}`,
      opened({ ...jose, otherNames: [{ familyName: 'Łukasz-O’Brien' }, { givenNames: 'Pepe', familyName: 'Grillo 7' }] }),
    ),
  );

  test.each<[string, object, boolean]>([
    ['without accents, in capitals', { givenNames: 'JOSE ANGEL', familyName: 'PEREZ NUNEZ' }, true],
    ['with one surname', { familyName: 'Pérez' }, true],
    ['with the other surname', { familyName: 'Núñez' }, true],
    ['with given and family names swapped', { givenNames: 'Pérez Núñez', familyName: 'José Ángel' }, true],
    ['in another order, hyphenated', { givenNames: 'Ángel-José', familyName: 'Núñez-Pérez' }, true],
    ['in one field', { givenNames: undefined, familyName: 'Nunez Perez, Jose Angel' }, true],
    ['with a letter changed', { familyName: 'Peres Núñez' }, true],
    ['with day and month swapped', { birthDate: '1985-07-03' }, true],
    ['under a former name', { familyName: 'Lukasz OBrien' }, true],
    ['under an alias', { givenNames: 'pepe', familyName: 'GRILLO 7' }, true],
    ['with another birth date', { birthDate: '1985-03-08' }, false],
    ['born in another year', { birthDate: '1986-03-07' }, false],
    ['with two words changed', { givenNames: 'Josué Ángela' }, false],
    ['with another surname', { familyName: 'Pérez Gómez' }, false],
    ['under an alias that differs in a digit', { givenNames: 'Pepe', familyName: 'Grillo 8' }, false],
    ['under an alias without its digit', { givenNames: 'Pepe', familyName: 'Grillo' }, false],
    ['without a birth date', { birthDate: undefined }, false],
  ])('%s', async (_, written, isAlike) => {
    expect(await samePersonAs({ ...jose, ...written })).toEqual(isAlike ? [JOSE] : []);
  });
});

describe('possible duplicates of who is about to be recorded', () => {
  test('have the alien number, or the names and birth date', async () => {
    expect(await samePersonAs({ alienNumber: 'A200000001' })).toEqual([ANN, CLEO]);
    expect(await samePersonAs({ givenNames: 'synthetic Ann ', familyName: 'PERSON', birthDate: '1990-05-17' })).toEqual([ANN, BEN]);
    expect(await samePersonAs({ givenNames: 'Synthetic Ann', familyName: 'Person', birthDate: '1990-05-18' })).toEqual([]);
    expect(await samePersonAs({ givenNames: 'Synthetic Ann', familyName: 'Person' })).toEqual([]);
  });

  test('follow a correction', async () => {
    await world.given(
      `case-${DAN}`,
      anEvent({
        type: 'ApplicantCorrected',
        data: { applicant: {}, fields: ['applicant.alienNumber'], reasonCode: 'papers-seen', minorAtEncounter: false },
        personal: { applicant: { alienNumber: 'A200000009' } },
      }),
    );
    expect(await samePersonAs({ alienNumber: 'A200000009' })).toEqual([DAN]);
  });
});

test('of an erased person nothing is left that could be recognised', async () => {
  const schema = schemaOf(await world.readModels.generationOf('case-file'));
  const erased = { ...caseStream.initial, office: 'ELP' };
  const change = {
    event: { ...anEvent({ type: 'CaseClosed', data: { reasonCode: 'erased' } }), stream: `case-${BEN}`, revision: 1 },
    position: '',
    before: erased,
    after: erased,
  };
  await world.database.transaction(async tx => {
    await tx.query("SELECT set_config('search_path', $1, true)", [schema]);
    await caseFileProjection.project([change as unknown as Change<AsylumCase, CaseEvent>], tx);
  });
  expect((await fileOf(ANN)).possibleDuplicates).toEqual([CLEO]);
  expect(await world.readModels.query('case-file', 'SELECT * FROM {case-file}.people WHERE case_id = $1', [BEN])).toEqual([]);
});

test('a case that is held back is not shown', async () => {
  await world.database.query(
    'INSERT INTO ledger.parked_events (read_model, generation, stream, revision, position, event_id, type) SELECT name, generation, ' +
      "$1, 9, position, $2, 'NoteAdded' FROM ledger.read_models",
    [`case-${CLEO}`, CLEO],
  );
  await expect(fileOf(CLEO)).rejects.toMatchObject({ code: 'read-model-behind' });
  await expect(fileOf(ANN)).resolves.toMatchObject({ caseId: ANN });
});
