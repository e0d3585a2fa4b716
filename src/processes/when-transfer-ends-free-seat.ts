import { caseFacts, isAccepted } from '../cases/case.facts.js';
import { idOf } from '../event-store/event-store.js';
import { RemovePassenger } from '../manifests/manifest.commands.js';
import { isToFlyWith, manifestFacts } from '../manifests/manifest.facts.js';
import type { ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { noted } from './noted.js';
import { isOneOf, process, type Trigger } from './trigger.js';

/** What ends a transfer before departure, and the reason that its removal from the flight is given. */
const REASONS = {
  TransferAborted: 'transfer-aborted',
  ClaimWithdrawn: 'claim-withdrawn',
  ReferredToUsProcedure: 'us-procedure',
  ApplicantDeparted: 'departed-otherwise',
  DeathRecorded: 'died',
} as const;
type Ending = keyof typeof REASONS;
const ENDINGS = Object.keys(REASONS) as Ending[];
const GIVEN_UP = ['PassengerRemoved', 'FlightDeparted', 'FlightCancelled'] as const;

/**
 * A transfer that ends before departure, or a person who left by another way, gives up the seat: on the flight that it was
 * scheduled on, and on every other whose manifest the person is on. What follows from the removal, the schedule and the
 * place, is the flight's own process.
 */
export const whenTransferEndsFreeSeat = process({
  name: 'when-transfer-ends-free-seat',
  on: ['PassengerAdded', ...GIVEN_UP, ...ENDINGS],
  startsFrom: 'beginning',
  react: async (trigger, step) => {
    if (isOneOf(ENDINGS, trigger)) return freeSeats(trigger, step);
    if (trigger.type === 'PassengerAdded') return noteSeat(trigger, step);
    for (const caseId of givenUp(trigger)) await step.forget(caseId, idOf(trigger.stream));
  },
  async keeps(trigger, look) {
    if (trigger.type !== 'PassengerAdded') return [];
    const manifestId = idOf(trigger.stream);
    const { caseId } = trigger.data;
    return isToFlyWith(await manifestFacts(look, manifestId), caseId) ? [{ list: caseId, item: manifestId }] : [];
  },
});

/** Whose seats on the flight are none any more. */
function givenUp(event: Trigger<(typeof GIVEN_UP)[number]>): readonly string[] {
  switch (event.type) {
    case 'PassengerRemoved':
      return [event.data.caseId];
    case 'FlightDeparted':
      return [...event.data.boarded, ...event.data.leftBehind];
    case 'FlightCancelled':
      return event.data.passengers;
  }
}

// The seat is noted before the case is asked, and the seats are read after the transfer has ended: one of the two sees the other.
async function noteSeat({ stream, data: { caseId } }: Trigger<'PassengerAdded'>, step: ProcessStep): Promise<void> {
  const manifestId = idOf(stream);
  await step.note(caseId, manifestId);
  if (!(await isStillAccepted(caseId, step))) await remove(caseId, manifestId, 'not-ready', step);
}

async function freeSeats(trigger: Trigger<Ending>, step: ProcessStep): Promise<void> {
  const caseId = idOf(trigger.stream);
  const reasonCode = REASONS[trigger.type];
  const scheduledOn = trigger.data.manifestId ?? (await flownWithout(trigger, caseId, step));
  if (scheduledOn) await remove(caseId, scheduledOn, reasonCode, step);
  // Accepted anew, the person may have been put on a flight since.
  if (await isStillAccepted(caseId, step)) return;
  for await (const manifestId of noted(caseId, step)) if (manifestId !== scheduledOn) await remove(caseId, manifestId, reasonCode, step);
}

async function isStillAccepted(caseId: string, step: ProcessStep): Promise<boolean> {
  const found = await caseFacts(step, caseId);
  return found !== null && isAccepted(found);
}

/** Once its flight has departed, a manifest takes no removal, and nothing happens. */
async function remove(caseId: string, manifestId: string, reasonCode: string, step: ProcessStep): Promise<void> {
  await step.send('remove', command(RemovePassenger, { caseId, reasonCode }), manifestId);
}

async function flownWithout(trigger: Trigger<Ending>, caseId: string, step: ProcessStep): Promise<string | null> {
  if (trigger.type !== 'ApplicantDeparted') return null;
  return (await caseFacts(step, caseId))?.flownOn.at(-1) ?? null;
}
