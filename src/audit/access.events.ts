import { dictionary, former, list, oneOf, optional, text, uuid, wholeNumber, type Described, type Fields } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

/** What of a case was shown. */
export const READS = [
  'case-file',
  'notes',
  'possible-duplicates',
  'timeline',
  'allowed-commands',
  'events',
  'state',
  'diff',
  'access',
  'dossier',
] as const;
export type WhatWasRead = (typeof READS)[number];

/** What showed any number of cases at once. */
export const LISTINGS = ['caseload', 'search', 'deadlines', 'manifests', 'family', 'actor-access', 'unusual-access'] as const;
export type WhatWasListed = (typeof LISTINGS)[number];

export interface CasesListed {
  readonly list: WhatWasListed;
  /** The ids of the cases that were shown, packed. */
  readonly cases: string;
  readonly filters: Readonly<Record<string, string>>;
  /** A keyed hash of what was searched for. */
  readonly q?: string;
}

interface Stated {
  readonly purpose: string;
}

/** Of `access-<caseId>`, and of `access-<id of the caller>`. */
export type AccessEvent =
  | DomainEvent<'CaseFileRead', { what: WhatWasRead; revision: number }, Stated>
  | DomainEvent<'CasesListed', CasesListed, Stated>;

interface FirstCasesListed {
  readonly caseIds: readonly string[];
  readonly filters: Readonly<Record<string, string>>;
  readonly q?: string;
}
const firstCasesListed: Fields<FirstCasesListed> = { caseIds: list(uuid), filters: dictionary(text), q: optional(text) };

export const accessEvents: Described<AccessEvent> = {
  CaseFileRead: [{ what: oneOf(READS), revision: wholeNumber }],
  CasesListed: [
    former<FirstCasesListed, Stated>(firstCasesListed, ({ data: { caseIds, filters, q }, personal }) => {
      const { list: named, cursor: _, ...asked } = filters;
      const listed = named ?? (q === undefined ? 'caseload' : 'search');
      return { data: { list: listed, cases: packed(caseIds), filters: asked, ...(q !== undefined && { q }) }, personal };
    }),
    { list: oneOf(LISTINGS), cases: text, filters: dictionary(text), q: optional(text) },
  ],
};

const HEX = 32;
const EACH = new RegExp(`.{${HEX}}`, 'g');

/** Sixteen bytes an id, in base64url: a list is most of what is ever recorded. */
export const packed = (caseIds: readonly string[]): string =>
  Buffer.from(caseIds.join('').replaceAll('-', ''), 'hex').toString('base64url');

/** As PostgreSQL takes a `uuid[]`. */
export const asArray = (cases: string): string => `{${Buffer.from(cases, 'base64url').toString('hex').match(EACH)?.join() ?? ''}}`;

export function unpacked(cases: string): string[] {
  const hex = Buffer.from(cases, 'base64url').toString('hex');
  return Array.from({ length: hex.length / HEX }, (_, at) =>
    hex.slice(at * HEX, (at + 1) * HEX).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  );
}
