import type { Type } from '@nestjs/common';
import { caseFacts } from '../cases/case.facts.js';
import { handlerFor, type StreamCommands } from '../event-store/handler.js';
import type { FactReader } from '../event-store/ledger.js';
import { commandController } from '../http/command-controller.js';
import { IssueHoldOrder } from './hold-order.commands.js';
import type { HoldOrderEvent } from './hold-order.events.js';
import { holdOrderRuleBook, issueHoldOrder, type WithCases } from './hold-order.rules.js';
import { holdOrderStream, type HoldOrder } from './hold-order.state.js';

const orders: StreamCommands<HoldOrder, HoldOrderEvent> = { kind: holdOrderStream, book: holdOrderRuleBook };

/** Looked up one after the other: an order may name very many, and other commands need their turn. */
async function casesNamed(read: FactReader, _: HoldOrder, { caseIds = [] }: Partial<IssueHoldOrder>): Promise<WithCases> {
  const known = new Set<string>();
  for (const caseId of caseIds) if (await caseFacts(read, caseId)) known.add(caseId);
  return { known };
}

export const holdOrderHandlers: readonly Type[] = [
  handlerFor(orders, { command: IssueHoldOrder, rule: issueHoldOrder, facts: casesNamed, creates: true }),
];

export const HoldOrderController = commandController({
  path: 'v1/hold-orders', idParam: 'holdOrderId', idKey: 'holdOrderId', ids: 'uuid', tag: 'hold-orders',
  routes: [{ command: IssueHoldOrder, roles: ['supervisor'], summary: 'Order a hold on a class of cases, of any office', codes: ['not-found'], creates: true }],
});
