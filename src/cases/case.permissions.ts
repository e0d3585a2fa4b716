import { DomainError } from '../event-store/domain-error.js';
import type { Act } from '../event-store/act.js';
import { isSystem } from '../event-store/actor.js';
import type { Actor } from '../event-store/event-store.js';
import type { HistoryReader } from '../event-store/ledger.js';
import { inOrder, refusal, type Moment } from '../event-store/rule.js';
import type { CaseRoute } from './case.routes.js';
import { caseRuleBook } from './case.rule-book.js';
import { takenIn, type AsylumCase } from './case.state.js';
import { caseTable } from './case.table.js';
import { RecordDeparture } from './transfer.commands.js';

export interface Permissions {
  /** What may be done now. */
  readonly allowed: string[];
  /** What may not, and which rules stand in the way: those that need no field of the command. */
  readonly refused: { readonly command: string; readonly codes: string[] }[];
}

const routes = new Map<string, CaseRoute>(caseTable.map(route => [route.command.name, route]));
export const caseRouteOf = (command: string): CaseRoute | undefined => routes.get(command);

export function isTaken(command: string, { status, screening }: AsylumCase, country?: string): boolean {
  const sameAgreementAgain = command === 'StartScreening' && status === 'screened-out' && screening?.country === country;
  return (takenIn[command]?.includes(status) ?? true) && !sameAgreementAgain;
}

/** Far beyond any person's file: who writes more is mistaken, and would make all others wait. */
export const FULL = 50_000;
const isFull = ({ takenWhenFull }: Pick<CaseRoute, 'takenWhenFull'>, { streamLength }: Moment): boolean => streamLength >= FULL && !takenWhenFull;

/** A case belongs to one office. Protective facts are taken from any, and a liaison works for all. */
export function isForOfficeOf(actor: Actor, { office }: AsylumCase, route: CaseRoute | undefined): boolean {
  const asLiaison = actor.roles.includes('liaison') && route?.roles.includes('liaison');
  return Boolean(route?.protective) || Boolean(asLiaison) || actor.office === office;
}

/** What this person may do with the case as it stands, by the very rules that decide. */
export async function permissionsOn(caseId: string, asylumCase: AsylumCase, moment: Moment, read: HistoryReader): Promise<Permissions> {
  const permissions: Permissions = { allowed: [], refused: [] };
  for (const route of caseTable.filter(({ roles }) => roles.some(role => moment.actor.roles.includes(role)))) {
    const codes = await inTheWay(route, caseId, asylumCase, moment, read);
    if (codes.length === 0) permissions.allowed.push(route.command.name);
    else permissions.refused.push({ command: route.command.name, codes });
  }
  return permissions;
}

async function inTheWay(route: CaseRoute, caseId: string, asylumCase: AsylumCase, moment: Moment, read: HistoryReader): Promise<string[]> {
  const { command, rule, facts } = route;
  if (!isForOfficeOf(moment.actor, asylumCase, route)) return ['other-office'];
  if (!isTaken(command.name, asylumCase)) return ['wrong-status'];
  if (isFull(route, moment)) return ['file-full'];
  const asked = facts as undefined | ((read: HistoryReader, state: AsylumCase, command: object, moment: Moment) => Promise<object>);
  const known = { ...await asked?.(read, asylumCase, { streamId: caseId }, moment), ...moment } as never;
  // What would be kept as a refused attempt comes in the order in which it would be kept.
  const foreseen = rule.foreseen?.(asylumCase, known).filter((code): code is string => Boolean(code)) ?? [];
  return [...inOrder(caseRuleBook, rule.standing?.(asylumCase, known) ?? []), ...foreseen];
}

/**
 * A person is told what the status allows instead; a process, whose fact has passed, has nothing to do. But who left on
 * a flight has left, whatever has become of the file meanwhile.
 * @throws DomainError `wrong-status`, `file-full`
 */
export async function takesCommand(act: Act, asylumCase: AsylumCase, moment: Moment, read: HistoryReader): Promise<boolean> {
  if (isTaken(act.constructor.name, asylumCase, (act as { country?: string }).country)) {
    const route = routes.get(act.constructor.name);
    if (route && !isSystem(act.context.actor) && isFull(route, moment)) throw refusal(caseRuleBook, ['file-full']);
    return true;
  }
  if (isSystem(act.context.actor)) return act instanceof RecordDeparture && act.manifestId !== undefined;
  const { allowed } = await permissionsOn(act.streamId, asylumCase, moment, read);
  throw new DomainError('wrong-status', caseRuleBook['wrong-status'], undefined, { currentStatus: asylumCase.status, allowedCommands: allowed });
}
