import type { Moment, Rule, RuleBook } from '../event-store/rule.js';
import { dayOf, isAfter, isBefore } from '../fields/time.js';
import type {
  AgreeImplementationPlan,
  BringIntoForce,
  GiveTerminationNotice,
  PublishRules,
  Reinstate,
  Sign,
  Suspend,
} from './agreement.commands.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementAt, takesEffectAt, type Agreement } from './agreement.state.js';

export const agreementRuleBook = {
  'wrong-status': 'The standing of the agreement does not allow this.',
  'date-out-of-order': 'This would take effect before what it follows.',
} satisfies RuleBook;

type AgreementRule<Command> = Rule<Command, Agreement, AgreementEvent>;
const here = (agreement: Agreement, { now }: Moment) => agreementAt(agreement, now);

export const sign: AgreementRule<Sign> = {
  asked: ({ on }, agreement, moment) => {
    const { terminatedFrom } = here(agreement, moment);
    return [terminatedFrom !== null && on < dayOf(terminatedFrom) && 'date-out-of-order'];
  },
  events: ({ on }) => [{ type: 'AgreementSigned', data: { on } }],
};

export const publishRules: AgreementRule<PublishRules> = {
  events: (
    { replyDays, acceptanceValidDays, clearanceValidHours, followUp, acceptedNationalities, additionalExceptionGrounds },
    { published },
  ) => [
    {
      type: 'AgreementRulesPublished',
      data: {
        version: published + 1,
        replyDays,
        acceptanceValidDays,
        clearanceValidHours,
        followUp,
        ...(acceptedNationalities && { acceptedNationalities }),
        ...(additionalExceptionGrounds && { additionalExceptionGrounds }),
      },
    },
  ],
};

export const agreeImplementationPlan: AgreementRule<AgreeImplementationPlan> = {
  events: ({ on }) => [{ type: 'ImplementationPlanAgreed', data: { on } }],
};

export const bringIntoForce: AgreementRule<BringIntoForce> = {
  events: ({ from }) => [{ type: 'AgreementEnteredIntoForce', data: { from } }],
};

export const suspend: AgreementRule<Suspend> = {
  events: ({ from, scope, reasonCode }, agreement, moment) => {
    const at = takesEffectAt(agreement, 'suspend-all', from, moment.now);
    const { suspension } = agreementAt(agreement, at);
    if (suspension?.scope === scope) return [];
    // One that begins earlier than is known goes on in that of now; after a reinstatement still to come it is another one.
    const same = suspension ?? (isAfter(at, moment.now) ? null : here(agreement, moment).suspension);
    return [
      { type: 'AgreementSuspended', data: { suspensionId: same?.suspensionId ?? moment.newId('suspension'), from, scope, reasonCode } },
    ];
  },
};

export const reinstate: AgreementRule<Reinstate> = {
  asked: ({ from }, agreement, moment) => {
    const { suspension } = here(agreement, moment);
    return [suspension !== null && isBefore(from, suspension.from) && 'date-out-of-order'];
  },
  events: ({ from }, agreement, moment) => {
    const { suspension } = here(agreement, moment);
    return suspension ? [{ type: 'AgreementReinstated', data: { suspensionId: suspension.suspensionId, from } }] : [];
  },
};

export const giveTerminationNotice: AgreementRule<GiveTerminationNotice> = {
  events: ({ effectiveOn }) => [{ type: 'TerminationNotified', data: { effectiveOn } }],
};
