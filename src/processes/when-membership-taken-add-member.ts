import { AddMember } from '../families/family.commands.js';
import type { MembershipEvent } from '../families/family.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Recorded } from '../event-store/stream-kind.js';
import { plusHours } from '../fields/time.js';
import { waitsUntil, type Process } from '../reacting/process.js';
import { command } from './command.js';

type Taken = Recorded<MembershipEvent>;
/** Long after any command that is still on its way between the two streams. */
const ABANDONED_AFTER_HOURS = 1 / 60;

/** Who took a membership adds the member in the next moment; where that died in between, it is done here. */
export const whenMembershipTakenAddMember: Process = {
  name: 'when-membership-taken-add-member',
  on: ['FamilyMembershipTaken'],
  startsFrom: 'beginning',
  ...waitsUntil('abandoned', trigger => plusHours(trigger.metadata.recordedAt, ABANDONED_AFTER_HOURS), async (trigger, _timer, step) => {
    const { familyUnitId, relationshipCode } = (trigger as Taken).data;
    await step.send('add', command(AddMember, { caseId: idOf(trigger.stream), relationshipCode }), familyUnitId);
  }),
};
