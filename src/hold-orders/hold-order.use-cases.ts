import { caseFacts } from '../cases/case.facts.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases } from '../http/use-cases.js';
import { IssueHoldOrder } from './hold-order.commands.js';
import type { HoldOrderEvent } from './hold-order.events.js';
import { holdOrderRuleBook, issueHoldOrder, type WithCases } from './hold-order.rules.js';
import { holdOrderStream, type HoldOrder } from './hold-order.state.js';

const orders: CommandedStream<HoldOrder, HoldOrderEvent, never, never> = {
  kind: holdOrderStream,
  book: holdOrderRuleBook,
  resource: { path: 'v1/hold-orders', id: 'holdOrderId', ids: 'uuid' },
};

/** Looked up one after the other: an order may name very many, and other commands need their turn. */
async function casesNamed(read: FactReader, _: HoldOrder, { caseIds = [] }: Partial<IssueHoldOrder>): Promise<WithCases> {
  const known = new Set<string>();
  for (const caseId of caseIds) if (await caseFacts(read, caseId)) known.add(caseId);
  return { known };
}

export const holdOrderUseCases = useCases(orders, [
  linesOf(orders)({
    command: IssueHoldOrder,
    rule: issueHoldOrder,
    facts: casesNamed,
    in: 'always',
    leadsTo: ['HoldOrderIssued'],
    creates: true,
    roles: ['supervisor'],
    summary: 'Order a hold on a class of cases, of any office',
  }),
]);
