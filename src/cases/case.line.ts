import { agreementFacts } from '../agreements/agreement.facts.js';
import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Role } from '../event-store/actor.js';
import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { linesOf, type CommandedStream, type UseCase } from '../event-store/use-case.js';
import { OTHER_OFFICE } from '../http/offices.js';
import type { CaseEvent } from './case.events.js';
import { caseRuleBook, type CaseCode } from './case.rule-book.js';
import { screeningEvents, transferEvents } from './case.shapes.js';
import type { AsylumCase } from './case.state.js';
import { countryOf } from './standing.state.js';
import type { Status } from './case.status.js';
import { caseStream } from './case.stream.js';

/** Far beyond any person's file: who writes more is mistaken, and would make all others wait. */
export const FULL = 50_000;

/** A case belongs to one office. Protective facts are taken from any, and a liaison works for all. */
function closedTo(
  actor: Actor,
  asylumCase: AsylumCase,
  { roles, openTo }: Pick<UseCase<AsylumCase, CaseEvent>, 'roles' | 'openTo'>,
): DomainError | false {
  const asLiaison = actor.roles.includes('liaison') && roles.includes('liaison');
  const isOpen = asLiaison || actor.office === asylumCase.office || openTo(actor, asylumCase);
  return !isOpen && new DomainError('other-office', OTHER_OFFICE);
}

/** Screening and transfer events say under which rule set they were decided. */
async function underRules(asylumCase: AsylumCase, events: readonly CaseEvent[], read: FactReader): Promise<readonly CaseEvent[]> {
  return Promise.all(
    events.map(async event => {
      const country = countryOfEvent(asylumCase, event);
      if (!country) return event;
      const { ruleSet } = await agreementFacts(read, country, '1970-01-01T00:00:00Z');
      return ruleSet ? { ...event, ruleSet: { country, version: ruleSet.version } } : event;
    }),
  );
}

function countryOfEvent(asylumCase: AsylumCase, { type, data }: CaseEvent): PartnerCountry | null {
  const named = (data as { country?: PartnerCountry }).country;
  if (type in screeningEvents) return named ?? asylumCase.screening?.country ?? null;
  return type in transferEvents ? (named ?? countryOf(asylumCase)) : null;
}

export const cases: CommandedStream<AsylumCase, CaseEvent, Status, CaseCode> = {
  kind: caseStream,
  book: caseRuleBook,
  statusOf: ({ status }) => status,
  closedTo,
  fullAt: FULL,
  underRules,
  resource: { path: 'v1/cases', id: 'caseId', ids: 'uuid' },
};

export const line = linesOf(cases);

export const caseworkers: readonly Role[] = ['caseworker', 'supervisor'];
export const supervisors: readonly Role[] = ['supervisor'];
export const liaisons: readonly Role[] = ['liaison'];
export const anyCaseRole: readonly Role[] = ['caseworker', 'supervisor', 'liaison'];
/** No person has it: only a process sends the command, and there is no route. */
export const system: readonly Role[] = [];

/** What follows from learning something that the determination did not know. */
export const NEW_INFORMATION = ['DeterminationReopened', 'TransferAborted', 'TransferHoldPlaced', 'ProtectionAlertRaised'] as const;
