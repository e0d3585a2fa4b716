import { describe, expect, test } from '@jest/globals';
import { STATUSES, type Status } from '../../src/cases/case.status.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import { exampleOf } from '../../src/fields/examples.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { person } from '../support/given.js';
import {
  ana,
  assigning,
  beto,
  CASE,
  Casebook,
  claiming,
  dina,
  fearing,
  FLIGHT,
  gus,
  isRefusal,
  leadingTo,
  opening,
  screeningFor,
  send,
  type Sent,
  type Step,
} from './scenario.js';

/* What a person is told beforehand must be what deciding then says. */

const people = { 'the assigned caseworker': ana, 'another caseworker': beto, 'a supervisor': dina, 'a liaison': gus } as const;
const worker: Actor = { id: 'both', roles: ['caseworker', 'liaison'], office: 'ELP' };

const permissionsOf = (book: Casebook, actor: Actor) =>
  caseUseCases.decider.permissionsOn(
    CASE,
    book.asylumCase,
    { now: book.now, occurredAt: book.now, actor, streamLength: book.history.length, newId: name => name },
    book.reader(),
  );

/** The codes that deciding gives, refused attempts that are kept included. */
async function decidedCodes(book: Casebook, sent: Sent): Promise<readonly string[]> {
  const outcome = await book.send(sent);
  if (isRefusal(outcome)) return outcome.refused.map(refused => refused.split(' ')[0] ?? '');
  return (outcome as readonly { data: object }[]).flatMap(({ data }) => (data as { failedChecks?: readonly string[] }).failedChecks ?? []);
}

/** A body that fits the record as well as it can. */
const fitting: Readonly<Record<string, object>> = {
  EstablishException: { ground: 'valid-visa', evidence: 'e' },
  ClearForBoarding: { manifestId: FLIGHT },
  RecordDeparture: { flight: 'GT101' },
  StartScreening: { country: 'HN', language: 'es' },
};
const command = (name: string, by: Actor): Sent => {
  const useCase = caseUseCases.decider.useCase(name);
  if (!useCase) throw new Error(`no line has ${name}`);
  return send(useCase.command, fitting[name] ?? exampleOf(useCase.command), by);
};

async function agrees(steps: readonly Step[], actor: Actor): Promise<number> {
  const book = await new Casebook().add(...steps);
  const { allowed, refused } = await permissionsOf(book, actor);
  for (const { command: name, codes } of refused) {
    expect(codes).not.toEqual([]);
    const decided = await decidedCodes(book.fork(), command(name, actor));
    expect({ name, decided }).toEqual({ name, decided: expect.arrayContaining([...codes]) });
  }
  for (const name of allowed) {
    expect({ name, decided: await decidedCodes(book.fork(), command(name, actor)) }).toEqual({
      name,
      decided: expect.not.arrayContaining(['wrong-status']),
    });
  }
  return allowed.length + refused.length;
}

describe.each(Object.entries(people))('%s', (_, actor) => {
  test.each(STATUSES)('in %s', async status => {
    expect(await agrees(leadingTo[status], actor)).toBeGreaterThan(10);
  });
});

test.each([
  ['with fear that nobody assessed', [...leadingTo.screening, fearing()]],
  ['with everything prepared', leadingTo['awaiting-review'].slice(0, -1)],
  ['with fear expressed when it was scheduled', [...leadingTo['transfer-scheduled'], fearing()]],
] as const)('a case in screening %s', async (_, steps) => {
  for (const actor of Object.values(people)) await agrees(steps, actor);
});

test('what would be refused for the office is not allowed: protective facts are, and what a liaison does', async () => {
  const book = await new Casebook().add(...leadingTo.screening);
  const elsewhere = await permissionsOf(book, person('cw-carla', 'caseworker', 'LRD'));
  expect(elsewhere.allowed.toSorted()).toEqual([
    'AddNote',
    'ExpressFear',
    'PlaceHold',
    'RecordDeath',
    'RecordEvidence',
    'RecordVulnerability',
  ]);
  expect(new Set(elsewhere.refused.flatMap(({ codes }) => codes))).toEqual(new Set(['other-office']));
  const liaison = await permissionsOf(book, person('li-hugo', 'liaison', 'LRD'));
  expect(liaison).toEqual(await permissionsOf(book, gus));
});

test.each([
  ['a minor alone', opening({ applicant: { birthDate: '2010-01-01' } }), 'unaccompanied-minor'],
  ['a visa', opening({ documents: 'valid-visa' }), 'visa-exempt'],
  ['an unknown nationality', opening({ applicant: { nationalities: [], nationalityUnknown: true } }), 'national-of-partner-country'],
])('%s stands in the way of a screening under any agreement', async (_, opened, code) => {
  const book = await new Casebook().add(opened, claiming(), assigning());
  const { refused } = await permissionsOf(book, ana);
  expect(refused.find(({ command: name }) => name === 'StartScreening')).toEqual({ command: 'StartScreening', codes: [code] });
  expect(await decidedCodes(book.fork(), screeningFor('GT'))).toEqual([code]);
});

test('a nationality that one agreement alone excludes does not stand in the way beforehand', async () => {
  const { allowed } = await permissionsOf(
    await new Casebook().add(opening({ applicant: { nationalities: ['GT'] } }), claiming(), assigning()),
    ana,
  );
  expect(allowed).toContain('StartScreening');
});

test("several roles add up, and none of the system's commands is shown", async () => {
  const { allowed, refused } = await permissionsOf(await new Casebook().add(...leadingTo.amenable), worker);
  const shown = [...allowed, ...refused.map(({ command: name }) => name)];
  expect(allowed).toContain('RequestTransfer');
  expect(allowed).toContain('RecordConsent');
  expect(shown).not.toContain('ConfirmDetermination');
  expect(shown).not.toContain('ScheduleTransfer');
  expect(shown).not.toContain('UnscheduleTransfer');
  expect(new Set(shown).size).toBe(shown.length);
});

test('nobody without a role in cases may do anything', async () => {
  const book = await new Casebook().add(...leadingTo.opened);
  for (const role of ['admin', 'auditor', 'reporting']) {
    expect(await permissionsOf(book, { id: 'x', roles: [role], office: 'ELP' })).toEqual({ allowed: [], refused: [] });
  }
});

test.each<[Status, Actor, string, string[]]>([
  ['screening', ana, 'SubmitDetermination', ['notice-not-served', 'fear-inquiry-missing']],
  ['screening', beto, 'SubmitDetermination', ['not-assigned', 'notice-not-served', 'fear-inquiry-missing']],
  ['opened', ana, 'StartScreening', ['not-assigned', 'claim-not-recorded']],
  ['opened', dina, 'StartScreening', ['claim-not-recorded']],
  ['opened', ana, 'ServeNotice', ['wrong-status']],
  ['transfer-scheduled', gus, 'ClearForBoarding', ['destination-not-told']],
  ['transfer-scheduled', gus, 'RecordDeparture', ['not-cleared', 'destination-not-told']],
  [
    'opened',
    gus,
    'ClearForBoarding',
    [
      'agreement-not-in-force',
      'determination-not-confirmed',
      'acceptance-not-valid',
      'place-not-reserved',
      'manifest-not-approved',
      'destination-not-told',
    ],
  ],
])('in %s, %j is told of %s: %j', async (status, actor, name, codes) => {
  const { refused } = await permissionsOf(await new Casebook().add(...leadingTo[status]), actor);
  expect(refused.find(each => each.command === name)).toEqual({ command: name, codes });
});
