import { erasedAt, sealedStreamsOf } from '../cases/case.facts.js';
import { categoryOf, idOf } from '../event-store/event-store.js';
import { sealedInFamily } from '../families/family.facts.js';
import { sealedInOrder } from '../hold-orders/hold-order.facts.js';
import { sealedInManifest } from '../manifests/manifest.facts.js';
import type { ProcessStep } from '../reacting/process.js';
import { noted } from './noted.js';
import { process, type Trigger } from './trigger.js';

/**
 * Whatever becomes of the service between the erasure and its end: the keys of what is erased are destroyed. Orders, families and
 * flights may name several cases; their keys are destroyed once the last of these is erased.
 */
export const whenPersonalDataErasedDestroyKeys = process({
  name: 'when-personal-data-erased-destroy-keys',
  on: ['PersonalDataErased', 'HoldOrderIssued', 'FamilyMemberAdded', 'ArrivalConfirmed'],
  startsFrom: 'beginning',
  async react(trigger, step) {
    if (trigger.type === 'PersonalDataErased') return destroyOf(trigger, step);
    // Noted before it is looked: of two that cross, one sees the other.
    await Promise.all(namedIn(trigger).map(caseId => step.note(listOf(caseId), trigger.stream)));
    await destroyOnceAllErased(trigger.stream, step);
  },
  async keeps(trigger) {
    if (trigger.type === 'PersonalDataErased') return [];
    return namedIn(trigger).map(caseId => ({ list: listOf(caseId), item: trigger.stream }));
  },
});

const listOf = (caseId: string): string => `streams that name ${caseId}`;

function namedIn({ type, data }: Trigger<'HoldOrderIssued' | 'FamilyMemberAdded' | 'ArrivalConfirmed'>): readonly string[] {
  if (type === 'HoldOrderIssued') return data.caseIds;
  return type === 'FamilyMemberAdded' ? [data.caseId] : data.arrived;
}

async function destroyOf({ stream: erased, revision }: Trigger<'PersonalDataErased'>, step: ProcessStep): Promise<void> {
  const caseId = idOf(erased);
  for (const { stream, to } of sealedStreamsOf(caseId, revision)) await step.destroyKeys(stream, to);
  for await (const stream of noted(listOf(caseId), step)) await destroyOnceAllErased(stream, step);
}

const SEALED_IN = { order: sealedInOrder, family: sealedInFamily, manifest: sealedInManifest } as const;

/** What was sealed after one of them was erased is kept until that one is erased anew. */
async function destroyOnceAllErased(stream: string, step: ProcessStep): Promise<void> {
  const { caseIds, newest } = await SEALED_IN[categoryOf(stream) as keyof typeof SEALED_IN](step, idOf(stream));
  if (newest === undefined) return;
  for (const caseId of caseIds) {
    const erased = await erasedAt(step, caseId);
    if (erased === undefined || erased < newest) return;
  }
  await step.destroyKeys(stream);
}
