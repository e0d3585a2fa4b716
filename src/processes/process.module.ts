import { Module } from '@nestjs/common';
import { Processes } from '../reacting/process.js';
import { TrainingClockController } from './training-clock.controller.js';
import { whenAgreementSuspendedHoldCases } from './when-agreement-suspended-hold-cases.js';
import { whenArrivedFollowUp } from './when-arrived-follow-up.js';
import { whenFamilyCorrectedVoidApprovals } from './when-family-corrected-void-approvals.js';
import { whenFamilyMemberStopsHoldOthers } from './when-family-member-stops-hold-others.js';
import { whenFlightProceedsMovePassengers } from './when-flight-proceeds-move-passengers.js';
import { whenHoldOrderIssuedHoldCases } from './when-hold-order-issued-hold-cases.js';
import { whenMarkedAsDuplicateCarryOver } from './when-marked-as-duplicate-carry-over.js';
import { whenMembershipTakenAddMember } from './when-membership-taken-add-member.js';
import { whenNumberSharedFlagDuplicates } from './when-number-shared-flag-duplicates.js';
import { whenPersonalDataErasedDestroyKeys } from './when-personal-data-erased-destroy-keys.js';
import { whenReassignmentOrderedAssignCases } from './when-reassignment-ordered-assign-cases.js';
import { whenTransferAcceptedAwaitDeparture } from './when-transfer-accepted-await-departure.js';
import { whenTransferEndsFreeSeat } from './when-transfer-ends-free-seat.js';
import { whenTransferRequestedAwaitReply } from './when-transfer-requested-await-reply.js';

const ALL = [
  whenTransferRequestedAwaitReply,
  whenTransferAcceptedAwaitDeparture,
  whenFlightProceedsMovePassengers,
  whenTransferEndsFreeSeat,
  whenArrivedFollowUp,
  whenMembershipTakenAddMember,
  whenFamilyCorrectedVoidApprovals,
  whenFamilyMemberStopsHoldOthers,
  whenAgreementSuspendedHoldCases,
  whenHoldOrderIssuedHoldCases,
  whenReassignmentOrderedAssignCases,
  whenMarkedAsDuplicateCarryOver,
  whenNumberSharedFlagDuplicates,
  whenPersonalDataErasedDestroyKeys,
];

@Module({ controllers: [TrainingClockController] })
export class ProcessModule {
  constructor(processes: Processes) {
    for (const process of ALL) processes.add(process);
  }
}
