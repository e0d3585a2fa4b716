import type { Type } from '@nestjs/common';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { countryOf } from '../../src/cases/standing.state.js';
import type { CommandClass } from '../../src/event-store/act.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { dayOf, millis, plusDays, plusHours, toInstant, weekOf } from '../../src/fields/time.js';
import type { Family } from '../../src/families/family.state.js';
import { fieldsOf, groupOf, type Field } from '../../src/fields/field-registry.js';
import type { Role } from '../../src/http/roles.js';
import type { Manifest } from '../../src/manifests/manifest.state.js';
import { ALL } from '../support/all-use-cases.js';
import { person } from '../support/given.js';
import type { Draw } from './draw.js';

/* Every command that a person may send, read from the lines of their use cases; and bodies that are likely to fit. */

export type Category = 'case' | 'agreement' | 'manifest' | 'reception' | 'family' | 'order' | 'reassignment';

/** A command, who may send it, and whether it makes its stream. */
export interface Line {
  readonly name: string;
  readonly category: Category;
  readonly command: CommandClass;
  readonly roles: readonly Role[];
  readonly creates: boolean;
}

/** Commands of the system alone have no route: only processes send them. */
export const LINES: readonly Line[] = ALL.flatMap(({ category, lines }) =>
  lines
    .filter(({ roles }) => roles.length > 0)
    .map(({ command, roles, creates }) => ({ name: command.type, category: category as Category, command, roles, creates })),
);

const named = new Map(LINES.map(line => [`${line.category} ${line.name}`, line]));
/** @throws Error where no line has it */
export function lineOf(category: Category, name: string): Line {
  const line = named.get(`${category} ${name}`);
  if (!line) throw new Error(`no line of ${category} has ${name}`);
  return line;
}

export const STAFF: readonly Actor[] = [
  person('cw-ana', 'caseworker'),
  person('cw-beto', 'caseworker'),
  person('cw-carla', 'caseworker', 'LRD'),
  person('sup-dina', 'supervisor'),
  person('sup-emil', 'supervisor'),
  person('sup-fay', 'supervisor', 'LRD'),
  person('li-gus', 'liaison'),
  person('adm-hal', 'admin'),
  { id: 'sup-li-kim', roles: ['supervisor', 'liaison'], office: 'ELP' },
];

/** What is on record and may be named in a body. */
export interface Records {
  readonly now: string;
  readonly cases: ReadonlyMap<string, AsylumCase>;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly families: ReadonlyMap<string, Family>;
  /** Ids of the events of a stream. */
  readonly eventIds: (stream: string) => readonly string[];
}

/** Where a body is to go. */
export interface Target {
  readonly streamId: string;
  readonly asylumCase?: AsylumCase;
  readonly manifest?: Manifest;
  readonly family?: Family;
}

type Value = (draw: Draw, records: Records, target: Target, field: Field) => unknown;

const anyCase: Value = (draw, { cases }) => draw.maybe([...cases.keys()]) ?? draw.uuid();
const usually = (draw: Draw, likely: string | null | undefined, other: () => string): string =>
  likely && draw.chance(0.85) ? likely : other();
const aDay =
  (earliest: number, latest: number): Value =>
  (draw, { now }) =>
    plusDays(now, earliest + draw.below(latest - earliest + 1)).slice(0, 10);
const fromOn: Value = (draw, { now }) =>
  draw.weighted([
    [3, now],
    [1, plusHours(now, draw.below(96))],
    [1, plusDays(now, -draw.below(20)).slice(0, 10)],
  ]);
export const departureAhead = (draw: Draw, now: string): string => plusDays(now, 2 + draw.below(2) * 7);
export const weekAhead = (draw: Draw, now: string): string => weekOf(departureAhead(draw, now));

/** As people write it. */
const alienNumber = (draw: Draw): string => draw.of(['A2000000', '2000000', 'a 200-000-0', 'A#200.000.0']) + (10 + draw.below(2));

/** A code that carries weight, or one that carries none. */
const VALUES: Readonly<Record<string, Value>> = {
  caseId: (draw, records, target, field) =>
    (draw.chance(0.4) && draw.maybe(target.family?.members ?? [])?.caseId) || anyCase(draw, records, target, field),
  of: anyCase,
  caseIds: (draw, { cases }, { family }) => {
    const known = family ? family.members.map(({ caseId }) => caseId) : [...cases.keys()];
    const named = draw.some(known);
    return named.length > 0 && draw.chance(0.95) ? named : [draw.maybe(known) ?? draw.uuid()];
  },
  previousCaseIds: (draw, { cases }) => draw.some([...cases.keys()], 0.2),
  eventId: (draw, { eventIds }, { streamId }) => draw.maybe(eventIds(`case-${streamId}`)) ?? draw.uuid(),
  holdId: (draw, _, { asylumCase }) =>
    draw.maybe(asylumCase?.holds.map(({ holdId }) => holdId) ?? []) ?? draw.maybe(asylumCase?.holdIds.toArray() ?? []) ?? draw.uuid(),
  evidenceId: (draw, _, { asylumCase }) => {
    const kept = asylumCase?.evidence.filter(({ returnedAt }) => returnedAt === null).map(({ evidenceId }) => evidenceId) ?? [];
    return (draw.chance(0.6) && draw.maybe(kept)) || draw.uuid();
  },
  determinationId: (draw, _, { asylumCase }) => usually(draw, asylumCase?.screening?.determination?.determinationId, () => draw.uuid()),
  alertId: (draw, _, { asylumCase }) => draw.maybe(asylumCase?.protectionAlerts.map(({ alertId }) => alertId) ?? []) ?? draw.uuid(),
  proposalId: (draw, _, { family }) => draw.maybe(family?.separations.map(({ proposalId }) => proposalId) ?? []) ?? draw.uuid(),
  manifestId: (draw, { manifests }, { asylumCase }) =>
    usually(draw, asylumCase?.transfer?.manifestId, () => draw.maybe([...manifests.keys()]) ?? draw.uuid()),
  country: (draw, _, { asylumCase }) =>
    usually(draw, asylumCase && countryOf(asylumCase), () =>
      draw.weighted<PartnerCountry>([
        [6, 'GT'],
        [2, 'HN'],
        [1, 'SV'],
      ]),
    ),
  revision: (draw, _, { manifest }) => (manifest && draw.chance(0.9) ? manifest.revision : draw.below(5)),
  boarded: (draw, { cases, now }, { streamId, manifest }) =>
    (manifest?.passengers ?? []).filter(caseId => {
      const transfer = cases.get(caseId)?.transfer;
      return transfer?.manifestId === streamId && transfer.clearedUntil !== null && millis(transfer.clearedUntil) >= millis(now)
        ? draw.chance(0.9)
        : draw.chance(0.1);
    }),
  arrived: (draw, { cases }, { manifest }) => {
    const aboard = draw.some(manifest?.boarded ?? [], 0.8);
    return aboard.length > 0 ? aboard : [draw.maybe([...cases.keys()]) ?? draw.uuid()];
  },
  caseworkerId: draw => draw.of(STAFF.slice(0, 3)).id,
  to: draw => draw.of(STAFF.slice(0, 3)).id,
  toOffice: draw => draw.of(['ELP', 'LRD', 'LRD']),
  language: draw =>
    draw.weighted([
      [8, 'es'],
      [1, 'es-SV'],
      [1, 'cab'],
      [1, 'quc'],
    ]),
  languages: draw =>
    draw.weighted([
      [6, ['es']],
      [1, ['es-SV']],
      [1, ['quc']],
      [1, ['es', 'quc']],
    ]),
  nationalities: draw =>
    draw.weighted([
      [20, ['HN']],
      [6, ['SV']],
      [2, ['NI']],
      [1, ['GT']],
      [1, ['HN', 'US']],
      [1, []],
    ]),
  nationalityUnknown: draw => draw.chance(0.05),
  habitualResidence: draw => draw.of(['HN', 'HN', 'GT']),
  birthDate: draw =>
    draw.weighted([
      [14, '1990-05-17'],
      [3, '2011-03-04'],
      [1, '2002-02-28'],
      [1, '2004-02-29'],
    ]),
  accompaniedBy: draw =>
    draw.weighted([
      [8, 'parent'],
      [4, 'none'],
      [2, 'legal-guardian'],
      [1, 'other-relative'],
      [1, 'other-adult'],
    ]),
  documents: draw =>
    draw.weighted([
      [30, 'none'],
      [10, 'transit-only'],
      [1, 'valid-visa'],
      [1, 'admission-document'],
      [1, 'visa-not-required'],
    ]),
  alienNumber,
  otherAlienNumbers: draw => (draw.chance(0.8) ? [alienNumber(draw)] : []),
  // Once in a while before any agreement.
  at: (draw, { now }) => (draw.chance(0.97) ? toInstant(millis(now) - (1 + draw.below(48)) * 3_600_000) : '2019-11-10T15:00:00Z'),
  day: aDay(-3, -1),
  readBack: draw => draw.chance(0.85),
  fearsPartnerCountry: draw => draw.chance(0.2),
  persecution: draw => draw.chance(0.15),
  torture: draw => draw.chance(0.15),
  voluntary: draw => draw.chance(0.7),
  outcome: (draw, _, __, field) =>
    field.kind?.fits('amenable')
      ? draw.weighted([
          [6, 'amenable'],
          [1, 'not-amenable'],
        ])
      : anyOf(draw, field),
  reply: draw =>
    draw.weighted([
      [6, 'accepted'],
      [1, 'refused'],
    ]),
  ground: draw => draw.of(['public-interest', 'valid-visa', 'family-in-united-states', 'fear-established']),
  relationshipCode: draw =>
    draw.weighted([
      [3, 'parent'],
      [1, 'legal-guardian'],
      [4, 'child'],
      [1, 'sibling'],
    ]),
  week: (draw, { now }) => weekAhead(draw, now),
  places: draw =>
    draw.weighted([
      [1, 0],
      [2, 1],
      [3, 2],
      [6, 40],
    ]),
  departsAt: (draw, { now }) => departureAhead(draw, now),
  replyDays: draw => 7 + draw.below(10),
  acceptanceValidDays: draw => 20 + draw.below(50),
  clearanceValidHours: draw => draw.of([24, 48]),
  followUp: draw =>
    draw.weighted([
      [4, ['PT72H', 'P30D', 'P90D']],
      [1, ['PT48H', 'P30D']],
    ]),
  acceptedNationalities: draw =>
    draw.weighted([
      [12, ['HN', 'SV']],
      [1, ['NI']],
    ]),
  additionalExceptionGrounds: () => ['family-in-united-states'],
  on: aDay(-3, 0),
  from: (draw, records, target, field) =>
    field.kind?.fits('cw-ana') ? draw.of(STAFF.slice(0, 3)).id : fromOn(draw, records, target, field),
  effectiveOn: aDay(0, 20),
};

/** One of the values that the field's kind names, or one that fits. */
function anyOf(draw: Draw, { kind, list }: Field): unknown {
  const { enum: values, example, type } = kind?.schema ?? {};
  const one = Array.isArray(values)
    ? draw.of(values as unknown[])
    : type === 'boolean'
      ? draw.chance(0.5)
      : (example ?? (kind?.fits('0123456789abcdef'.repeat(4)) ? '0123456789abcdef'.repeat(4) : 'application/pdf'));
  return list ? [one] : one;
}

/** Stands in every personal text, to be searched for where it must not appear. */
export const MARK = 'Zquill';

const REPORT = 'occurredAt';

/** A body for the command, as a person might send it: most of it fits what is on record. */
export function bodyOf(command: Type, draw: Draw, records: Records, target: Target, creates = false): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, field] of fieldsOf(command)) {
    if (name === REPORT) {
      if (draw.chance(0.12))
        body[name] = toInstant(
          millis(records.now) -
            draw.weighted([
              [3, 1],
              [2, 60],
              [1, 2_000],
              [1, 60_000],
            ]) *
              (1 + draw.below(3)) *
              60_000,
        );
      continue;
    }
    // The id of what is made is the target's.
    const needed = groupOf(command).at(-1) === name;
    if (field.optional && !needed && (!draw.chance(0.3) || (creates && name.endsWith('Id')))) continue;
    body[name] = valueOf(name, field, draw, records, target);
  }
  // The day of an encounter is that of its instant, or hardly any file is ever opened.
  if ('at' in body && 'day' in body && draw.chance(0.95)) body['day'] = dayOf(String(body['at']));
  return body;
}

function valueOf(name: string, field: Field, draw: Draw, records: Records, target: Target): unknown {
  const { nested, list, personal, kind, clearable } = field;
  if (clearable && draw.chance(0.25)) return null;
  if (nested) {
    const one = bodyOf(nested(), draw, records, target);
    return list ? [one] : one;
  }
  if (personal && !(name in VALUES) && kind?.fits(MARK)) return MARK;
  return VALUES[name]?.(draw, records, target, field) ?? anyOf(draw, field);
}
