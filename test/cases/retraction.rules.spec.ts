import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as aftercare from '../../src/cases/aftercare.commands.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { replay } from '../../src/cases/case.replay.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import type { Status } from '../../src/cases/case.status.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { isSilent } from '../../src/cases/deadlines.state.js';
import { newestVersion } from '../../src/event-store/stream-kind.js';
import * as intake from '../../src/cases/intake.commands.js';
import {
  abandoning,
  ana,
  applying,
  asking,
  assigning,
  Casebook,
  claiming,
  clearing,
  closing,
  confirming,
  deciding,
  dina,
  emil,
  fearing,
  given,
  gus,
  intending,
  leadingTo,
  opening,
  PIECE,
  readyToBoard,
  refused,
  reopening,
  retracting,
  returning,
  screeningFor,
  send,
  serving,
  submitting,
  typesOf,
  type Sent,
  type Step,
} from './scenario.js';

/* What was entered in error is taken back; what something builds on stays. */

type EventType = CaseEvent['type'];
const decisions: readonly EventType[] = ['AsylumGranted', 'AsylumDenied', 'OtherProtectionGranted'];

/* Which entry which later one protects, as the office has agreed it: written down here a second time, on purpose. */
const protectedBy: Readonly<Partial<Record<EventType, readonly EventType[]>>> = {
  ProtectionClaimRecorded: ['ScreeningStarted'],
  RepresentativeRecorded: [],
  DocumentAttached: [],
  NoteAdded: [],
  DisclosureMade: [],
  OnwardDepartureReported: [],
  ContactReestablished: [],
  ConsentRecorded: ['DisclosureMade'],
  VulnerabilityRecorded: ['DeterminationReopened', 'ProtectionAlertRaised'],
  EvidenceReceived: ['EvidenceReturned'],
  EvidenceReturned: ['BoardingCleared', 'ApplicantDeparted'],
  DestinationTold: ['BoardingCleared', 'ApplicantDeparted'],
  NoticeServed: ['DeterminationSubmitted'],
  FearInquiryMade: ['FearExpressed', 'DeterminationSubmitted'],
  FearExpressed: ['FearAssessed', 'DeterminationSubmitted', 'DeterminationReopened', 'ProtectionAlertRaised'],
  AsylumIntentionExpressed: ['AsylumApplied'],
  AsylumApplied: [...decisions, 'AsylumApplicationAbandoned', 'CaseClosed'],
  AsylumGranted: ['CaseClosed'],
  OtherProtectionGranted: ['CaseClosed'],
  AsylumDenied: [...decisions, 'CaseClosed'],
  AsylumApplicationAbandoned: ['AsylumApplied', 'AsylumIntentionExpressed', 'CaseClosed'],
  WhereaboutsUnknown: ['ContactReestablished'],
};

type Sample = { readonly type: EventType; readonly schemaVersion: number; readonly data: object; readonly personal?: object };
const samples = (
  JSON.parse(readFileSync(new URL('../golden/case-events.json', import.meta.url), 'utf8')) as { events: Sample[] }[]
).flatMap(({ events }) => events);
/** One of each type, as it is stored now; all pieces of evidence here are the same piece. */
function some(type: EventType): Step {
  const { data, personal } = samples.find(
    sample => sample.type === type && sample.schemaVersion === newestVersion(caseStream, type),
  ) as Sample;
  return { type, data: { ...data, ...('evidenceId' in data && { evidenceId: PIECE }) }, ...(personal && { personal }) } as Step;
}
const everyType = Object.keys(caseStream.events) as EventType[];
const afterwards = everyType.filter(type => type !== 'CaseOpened');

/** The entry, then the other; a case that is closed by it is reopened. */
async function followed(type: EventType, by: EventType): Promise<Casebook> {
  const book = await new Casebook().add(opening(), some(type), some(by));
  return book.asylumCase.status === 'closed' ? book.add(some('CaseReopened')) : book;
}
const retract = (book: Casebook, eventId: string) => book.send(send(intake.RetractEntry, { eventId, reasonCode: 'other-person' }, dina));

describe.each(Object.entries(protectedBy) as [EventType, readonly EventType[]][])('%s', (type, protectors) => {
  test('is retracted where nothing follows', async () => {
    const book = await new Casebook().add(opening(), some(type));
    const [, entry] = book.history;
    expect(await book.send(retracting(type))).toEqual([
      { type: 'EntryRetracted', data: { eventId: entry?.id, reasonCode: 'other-person' } },
    ]);
  });

  test.each(afterwards)('followed by %s', async other => {
    const book = await followed(type, other);
    const [, entry, follower] = book.history;
    const outcome = await retract(book.fork(), entry?.id ?? '');
    if (!protectors.includes(other)) return expect(typesOf(outcome)).toEqual(['EntryRetracted']);
    expect(outcome).toEqual(refused('entry-not-retractable'));
    // A follower that is itself retracted builds on nothing.
    await book.add({ type: 'EntryRetracted', data: { eventId: follower?.id ?? '', reasonCode: 'other-person' } });
    return expect(typesOf(await retract(book, entry?.id ?? ''))).toEqual(['EntryRetracted']);
  });

  test('is not protected by what came before it', async () => {
    for (const before of protectors.filter(each => each !== type)) {
      const book = await followed(before, type);
      expect(typesOf(await book.send(retracting(type)))).toEqual(['EntryRetracted']);
    }
  });
});

test.each(everyType.filter(type => !(type in protectedBy)))('%s is never retracted', async type => {
  const book = await new Casebook().add(opening(), ...(type === 'CaseOpened' ? [] : [some(type)]));
  if (book.asylumCase.status === 'closed') await book.add(some('CaseReopened'));
  expect(await book.send(retracting(type))).toEqual(refused('entry-not-retractable'));
});

test('a piece of evidence is protected by its own return alone', async () => {
  const other = '51b0a3de-40a1-4f0e-a2f7-0c7d8a1b2c3e';
  const received = (evidenceId: string): Sent => send(intake.RecordEvidence, { evidenceId, description: 'letters' }, ana);
  const book = await new Casebook().add(
    opening(),
    received(other),
    received(PIECE),
    send(intake.ReturnEvidence, { evidenceId: other }, gus),
  );
  expect(typesOf(await book.send(retracting('EvidenceReceived')))).toEqual(['EntryRetracted']);
  expect(book.asylumCase.evidence).toMatchObject([{ evidenceId: other }]);
});

describe('retracted twice', () => {
  test('changes nothing, whatever has followed since', async () => {
    const book = await new Casebook().add(...leadingTo.screening, serving(), retracting('NoticeServed'));
    const mistaken = book.history.at(-2)?.id ?? '';
    expect(await retract(book, mistaken)).toEqual([]);
    await book.add(serving(), asking(), submitting());
    expect(await retract(book, mistaken)).toEqual([]);
    expect(await book.send(retracting('NoticeServed'))).toEqual(refused('entry-not-retractable'));
  });

  test('what this case does not hold is not found, but in a closed one nothing is looked for', async () => {
    const unknown = send(intake.RetractEntry, { eventId: '00000000-0000-4000-8000-000000000000', reasonCode: 'other-person' }, dina);
    expect(await given(...leadingTo.screening).when(unknown)).toEqual(refused('not-found /eventId'));
    expect(await given(...leadingTo.closed).when(unknown)).toEqual(refused('wrong-status'));
  });
});

/** The case as if the retracted entries had never been made. */
const untouched = ({ history }: Casebook): AsylumCase => {
  const gone = new Set(history.flatMap(event => (event.type === 'EntryRetracted' ? [event.id, event.data.eventId] : [])));
  return history.filter(({ id }) => !gone.has(id)).reduce((state, event) => caseStream.evolve(state, event), caseStream.initial);
};

describe('from the retraction on', () => {
  const note = send(intake.AddNote, { text: 'a note' }, ana);
  const lost = send(aftercare.RecordWhereaboutsUnknown, { sourceCode: 'shelter' }, gus);
  const found = send(aftercare.RecordContact, { sourceCode: 'family' }, gus);
  const onward = send(aftercare.ReportOnwardDeparture, { toCountry: 'HN', manner: 'unknown', sourceCode: 'family' }, gus);

  test.each<[EventType, readonly Step[], Status]>([
    ['AsylumApplied', leadingTo['asylum-pending'], 'transferred'],
    ['AsylumApplied', [...leadingTo['asylum-abandoned'], applying()], 'asylum-abandoned'],
    ['AsylumDenied', leadingTo['asylum-denied'], 'asylum-pending'],
    ['AsylumGranted', leadingTo['asylum-granted'], 'asylum-pending'],
    ['AsylumGranted', [...leadingTo['asylum-denied'], deciding('granted')], 'asylum-denied'],
    ['OtherProtectionGranted', [...leadingTo['asylum-denied'], deciding('other-protection')], 'asylum-denied'],
    ['AsylumApplicationAbandoned', leadingTo['asylum-abandoned'], 'asylum-pending'],
    ['AsylumIntentionExpressed', [...leadingTo.transferred, intending()], 'transferred'],
    ['WhereaboutsUnknown', [...leadingTo.transferred, lost], 'transferred'],
    ['ContactReestablished', [...leadingTo.transferred, lost, found, note], 'transferred'],
    ['OnwardDepartureReported', [...leadingTo.transferred, onward], 'transferred'],
    ['ProtectionClaimRecorded', [opening(), claiming(), note], 'opened'],
    ['FearExpressed', [...leadingTo.screening, fearing(), note], 'screening'],
    ['DestinationTold', readyToBoard, 'transfer-scheduled'],
    ['NoteAdded', [...leadingTo.amenable, note], 'amenable'],
  ])('a case without %s is as if it had never been entered', async (type, steps, status) => {
    const book = await new Casebook().add(...steps, retracting(type));
    expect(book.asylumCase).toEqual(untouched(book));
    expect(book.asylumCase.status).toBe(status);
    expect(replay(book.history)).toEqual({ revision: book.history.length - 1, state: book.asylumCase });
  });

  test('what it had made possible is refused again', async () => {
    expect(await given(opening(), claiming(), assigning(), retracting('ProtectionClaimRecorded')).when(screeningFor())).toEqual(
      refused('claim-not-recorded'),
    );
    expect(await given(...leadingTo.screening, serving(), asking(), retracting('NoticeServed')).when(submitting())).toEqual(
      refused('notice-not-served'),
    );
    expect(await given(...leadingTo.screening, serving(), asking(), retracting('FearInquiryMade')).when(submitting())).toEqual(
      refused('fear-inquiry-missing'),
    );
    expect(await given(...readyToBoard, retracting('DestinationTold')).when(clearing())).toMatchObject([
      { type: 'DepartureBlocked', data: { failedChecks: ['destination-not-told'] } },
    ]);
    const evidence = [
      send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, ana),
      send(intake.ReturnEvidence, { evidenceId: PIECE }, gus),
    ];
    expect(await given(...readyToBoard, ...evidence, retracting('EvidenceReturned')).when(clearing())).toMatchObject([
      { type: 'DepartureBlocked', data: { failedChecks: ['evidence-not-returned'] } },
    ]);
    expect(typesOf(await given(...readyToBoard, ...evidence).when(clearing()))).toEqual(['BoardingCleared']);
  });

  test('the later of two claims gives way to the earlier one', async () => {
    const book = await new Casebook().add(opening(), claiming(), send(intake.RecordProtectionClaim, { protection: 'withholding' }, ana));
    expect(book.asylumCase.claim?.protection).toBe('withholding');
    expect((await book.add(retracting('ProtectionClaimRecorded'))).asylumCase.claim?.protection).toBe('asylum');
  });

  test('an inquiry that found fear goes after the fear that it found', async () => {
    const book = await new Casebook().add(...leadingTo.screening, serving(), asking(true));
    expect(await book.send(retracting('FearInquiryMade'))).toEqual(refused('entry-not-retractable'));
    await book.add(retracting('FearExpressed'), retracting('FearInquiryMade'));
    expect(book.asylumCase).toMatchObject({ screening: { fearInquiry: null }, fears: { GT: { expressed: false, accounts: [] } } });
  });

  test('new information that reopened the determination, or raised an alert, stays', async () => {
    const vulnerable = send(intake.RecordVulnerability, { kind: 'medical-condition' }, gus);
    for (const status of ['transfer-accepted', 'transferred'] as const) {
      expect(await given(...leadingTo[status], fearing()).when(retracting('FearExpressed'))).toEqual(refused('entry-not-retractable'));
      expect(await given(...leadingTo[status], vulnerable).when(retracting('VulnerabilityRecorded'))).toEqual(
        refused('entry-not-retractable'),
      );
    }
    expect(typesOf(await given(...leadingTo.screening, vulnerable).when(retracting('VulnerabilityRecorded')))).toEqual(['EntryRetracted']);
  });

  test('silence is silence again', async () => {
    const book = await new Casebook().add(...leadingTo.transferred, found);
    expect(isSilent(book.asylumCase)).toBe(false);
    expect(isSilent((await book.add(retracting('ContactReestablished'))).asylumCase)).toBe(true);
  });

  test('a case that was closed meanwhile keeps what it was closed on', async () => {
    expect(await given(...leadingTo['asylum-pending'], closing(), reopening()).when(retracting('AsylumApplied'))).toEqual(
      refused('entry-not-retractable'),
    );
  });
});

describe('who took part in the screening', () => {
  const notice: Sent = { ...serving(), by: emil };
  const inquiry: Sent = { ...asking(), by: emil };

  test.each<[EventType, readonly Step[]]>([
    ['NoticeServed', [notice, retracting('NoticeServed'), serving(), asking()]],
    ['FearInquiryMade', [serving(), inquiry, retracting('FearInquiryMade'), asking()]],
  ])('took part though the %s was retracted', async (_, steps) => {
    const book = await new Casebook().add(...leadingTo.screening, ...steps, submitting());
    expect(book.asylumCase.screening?.officers.toSorted()).toEqual([ana.id, emil.id].toSorted());
    expect(await book.fork().send({ ...confirming(), by: emil })).toEqual(refused('same-officer'));
    expect(typesOf(await book.send(confirming()))).toEqual(['DeterminationConfirmed']);
  });

  test('whoever only retracts takes no part, nor who says what is no step of the screening', async () => {
    const book = await new Casebook().add(
      ...leadingTo.screening,
      fearing(),
      retracting('FearExpressed'),
      serving(),
      asking(),
      submitting(),
    );
    expect(book.asylumCase.screening?.officers).toEqual([ana.id]);
    await book.add(returning(), submitting());
    expect(typesOf(await book.send(confirming()))).toEqual(['DeterminationConfirmed']);
  });
});

describe('looked back at', () => {
  const told = async (): Promise<Casebook> =>
    new Casebook().add(
      ...leadingTo.transferred,
      applying('GT', { at: '2020-02-01T12:00:00Z', occurredAt: '2020-01-20T12:00:00Z' }),
      retracting('AsylumApplied', { at: '2020-03-01T12:00:00Z' }),
      send(intake.AddNote, { text: 'a note' }, ana, { at: '2020-03-02T12:00:00Z' }),
    );

  test('at a revision, retractions up to it count', async () => {
    const { history } = await told();
    const at = (revision: number) => replay(history.slice(0, revision + 1)).state?.status;
    const retracted = history.findIndex(({ type }) => type === 'EntryRetracted');
    expect([at(retracted - 2), at(retracted - 1), at(retracted), at(retracted + 1)]).toEqual([
      'transferred',
      'asylum-pending',
      'transferred',
      'transferred',
    ]);
  });

  test('by when it was recorded, the entry was there until it was retracted', async () => {
    const { history } = await told();
    expect(replay(history, { recordedBy: '2020-03-01T11:59:59Z' }).state).toMatchObject({
      status: 'asylum-pending',
      asylum: { country: 'GT' },
    });
    expect(replay(history, { recordedBy: '2020-03-01T12:00:00Z' }).state).toMatchObject({ status: 'transferred', asylum: null });
  });

  test('by when it happened, it never did', async () => {
    const { history } = await told();
    for (const occurredBy of ['2020-01-20T12:00:00Z', '2020-02-15T12:00:00Z', '2020-04-01T12:00:00Z']) {
      expect(replay(history, { occurredBy }).state).toMatchObject({ status: 'transferred', asylum: null });
    }
    // As it was known then, it had.
    expect(replay(history, { occurredBy: '2020-01-20T12:00:00Z', recordedBy: '2020-02-15T12:00:00Z' }).state?.status).toBe(
      'asylum-pending',
    );
    expect(replay(history, { occurredBy: '2020-01-20T11:59:59Z', recordedBy: '2020-02-15T12:00:00Z' }).state?.status).toBe('transferred');
  });
});

test('abandoned in error, the application goes on to its decision', async () => {
  const book = await new Casebook().add(...leadingTo['asylum-pending'], abandoning());
  expect(await book.send(deciding('granted'))).toEqual(refused('wrong-status'));
  expect((await book.add(retracting('AsylumApplicationAbandoned'), deciding('granted'))).asylumCase.status).toBe('asylum-granted');
});
