import { describe, expect, test } from '@jest/globals';
import type { AsylumCase } from '../../src/cases/case.facts.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import type { FamilyEvent } from '../../src/families/family.events.js';
import * as rules from '../../src/families/family.rules.js';
import { familyStream } from '../../src/families/family.state.js';
import { decided, folded, person, refused, told, type Told } from '../support/given.js';

const worker = person('cw-ana', 'caseworker');
const supervisor = person('sup-emil', 'supervisor');
const elsewhere = person('cw-carla', 'caseworker', 'LRD');
const families = { kind: familyStream, book: rules.familyRuleBook };

const adult: AsylumCase = { ...caseStream.initial, status: 'opened', office: 'ELP' };
const minor: AsylumCase = { ...adult, minorAtEncounter: true };
const cases = (changed: Readonly<Record<string, AsylumCase>> = {}) =>
  new Map(Object.entries({ mother: adult, father: adult, ana: minor, beto: minor, ...changed }));

const member = (caseId: string, relationshipCode: string): FamilyEvent => ({
  type: 'FamilyMemberAdded',
  data: { caseId, relationshipCode },
});
const proposal = (proposalId: string, ...caseIds: string[]) =>
  told<FamilyEvent>({ type: 'SeparationProposed', data: { proposalId, caseIds }, personal: { reasons: 'told' } }, { by: worker });
const authorised = (proposalId: string, ...caseIds: string[]) =>
  told<FamilyEvent>({ type: 'SeparationAuthorised', data: { proposalId, caseIds } }, { by: supervisor });
const family = (...more: (FamilyEvent & Told)[]) =>
  folded(familyStream, [member('mother', 'parent'), member('father', 'parent'), member('ana', 'child'), member('beto', 'child'), ...more]);

const propose = (caseIds: string[], state = family(), facts = {}) =>
  decided(families, rules.proposeSeparation, { caseIds, reasons: 'told' }, state, { cases: cases(), actor: worker, ...facts });
const authorise = (proposalId: string, state: ReturnType<typeof family>, facts = {}) =>
  decided(families, rules.authoriseSeparation, { proposalId }, state, { cases: cases(), actor: supervisor, ...facts });

describe('minor-alone', () => {
  test('each part needs a parent or legal guardian where it has a minor', async () => {
    expect(await propose(['mother', 'ana'])).toHaveLength(1);
    expect(await propose(['ana'])).toEqual(refused('minor-alone'));
    expect(await propose(['mother', 'father'])).toEqual(refused('minor-alone'));
    expect(await propose(['mother'])).toHaveLength(1);
  });

  test('it is asked of every part that this separation and those authorised before would leave', async () => {
    const halves = family(proposal('one', 'mother', 'ana'), authorised('one', 'mother', 'ana'));
    // By itself it would leave each minor with a parent; after the first one it would leave each of them with nobody.
    expect(await propose(['mother', 'beto'], halves)).toEqual(refused('minor-alone'));
    expect(await propose(['mother', 'ana'], halves)).toHaveLength(1);
    expect(await propose(['ana', 'beto', 'father'], halves)).toEqual(refused('minor-alone'));
  });

  test('it is asked again when it is authorised: others may have been meanwhile', async () => {
    const both = [proposal('one', 'mother', 'ana'), proposal('two', 'mother', 'beto')];
    expect(await authorise('two', family(...both))).toHaveLength(1);
    expect(await authorise('two', family(...both, authorised('one', 'mother', 'ana')))).toEqual(refused('minor-alone'));
  });

  test('a file closed as a duplicate is nobody: neither a minor left alone nor one who looks after one', async () => {
    expect(await propose(['father'], family(), { cases: cases({ mother: { ...adult, status: 'closed', duplicateOf: 'other' } }) })).toEqual(
      refused('minor-alone'),
    );
    expect(await propose(['ana'], family(), { cases: cases({ ana: { ...minor, status: 'closed', duplicateOf: 'other' } }) })).toHaveLength(
      1,
    );
  });

  test('a parent who is a minor, or may be, looks after nobody', async () => {
    expect(await propose(['mother', 'ana'], family(), { cases: cases({ mother: { ...adult, ageDisputed: true } }) })).toEqual(
      refused('minor-alone'),
    );
  });
});

describe('other-office', () => {
  const handedOver = { cases: cases({ beto: { ...minor, office: 'LRD' } }) };
  const joining = { candidate: adult, familyUnitOfCase: null, familyUnitId: 'family' };
  const add = (state: ReturnType<typeof family>, facts: object) =>
    decided(families, rules.addMember, { caseId: 'uncle', relationshipCode: 'uncle' }, state, { cases: cases(), ...joining, ...facts });

  test('whoever has no case of the family leaves it alone', async () => {
    const state = family(proposal('one', 'father'));
    expect(await propose(['father'], state, { actor: elsewhere })).toEqual(refused('other-office'));
    expect(await authorise('one', state, { actor: elsewhere })).toEqual(refused('other-office'));
    expect(await add(state, { actor: elsewhere })).toEqual(refused('other-office'));
    expect(await add(state, { actor: elsewhere, candidate: { ...adult, office: 'LRD' } })).toEqual(refused('other-office'));
  });

  test('a case that was handed over counts for the office that has it', async () => {
    expect(await propose(['father'], family(), { actor: elsewhere, ...handedOver })).toHaveLength(1);
    expect(await add(family(), { actor: elsewhere, ...handedOver })).toHaveLength(1);
  });

  test('a new family has no office, and processes belong to none', async () => {
    expect(await add(folded(familyStream, []), { actor: elsewhere, cases: new Map() })).toHaveLength(1);
    expect(await add(family(), { actor: SYSTEM })).toHaveLength(1);
    expect(await add(family(), { actor: { ...SYSTEM } })).toEqual(refused('other-office'));
  });
});
