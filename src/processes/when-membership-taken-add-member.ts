import { AddMember } from '../families/family.commands.js';
import { idOf } from '../event-store/event-store.js';
import { plusHours } from '../fields/time.js';
import { waitsUntil } from '../reacting/process.js';
import { command } from './command.js';
import { process, type Trigger } from './trigger.js';

/** Long after any command that is still on its way between the two streams. */
const ABANDONED_AFTER_HOURS = 1 / 60;

/** Who took a membership adds the member in the next moment; where that died in between, it is done here. */
export const whenMembershipTakenAddMember = process({
  name: 'when-membership-taken-add-member',
  on: ['FamilyMembershipTaken'],
  startsFrom: 'beginning',
  ...waitsUntil<Trigger<'FamilyMembershipTaken'>>(
    'abandoned',
    ({ metadata }) => plusHours(metadata.recordedAt, ABANDONED_AFTER_HOURS),
    async (trigger, _timer, step) => {
      const { familyUnitId, relationshipCode } = trigger.data;
      await step.send(
        'add',
        command(AddMember, { caseId: idOf(trigger.stream), relationshipCode, membershipId: trigger.id }),
        familyUnitId,
      );
    },
  ),
});
