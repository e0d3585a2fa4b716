import { describe, expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { ErasePersonalData, PlaceLegalHold, ReleaseLegalHold, RequestErasure } from '../../src/cases/erasure.commands.js';
import { AddNote, RecordDeath } from '../../src/cases/intake.commands.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { foldHistory, type Recorded } from '../../src/event-store/stream-kind.js';
import { person } from '../support/given.js';
import {
  ana,
  Casebook,
  clearing,
  dina,
  fearing,
  given,
  gus,
  holding,
  leadingTo,
  opening,
  refused,
  reopening,
  requesting,
  screeningFor,
  send,
  type Step,
} from './scenario.js';

const emil = person('sup-emil', 'supervisor');
const keep = (by: Actor = dina) => send(PlaceLegalHold, { reference: 'order 1' }, by);
const letGo = () => send(ReleaseLegalHold, { reference: 'order 2' }, dina);
const request = (by: Actor = dina) => send(RequestErasure, { legalBasis: 'retention period ended' }, by);
const erase = (by: Actor = emil) => send(ErasePersonalData, {}, by);
const closed = leadingTo.closed;

describe('a legal hold', () => {
  test('is placed and released by supervisors in any status, and only once', async () => {
    expect(await given(...leadingTo.screening).when(keep())).toEqual([
      { type: 'LegalHoldPlaced', data: {}, personal: { reference: 'order 1' } },
    ]);
    expect(await given(...closed, keep()).when(keep(emil))).toEqual([]);
    expect(await given(...closed, keep()).when(letGo())).toMatchObject([{ type: 'LegalHoldReleased' }]);
    expect(await given(...closed).when(letGo())).toEqual([]);
  });

  test('lets nobody request an erasure, nor carry out one that was requested before', async () => {
    expect(await given(...closed, keep()).when(request())).toEqual(refused('legal-hold'));
    expect(await given(...closed, request(), keep()).when(erase())).toEqual(refused('legal-hold'));
    expect(await given(...closed, request(), keep(), letGo()).when(erase())).toMatchObject([{ type: 'PersonalDataErased' }]);
  });
});

describe('an erasure', () => {
  test('is of a closed case, however it was closed', async () => {
    expect(await given(...leadingTo.opened).when(request())).toEqual(refused('case-not-closed'));
    expect(await given(...leadingTo.opened, keep()).when(request())).toEqual(refused('case-not-closed', 'legal-hold'));
    expect(await given(...leadingTo.opened, send(RecordDeath, {}, gus)).when(request())).toMatchObject([{ type: 'ErasureRequested' }]);
  });

  test('is requested once', async () => {
    expect(await given(...closed).when(request())).toEqual([{ type: 'ErasureRequested', data: { legalBasis: 'retention period ended' } }]);
    expect(await given(...closed, request()).when(request(emil))).toEqual([]);
  });

  test('is carried out by another supervisor, in a case that is still closed', async () => {
    expect(await given(...closed).when(erase())).toEqual(refused('wrong-status'));
    expect(await given(...closed, request()).when(erase(dina))).toEqual(refused('same-officer'));
    expect(await given(...closed, request(), keep(), reopening()).when(erase(dina))).toEqual(
      refused('same-officer', 'case-not-closed', 'legal-hold'),
    );
    expect(await given(...closed, request()).when(erase())).toEqual([{ type: 'PersonalDataErased', data: {} }]);
  });

  test('is done: another one takes another request', async () => {
    expect(await given(...closed, request(), erase()).when(erase())).toEqual(refused('wrong-status'));
    expect(await given(...closed, request(), erase()).when(request())).toMatchObject([{ type: 'ErasureRequested' }]);
  });
});

describe('after an erasure', () => {
  const erased: readonly Step[] = [...closed, request(), erase()];

  test('what protects the person is taken and can be read', async () => {
    const { asylumCase } = await new Casebook().add(
      ...erased,
      fearing('GT'),
      holding('court-order'),
      send(AddNote, { text: 'told after it' }, gus),
    );
    expect(asylumCase.fears.GT?.accounts.toArray()).toMatchObject([{ account: 'account' }]);
    expect(asylumCase.notes.at(-1)).toMatchObject({ text: 'told after it' });
    expect(asylumCase.applicant).toBeNull();
  });

  test('nobody is screened or transferred of whom nobody knows who it is', async () => {
    const screened = await new Casebook().add(...leadingTo.closed, request(), erase(), reopening());
    expect(await screened.fork().send(screeningFor('GT'))).toMatchObject({ refused: expect.arrayContaining(['wrong-status']) });
    const amenable: readonly Step[] = [...leadingTo.amenable, send(RecordDeath, {}, gus), request(), erase(), reopening()];
    expect((await given(...amenable).after()).status).toBe('amenable');
    expect(await given(...amenable).when(requesting())).toEqual(refused('determination-not-confirmed'));
    expect(await given(...amenable).when(clearing())).toMatchObject([
      { type: 'DepartureBlocked', data: { failedChecks: expect.arrayContaining(['determination-not-confirmed']) } },
    ]);
    const opened: readonly Step[] = [opening(), send(RecordDeath, {}, gus), request(), erase(), reopening()];
    expect(await given(...opened).when(screeningFor('GT', { by: dina }))).toMatchObject({
      refused: expect.arrayContaining(['national-of-partner-country']),
    });
  });
});

/** However a case came about: an erasure leaves what is left when nothing personal was ever there. */
test.each(Object.entries(leadingTo))('what is left of a case in %s is what its events tell without what is personal', async (_, steps) => {
  const told: readonly Step[] = [...steps, fearing('GT'), fearing('HN'), holding(), send(AddNote, { text: 'note' }, ana)];
  const { history } = await new Casebook().add(...told);
  const last = history.at(-1) as Recorded<CaseEvent>;
  const erasure = {
    ...last,
    id: '6f0c9d54-32a5-5d25-a3f7-9e5a0c7d2b11',
    revision: last.revision + 1,
    type: 'PersonalDataErased',
    data: {},
    personal: null,
  };
  const [whole, sealed] = [history, history.map(event => ({ ...event, personal: null }))].map(events =>
    foldHistory(caseStream, [...events, erasure] as Recorded<CaseEvent>[]),
  );
  expect(JSON.parse(JSON.stringify(whole))).toEqual(JSON.parse(JSON.stringify(sealed)));
});
