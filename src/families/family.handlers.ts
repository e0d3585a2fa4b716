import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { caseFacts } from '../cases/case.facts.js';
import type { Receipt } from '../event-store/act.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import { decideBy, handlerFor, type StreamCommands, type UseCase } from '../event-store/handler.js';
import { Ledger, type FactReader } from '../event-store/ledger.js';
import { commandController } from '../http/command-controller.js';
import { AddMember, AuthoriseSeparation, FormFamilyUnit, ProposeSeparation, TakeMembership } from './family.commands.js';
import type { FamilyEvent, MembershipEvent } from './family.events.js';
import { familyUnitOf } from './family.facts.js';
import { addMember, authoriseSeparation, familyRuleBook, formFamilyUnit, proposeSeparation, takeMembership, type WithMembers } from './family.rules.js';
import { familyStream, membershipStream, type Family, type Membership } from './family.state.js';

const families: StreamCommands<Family, FamilyEvent> = { kind: familyStream, book: familyRuleBook };
const memberships: StreamCommands<Membership, MembershipEvent> = { kind: membershipStream, book: {} };

const members = async (read: FactReader, { members: all }: Family): Promise<WithMembers> =>
  ({ cases: new Map(await Promise.all(all.map(async ({ caseId }) => [caseId, await caseFacts(read, caseId)] as const))) });

const joining: UseCase<AddMember, Family, FamilyEvent, Parameters<NonNullable<typeof addMember.standing>>[1]> = {
  command: AddMember,
  rule: addMember,
  facts: async (read, family, { caseId = '', streamId = '' }, moment) => ({
    ...await members(read, family), candidate: await caseFacts(read, caseId), familyUnitOfCase: await familyUnitOf(read, caseId), familyUnitId: streamId, ...moment,
  }),
};

/** A case is in one family: its membership is taken first, so that of two families that ask at once one is refused. */
@CommandHandler(AddMember)
class AddMemberHandler implements ICommandHandler<AddMember, Receipt> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute(command: AddMember): Promise<Receipt> {
    return this.ledger.decide(command, {
      kind: familyStream,
      creates: false,
      rule: async ({ state }, moment, read) => {
        const events = await decideBy(families, joining, command, state, moment, read);
        if (events.length > 0) await this.takeMembership(command);
        return events;
      },
    });
  }

  /** @throws DomainError `already-exists` where another family was faster */
  private async takeMembership({ caseId, relationshipCode, streamId, context }: AddMember): Promise<void> {
    const { actor, correlationId, now, commandId } = context;
    const taking = Object.assign(new TakeMembership(), {
      familyUnitId: streamId, relationshipCode, streamId: caseId,
      context: { actor, correlationId, now, commandId: uuidV5('membership', commandId), causationId: commandId },
    });
    try {
      await this.ledger.decide(taking, {
        kind: membershipStream, creates: true,
        rule: ({ state }, moment, read) => decideBy(memberships, { command: TakeMembership, rule: takeMembership }, taking, state, moment, read),
      });
    } catch (error) {
      const taken = error instanceof DomainError && (await this.ledger.read(membershipStream, caseId)).state.familyUnitId === streamId;
      // By a command that died between the two streams: this one finishes what it began.
      if (!taken) throw error;
    }
  }
}

export const familyHandlers: readonly Type[] = [
  handlerFor(families, { command: FormFamilyUnit, rule: formFamilyUnit, creates: true }),
  AddMemberHandler,
  handlerFor(families, { command: ProposeSeparation, rule: proposeSeparation, facts: members }),
  handlerFor(families, { command: AuthoriseSeparation, rule: authoriseSeparation, facts: members }),
];

export const FamilyController = commandController({
  path: 'v1/families', idParam: 'familyUnitId', idKey: 'familyUnitId', ids: 'uuid', tag: 'families',
  routes: [
    { command: FormFamilyUnit, roles: ['caseworker', 'supervisor'], summary: 'Form a family unit', codes: [], creates: true },
    { command: AddMember, roles: ['caseworker', 'supervisor'], summary: 'Add a case to the family', codes: ['already-exists'] },
    { command: ProposeSeparation, roles: ['caseworker', 'supervisor'], summary: 'Propose that some part from all others', codes: ['minor-alone'] },
    { command: AuthoriseSeparation, roles: ['supervisor'], summary: 'Authorise a proposed separation', codes: ['same-officer', 'minor-alone'] },
  ],
});
