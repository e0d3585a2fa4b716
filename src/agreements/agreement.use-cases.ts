import type { Role } from '../event-store/actor.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases } from '../http/use-cases.js';
import * as commands from './agreement.commands.js';
import { PARTNER_COUNTRIES, type AgreementEvent } from './agreement.events.js';
import * as rules from './agreement.rules.js';
import { agreementStream, standingAt, type Agreement, type Standing } from './agreement.state.js';

const agreements: CommandedStream<Agreement, AgreementEvent, Standing, keyof typeof rules.agreementRuleBook> = {
  kind: agreementStream,
  book: rules.agreementRuleBook,
  statusOf: standingAt,
  resource: { path: 'v1/agreements', id: 'country', ids: PARTNER_COUNTRIES },
};
const line = linesOf(agreements);

const roles: readonly Role[] = ['admin'];
const UNTIL_TERMINATED: readonly Standing[] = ['signed', 'in-force', 'transfers-suspended', 'suspended'];

export const agreementUseCases = useCases(agreements, [
  line({
    command: commands.Sign,
    rule: rules.sign,
    in: ['unsigned', 'terminated'],
    leadsTo: ['AgreementSigned'],
    roles,
    summary: 'Record that the agreement was signed',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.PublishRules,
    rule: rules.publishRules,
    in: UNTIL_TERMINATED,
    leadsTo: ['AgreementRulesPublished'],
    roles,
    summary: 'Publish a numbered set of rules',
  }),
  line({
    command: commands.AgreeImplementationPlan,
    rule: rules.agreeImplementationPlan,
    in: UNTIL_TERMINATED,
    leadsTo: ['ImplementationPlanAgreed'],
    roles,
    summary: 'Record that the implementation plan was agreed',
  }),
  line({
    command: commands.BringIntoForce,
    rule: rules.bringIntoForce,
    in: ['signed'],
    leadsTo: ['AgreementEnteredIntoForce'],
    onlyIf: ({ ruleSet, planAgreedOn }) => ruleSet !== null && planAgreedOn !== null,
    roles,
    summary: 'Bring the agreement into force from a day or instant',
  }),
  line({
    command: commands.Suspend,
    rule: rules.suspend,
    in: ['in-force', 'transfers-suspended'],
    leadsTo: ['AgreementSuspended'],
    roles,
    summary: 'Suspend the agreement, or transfers under it',
  }),
  line({
    command: commands.Reinstate,
    rule: rules.reinstate,
    in: ['transfers-suspended', 'suspended'],
    leadsTo: ['AgreementReinstated'],
    roles,
    summary: 'End the suspension',
    codes: ['date-out-of-order'],
  }),
  line({
    command: commands.GiveTerminationNotice,
    rule: rules.giveTerminationNotice,
    in: UNTIL_TERMINATED,
    leadsTo: ['TerminationNotified'],
    roles,
    summary: 'Record that notice of termination was given',
  }),
]);
