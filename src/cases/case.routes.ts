import type { PartnerCountry } from '../agreements/agreement.events.js';
import { agreementFacts } from '../agreements/agreement.facts.js';
import type { Act } from '../event-store/act.js';
import type { UseCase } from '../event-store/handler.js';
import type { FactReader, HistoryReader } from '../event-store/ledger.js';
import type { Moment } from '../event-store/rule.js';
import type { CommandRoute } from '../http/command-routes.js';
import type { Role } from '../http/roles.js';
import { isApprovedFor, manifestFacts } from '../manifests/manifest.facts.js';
import { placeWeekOf } from '../reception/reception.facts.js';
import type { CaseEvent } from './case.events.js';
import { caseFacts } from './case.facts.js';
import type { CaseRule, WithAgreement } from './case.rules.js';
import type { CaseCode } from './case.rule-book.js';
import { countryOf, type AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';
import type { GateFacts } from './gate.rules.js';
import type { WithOriginal } from './intake.rules.js';
import type { WithEntries } from './retraction.rules.js';
import type { Type } from '@nestjs/common';

/** One line of the routing table: a command, its rule, and who may send it. */
export interface CaseRoute extends CommandRoute, UseCase<never, AsylumCase, CaseEvent, never> {
  readonly command: Type<never>;
  readonly codes: readonly CaseCode[];
  /** A protective fact: taken from any office, in any status, and never refused. */
  readonly protective?: boolean;
  /** Whether a file that is full still takes it. */
  readonly takenWhenFull: boolean;
}

interface More<C extends Act, F extends object> {
  readonly codes?: readonly CaseCode[];
  readonly facts?: UseCase<C, AsylumCase, CaseEvent, F>['facts'];
  readonly protective?: boolean;
  /** As `protective` says, unless told. */
  readonly takenWhenFull?: boolean;
  readonly waitsForSafeguards?: (command: C) => boolean;
}

/** Typed where it is written: command, rule and facts must fit each other; the table holds all kinds. */
export const route = <C extends Act, F extends object = object>(
  command: Type<C>, rule: CaseRule<C, F>, roles: readonly Role[], summary: string,
  { codes = [], protective = false, takenWhenFull = protective, ...more }: More<C, F> = {},
): CaseRoute => ({
  command, rule, roles, summary, codes: takenWhenFull || roles.length === 0 ? codes : [...codes, 'file-full'], protective, takenWhenFull, ...more,
} as unknown as CaseRoute);

export const caseworkers: readonly Role[] = ['caseworker', 'supervisor'];
export const supervisors: readonly Role[] = ['supervisor'];
export const liaisons: readonly Role[] = ['liaison'];
export const anyCaseRole: readonly Role[] = ['caseworker', 'supervisor', 'liaison'];
/** No person has it: only a process sends the command, and there is no route. */
export const system: readonly Role[] = [];

/** The agreement with the country that the command names, else the one of the case's transfer or screening. */
export const agreement = async (read: FactReader, asylumCase: AsylumCase, command: object, { now }: Moment): Promise<WithAgreement> => {
  const country = (command as { country?: PartnerCountry }).country ?? countryOf(asylumCase);
  return { agreement: country ? await agreementFacts(read, country, now) : null };
};

/** The agreement of the screening, whatever transfer there was before. */
export const agreementOfScreening = async (read: FactReader, { screening }: AsylumCase, _: object, { now }: Moment): Promise<WithAgreement> =>
  ({ agreement: screening ? await agreementFacts(read, screening.country, now) : null });

/** Of the country that the command names; without one there is nothing to ask yet. */
export const agreementAsked = async (read: FactReader, _: AsylumCase, { country }: { country?: PartnerCountry }, { now }: Moment): Promise<WithAgreement> =>
  ({ agreement: country ? await agreementFacts(read, country, now) : null });

export const original = async (read: FactReader, _: AsylumCase, { of }: { of?: string }): Promise<WithOriginal> => ({ original: of ? await caseFacts(read, of) : null });

/** All that the case holds; without an entry that is named there is nothing to look for. */
export const entries = async (read: HistoryReader, _: AsylumCase, { streamId, eventId }: { streamId?: string; eventId?: string }): Promise<WithEntries> =>
  ({ entries: streamId && eventId ? await read.history(caseStream, streamId) : [] });

export const gate = async (read: FactReader, asylumCase: AsylumCase, { streamId = '' }: { streamId?: string }, moment: Moment): Promise<GateFacts> => {
  const { transfer } = asylumCase;
  const country = countryOf(asylumCase);
  const scheduled = transfer?.manifestId ?? null;
  const manifest = scheduled ? await manifestFacts(read, scheduled) : null;
  const placeWeek = country && scheduled ? await placeWeekOf(read, country, streamId, scheduled) : null;
  return {
    ...await agreement(read, asylumCase, {}, moment),
    approvedFlight: isApprovedFor(manifest, streamId),
    placeReserved: placeWeek !== null && placeWeek === transfer?.placeWeek,
  };
};
