import type { Type } from '@nestjs/common';
import type { Act } from '../event-store/act.js';
import { DomainError } from '../event-store/domain-error.js';
import { handlerFor, type StreamCommands } from '../event-store/handler.js';
import type { Moment, Rule } from '../event-store/rule.js';
import { commandController } from '../http/command-controller.js';
import type { CommandRoute } from '../http/command-routes.js';
import * as commands from './agreement.commands.js';
import { PARTNER_COUNTRIES, type AgreementEvent } from './agreement.events.js';
import { agreementRuleBook, takenIn, takes } from './agreement.rules.js';
import * as rules from './agreement.rules.js';
import { agreementStream, standingAt, type Agreement } from './agreement.state.js';

const agreements: StreamCommands<Agreement, AgreementEvent> = {
  kind: agreementStream,
  book: agreementRuleBook,
  takes: (act: Act, agreement: Agreement, { now }: Moment) => {
    if (takes(act.constructor.name, agreement, now)) return true;
    throw new DomainError('wrong-status', agreementRuleBook['wrong-status'], undefined, {
      currentStatus: standingAt(agreement, now),
      allowedCommands: Object.keys(takenIn).filter(command => takes(command, agreement, now)),
    });
  },
};

type Line = CommandRoute & { readonly rule: Rule<never, Agreement, AgreementEvent> };
const line = <C extends Act>(command: Type<C>, rule: Rule<C, Agreement, AgreementEvent>, summary: string, codes: readonly (keyof typeof agreementRuleBook)[] = []): Line =>
  ({ command, rule, roles: ['admin'], summary, codes: ['wrong-status', ...codes] } as unknown as Line);

const table: readonly Line[] = [
  line(commands.Sign, rules.sign, 'Record that the agreement was signed', ['date-out-of-order']),
  line(commands.PublishRules, rules.publishRules, 'Publish a numbered set of rules'),
  line(commands.AgreeImplementationPlan, rules.agreeImplementationPlan, 'Record that the implementation plan was agreed'),
  line(commands.BringIntoForce, rules.bringIntoForce, 'Bring the agreement into force from a day or instant'),
  line(commands.Suspend, rules.suspend, 'Suspend the agreement, or transfers under it'),
  line(commands.Reinstate, rules.reinstate, 'End the suspension', ['date-out-of-order']),
  line(commands.GiveTerminationNotice, rules.giveTerminationNotice, 'Record that notice of termination was given'),
];

export const agreementHandlers: readonly Type[] = table.map(useCase => handlerFor(agreements, useCase as never));

export const AgreementController = commandController({
  path: 'v1/agreements', idParam: 'country', idKey: 'country', ids: PARTNER_COUNTRIES, routes: table, tag: 'agreements',
});
