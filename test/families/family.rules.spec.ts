import { describe, expect, test } from '@jest/globals';
import type { AsylumCase } from '../../src/cases/case.facts.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import type { FamilyEvent } from '../../src/families/family.events.js';
import * as rules from '../../src/families/family.rules.js';
import { familyStream, membershipStream } from '../../src/families/family.state.js';
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
  const joining = { candidate: adult, membership: membershipStream.initial, familyUnitId: 'family' };
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

describe('a tie that was entered wrongly', () => {
  const facts = { cases: cases(), actor: supervisor, membership: { familyUnitId: 'family', membershipId: 'taken' } };
  const add = (caseId: string, relationshipCode: string, more: object = {}) =>
    decided(families, rules.addMember, { caseId, relationshipCode, ...more }, family(), {
      ...facts,
      candidate: adult,
      familyUnitId: 'family',
    });
  const correct = (caseId: string, relationshipCode: string, state = family(), by = supervisor) =>
    decided(families, rules.correctRelationship, { caseId, relationshipCode, reasonCode: 'told-wrongly' }, state, { ...facts, actor: by });
  const remove = (caseId: string, state = family(), by = supervisor) =>
    decided(families, rules.removeMember, { caseId, reasonCode: 'another-person' }, state, { ...facts, actor: by });

  test('a member who is added as something else is refused; as the same, nothing happens', async () => {
    expect(await add('mother', 'aunt')).toEqual(refused('already-exists'));
    expect(await add('mother', 'parent')).toEqual([]);
    // A membership that was taken and is told late finds what was corrected meanwhile.
    expect(await add('mother', 'aunt', { membershipId: 'taken' })).toEqual([]);
  });

  test('a membership that was given back, or whose member was removed, adds nobody', async () => {
    const uncle = (state: ReturnType<typeof family>, membershipId: string) =>
      decided(families, rules.addMember, { caseId: 'uncle', relationshipCode: 'uncle', membershipId }, state, {
        ...facts,
        actor: SYSTEM,
        candidate: adult,
        familyUnitId: 'family',
      });
    expect(await uncle(family(), 'taken')).toHaveLength(1);
    expect(await uncle(family(), 'taken before')).toEqual([]);
    const removed: FamilyEvent = { type: 'FamilyMemberRemoved', data: { caseId: 'uncle', reasonCode: 'error', membershipId: 'taken' } };
    expect(await uncle(family(member('uncle', 'uncle'), removed), 'taken')).toEqual([]);
  });

  test('a relationship is corrected: whoever was taken for a parent looks after nobody', async () => {
    const [corrected] = (await correct('mother', 'stranger')) as FamilyEvent[];
    expect(corrected).toEqual({
      type: 'FamilyRelationshipCorrected',
      data: { caseId: 'mother', relationshipCode: 'stranger', reasonCode: 'told-wrongly' },
    });
    expect(await propose(['father'], family(corrected as FamilyEvent))).toEqual(refused('minor-alone'));
    expect(await correct('mother', 'parent')).toEqual([]);
    expect(await correct('uncle', 'parent')).toEqual(refused('not-found /caseId'));
    expect(await correct('mother', 'aunt', family(), elsewhere)).toEqual(refused('other-office'));
  });

  test('what was authorised of that member is void; what was authorised of others, and proposals, stand', async () => {
    const state = family(proposal('one', 'mother', 'ana'), authorised('one', 'mother', 'ana'), proposal('two', 'mother', 'beto'));
    const voided = { type: 'SeparationVoided', data: { proposalId: 'one', caseId: 'mother' } };
    expect(await correct('mother', 'aunt', state)).toEqual([expect.objectContaining({ type: 'FamilyRelationshipCorrected' }), voided]);
    const [removed, second] = (await remove('mother', state)) as FamilyEvent[];
    expect(removed).toEqual({
      type: 'FamilyMemberRemoved',
      data: { caseId: 'mother', reasonCode: 'another-person', membershipId: 'taken' },
    });
    expect(second).toEqual(voided);
    const after = family(
      proposal('one', 'mother', 'ana'),
      authorised('one', 'mother', 'ana'),
      proposal('two', 'mother', 'beto'),
      removed as FamilyEvent,
      second as FamilyEvent,
    );
    expect(after).toMatchObject({ separations: [], members: [{ caseId: 'father' }, { caseId: 'ana' }, { caseId: 'beto' }] });
    // Nobody can authorise what was proposed of somebody who is no member.
    expect(await authorise('two', after)).toEqual(refused('not-found /proposalId'));
    expect(await remove('mother', after)).toEqual(refused('not-found /caseId'));
  });

  test('what was authorised of others is void where it would part a minor from everybody who looks after it', async () => {
    const parted = [proposal('one', 'mother', 'ana'), authorised('one', 'mother', 'ana')];
    const state = family(member('uncle', 'uncle'), ...parted);
    const voided = { type: 'SeparationVoided', data: { proposalId: 'one', caseId: 'father' } };
    expect(await correct('father', 'stranger', state)).toEqual([expect.objectContaining({ type: 'FamilyRelationshipCorrected' }), voided]);
    expect(await remove('father', state)).toEqual([expect.objectContaining({ type: 'FamilyMemberRemoved' }), voided]);
    expect(await correct('father', 'legal-guardian', state)).toHaveLength(1);
    expect(await correct('uncle', 'cousin', state)).toHaveLength(1);
    expect(await remove('uncle', state)).toHaveLength(1);
  });
});
