import { Series } from '../event-store/series.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { TransferEvent } from './case.events.js';
import type { AsylumCase, Transfer } from './case.state.js';
import { carriedFrom, countryOf, isAccepted } from './standing.state.js';
import { backToScreening, voided } from './screening.state.js';

const noTransfer: Transfer = {
  requestId: null,
  country: null,
  requestedAt: null,
  replyDueAt: null,
  reply: null,
  acceptanceId: null,
  validUntil: null,
  manifestId: null,
  placeWeek: null,
  departsAt: null,
  clearedAt: null,
  clearedUntil: null,
  clearedUnder: null,
  destinationTold: false,
  departedAt: null,
  transferId: null,
  arrivedAt: null,
  irregular: null,
  lastBlocked: null,
};
const offTheFlight = { manifestId: null, placeWeek: null, departsAt: null, ...voided };

/** From the request to the partner country to the arrival there, and what stops or undoes it. */
export function evolveTransfer(asylumCase: AsylumCase, event: Recorded<TransferEvent>): AsylumCase {
  const { occurredAt, recordedAt, actor } = event.metadata;
  switch (event.type) {
    case 'TransferRequested': {
      const { requestId, country, replyDueAt } = event.data;
      return {
        ...asylumCase,
        status: 'transfer-requested',
        transfer: { ...noTransfer, requestId, country, requestedAt: recordedAt, replyDueAt },
      };
    }
    case 'TransferAccepted':
      return withTransfer(
        { ...asylumCase, status: 'transfer-accepted' },
        { reply: 'accepted', acceptanceId: event.data.acceptanceId, validUntil: event.data.validUntil },
      );
    case 'TransferRefused':
      return withTransfer({ ...asylumCase, status: 'amenable' }, { reply: 'refused' });
    case 'TransferRequestLapsed':
      return withTransfer({ ...asylumCase, status: 'amenable' }, { reply: 'lapsed' });
    case 'TransferScheduled':
      return withTransfer({ ...asylumCase, status: 'transfer-scheduled' }, { ...event.data, ...voided });
    case 'TransferUnscheduled':
      return withTransfer(
        asylumCase.status === 'transfer-scheduled' ? { ...asylumCase, status: 'transfer-accepted' } : asylumCase,
        offTheFlight,
      );
    case 'DestinationTold':
      return withTransfer(asylumCase, { destinationTold: true });
    case 'TransferHoldPlaced': {
      const { holdId, kind } = event.data;
      const hold = {
        holdId,
        kind,
        placedAt: recordedAt,
        placedBy: actor.id,
        note: event.personal?.note ?? null,
        reopening: event.data.reopening ?? false,
        cause: event.data.cause ?? null,
        ...carriedFrom(event.data),
      };
      const held = { ...asylumCase, holds: asylumCase.holds.with(hold), holdIds: asylumCase.holdIds.with(holdId) };
      return held.transfer?.departedAt === null ? withTransfer(held, voided) : held;
    }
    case 'TransferHoldReleased':
      return { ...asylumCase, holds: Series.of(asylumCase.holds.filter(hold => hold.holdId !== event.data.holdId)) };
    case 'BoardingCleared':
      return withTransfer(asylumCase, {
        clearedAt: recordedAt,
        clearedUntil: event.data.expiresAt,
        clearedUnder: event.metadata.basedOn?.[`agreement-${countryOf(asylumCase)}`] ?? null,
      });
    case 'DepartureBlocked':
      return withTransfer(asylumCase, { lastBlocked: { at: recordedAt, failedChecks: event.data.failedChecks } });
    case 'ApplicantDeparted':
      return departed(asylumCase, event.data.manifestId ?? scheduledOn(asylumCase), {
        departedAt: occurredAt,
        irregular: event.data.irregular ?? null,
      });
    case 'TransferredToElSalvador':
    case 'TransferredToGuatemala':
    case 'TransferredToHonduras': {
      const { transferId, country } = event.data;
      return {
        ...withTransfer({ ...asylumCase, status: 'transferred' }, { transferId, country, arrivedAt: occurredAt }),
        asylum: null,
        contactedAt: null,
        followUp: { overdue: [] },
      };
    }
    case 'TransferAborted':
      return withTransfer(isAccepted(asylumCase) ? { ...asylumCase, status: 'amenable' } : asylumCase, voided);
    case 'ReturnRecorded':
      return backToScreening(asylumCase);
    case 'ClaimWithdrawn':
      return withTransfer(
        {
          ...asylumCase,
          status: 'withdrawn',
          withdrawal: { withdrawnAt: occurredAt, revokedAt: null, statement: event.personal?.statement ?? null },
        },
        voided,
      );
    case 'WithdrawalRefused':
      return asylumCase;
    case 'WithdrawalRevoked':
      return { ...backToScreening(asylumCase), withdrawal: asylumCase.withdrawal && { ...asylumCase.withdrawal, revokedAt: occurredAt } };
  }
}

/** One that was flown on before is over. */
const scheduledOn = ({ transfer }: AsylumCase): string | null => (transfer?.departedAt === null ? transfer.manifestId : null);

/** On a flight or without one. A file that was closed when its person was in the air goes on, but for that of who died. */
const departed = (asylumCase: AsylumCase, manifestId: string | null, how: Pick<Transfer, 'departedAt' | 'irregular'>): AsylumCase =>
  withTransfer(
    {
      ...asylumCase,
      ...(asylumCase.diedAt === null
        ? { status: 'in-transit', statusBeforeClosing: null }
        : { status: 'closed', statusBeforeClosing: 'in-transit' }),
      duplicateOf: null,
      flownOn: [...asylumCase.flownOn, ...(manifestId ? [manifestId] : [])],
    },
    { ...how, manifestId, transferId: null, arrivedAt: null },
  );

/** A transfer that was never requested still shows that someone tried to move the person. */
const withTransfer = (asylumCase: AsylumCase, change: Partial<Transfer>): AsylumCase => {
  const nothingToVoid = asylumCase.transfer === null && Object.values(change).every(value => value === null);
  return nothingToVoid ? asylumCase : { ...asylumCase, transfer: { ...noTransfer, ...asylumCase.transfer, ...change } };
};
