import { assignedAt, caseFacts } from '../cases/case.facts.js';
import { AssignCase } from '../cases/intake.commands.js';
import { idOf } from '../event-store/event-store.js';
import type { ProcessStep } from '../reacting/process.js';
import { sideBySide } from '../reacting/side-by-side.js';
import { reassignmentOrder } from '../reassignments/reassignment.facts.js';
import { command } from './command.js';
import { noted } from './noted.js';
import { process, type Trigger } from './trigger.js';

type Order = NonNullable<Awaited<ReturnType<typeof reassignmentOrder>>>;

const casesOf = (caseworkerId: string): string => `cases of ${caseworkerId}`;
const ordersOf = (caseworkerId: string): string => `orders of ${caseworkerId}`;

/**
 * Whoever leaves an office hands on all that is open there. The process keeps a list of each caseworker's cases: it goes on where
 * it was interrupted, and whatever happened to a case in between is left as it is.
 */
export const whenReassignmentOrderedAssignCases = process({
  name: 'when-reassignment-ordered-assign-cases',
  on: ['CaseAssigned', 'CaseReleased', 'ReassignmentOrdered'],
  startsFrom: 'beginning',
  async react(trigger, step) {
    if (trigger.type === 'CaseReleased') return step.forget(casesOf(trigger.data.caseworkerId), idOf(trigger.stream));
    return trigger.type === 'CaseAssigned' ? noteCase(trigger, step) : reassignAll(idOf(trigger.stream), step);
  },
  async keeps(trigger, look) {
    const item = idOf(trigger.stream);
    if (trigger.type === 'ReassignmentOrdered') return [{ list: ordersOf(trigger.data.from), item }];
    const { caseworkerId } = trigger.data;
    return (await caseFacts(look, item))?.assignedTo === caseworkerId ? [{ list: casesOf(caseworkerId), item }] : [];
  },
});

// A case is noted before the orders are read, and an order before the cases: one of the two sees the other.
async function noteCase(trigger: Trigger<'CaseAssigned'>, step: ProcessStep): Promise<void> {
  const { caseworkerId, reassignmentId } = trigger.data;
  const caseId = idOf(trigger.stream);
  await step.note(casesOf(caseworkerId), caseId);
  const orders = await all(ordersOf(caseworkerId), step).then(ids => Promise.all(ids.map(id => reassignmentOrder(step, id))));
  if (orders.length === 0) return;
  // What a process assigns counts from the order that it answers.
  const from = reassignmentId === undefined ? undefined : await reassignmentOrder(step, reassignmentId);
  const position = from?.position ?? (await assignedAt(step, caseId, trigger.id));
  const [next] = orders
    .filter((order): order is Order => order !== undefined && position !== undefined && order.position > position)
    .toSorted((a, b) => (a.position < b.position ? -1 : 1));
  if (next) await reassign(caseId, next, step);
}

async function reassignAll(reassignmentId: string, step: ProcessStep): Promise<void> {
  const order = await reassignmentOrder(step, reassignmentId);
  if (!order) return;
  await step.note(ordersOf(order.data.from), reassignmentId);
  await sideBySide(noted(casesOf(order.data.from), step), caseId => reassign(caseId, order, step));
}

async function reassign(caseId: string, { stream, data: { office, from, to } }: Order, step: ProcessStep): Promise<void> {
  const found = await caseFacts(step, caseId);
  if (found?.assignedTo === from && found.office === office) {
    const reassignmentId = idOf(stream);
    const assignment = command(AssignCase, { caseworkerId: to, insteadOf: from, reassignmentId });
    await step.send(`assign for ${reassignmentId}`, assignment, caseId);
  }
  if ((await caseFacts(step, caseId))?.assignedTo !== from) await step.forget(casesOf(from), caseId);
}

async function all(list: string, step: ProcessStep): Promise<string[]> {
  const found: string[] = [];
  for await (const item of noted(list, step)) found.push(item);
  return found;
}
