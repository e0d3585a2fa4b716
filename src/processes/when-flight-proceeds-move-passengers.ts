import { ConfirmArrival, ClearForBoarding, RecordDeparture, ScheduleTransfer, UnscheduleTransfer } from '../cases/transfer.commands.js';
import { caseFacts } from '../cases/case.facts.js';
import { idOf } from '../event-store/event-store.js';
import { RemovePassenger } from '../manifests/manifest.commands.js';
import { manifestFacts, type Manifest } from '../manifests/manifest.facts.js';
import type { ProcessStep } from '../reacting/process.js';
import { oneByOne } from '../reacting/side-by-side.js';
import { ReleasePlace, ReservePlace } from '../reception/reception.commands.js';
import { command } from './command.js';
import { process } from './trigger.js';

interface Flight {
  readonly manifestId: string;
  readonly manifest: Manifest;
  readonly step: ProcessStep;
}

/**
 * Cases follow their flight. One process answers all that happens to a manifest, because its facts are
 * answered in their order: nobody is scheduled after having been removed.
 */
export const whenFlightProceedsMovePassengers = process({
  name: 'when-flight-proceeds-move-passengers',
  on: ['ManifestApproved', 'ApprovalVoided', 'BoardingOpened', 'FlightDeparted', 'ArrivalConfirmed', 'PassengerRemoved', 'FlightCancelled'],
  startsFrom: 'beginning',
  async react(event, step) {
    const manifestId = idOf(event.stream);
    const manifest = await manifestFacts(step, manifestId);
    if (!manifest) return;
    const flight: Flight = { manifestId, manifest, step };
    switch (event.type) {
      case 'ManifestApproved':
        return oneByOne(event.data.passengers, caseId => schedule(flight, caseId));
      case 'ApprovalVoided':
        return oneByOne(event.data.passengers, caseId => free(flight, caseId, event.data.cause));
      case 'BoardingOpened':
        return oneByOne(event.data.passengers, caseId => clear(flight, caseId));
      case 'FlightDeparted':
        return oneByOne([...event.data.boarded, ...event.data.leftBehind], caseId =>
          event.data.boarded.includes(caseId) ? depart(flight, caseId, event.metadata.occurredAt) : free(flight, caseId, 'left-behind'),
        );
      case 'ArrivalConfirmed':
        return oneByOne(event.data.arrived, caseId => arrive(flight, caseId, event.personal?.receivedBy ?? '-', event.metadata.occurredAt));
      case 'PassengerRemoved':
        return free(flight, event.data.caseId, event.data.reasonCode);
      case 'FlightCancelled':
        return oneByOne(event.data.passengers, caseId => free(flight, caseId, event.data.reasonCode));
    }
  },
});

/** A place, then the schedule; where either cannot be had, the passenger goes off the manifest, and with that the place back. */
async function schedule({ manifestId, manifest, step }: Flight, caseId: string): Promise<void> {
  const remove = (reasonCode: string) => step.send(`remove ${caseId}`, command(RemovePassenger, { caseId, reasonCode }), manifestId);
  const place = await step.send(`reserve ${caseId}`, command(ReservePlace, { caseId, week: manifest.week, manifestId }), manifest.country);
  if (place.outcome === 'refused') {
    await remove('no-place');
    return;
  }
  await step.send('schedule', command(ScheduleTransfer, { manifestId, placeWeek: manifest.week, departsAt: manifest.departsAt }), caseId);
  const asylumCase = await caseFacts(step, caseId);
  // Not the place first: after an interruption the person may be ready again, and would fly without one.
  if (asylumCase?.transfer?.manifestId !== manifestId) await remove('not-ready');
}

/** Whoever does not pass the gate leaves the manifest; the attempt stays on record in the case. */
async function clear({ manifestId, step }: Flight, caseId: string): Promise<void> {
  const cleared = await step.send('clear', command(ClearForBoarding, { manifestId }), caseId);
  const passed = cleared.outcome === 'done' && !cleared.receipt.refused && cleared.receipt.events.length > 0;
  if (!passed) await step.send(`remove ${caseId}`, command(RemovePassenger, { caseId, reasonCode: 'not-cleared' }), manifestId);
}

/** Judged as of when the flight's departure was stored: what was learned since stops nobody who is in the air. */
async function depart({ manifestId, manifest, step }: Flight, caseId: string, occurredAt: string): Promise<void> {
  await step.send('depart', command(RecordDeparture, { flight: manifest.flight, manifestId, occurredAt }), caseId);
}

async function arrive({ manifestId, manifest, step }: Flight, caseId: string, receivedBy: string, occurredAt: string): Promise<void> {
  await step.send('arrive', command(ConfirmArrival, { country: manifest.country, receivedBy, manifestId, occurredAt }), caseId);
}

/** Seat and place are free again, unless the person has flown: then the place stays used. */
async function free({ manifestId, manifest, step }: Flight, caseId: string, cause: string): Promise<void> {
  const flown = (await caseFacts(step, caseId))?.flownOn.includes(manifestId);
  if (!flown) await step.send(`release ${caseId}`, command(ReleasePlace, { caseId, manifestId }), manifest.country);
  await step.send('unschedule', command(UnscheduleTransfer, { manifestId, cause }), caseId);
}
