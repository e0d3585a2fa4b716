import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { caseFacts } from '../cases/case.facts.js';
import type { Receipt } from '../event-store/act.js';
import type { Role } from '../event-store/actor.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import { Ledger, type FactReader } from '../event-store/ledger.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases, type UseCases } from '../http/use-cases.js';
import { AddMember, AuthoriseSeparation, FormFamilyUnit, ProposeSeparation, TakeMembership } from './family.commands.js';
import type { FamilyEvent, MembershipEvent } from './family.events.js';
import { familyUnitOf } from './family.facts.js';
import * as rules from './family.rules.js';
import type { WithCandidate, WithMembers } from './family.rules.js';
import { familyStream, membershipStream, type Family, type Membership } from './family.state.js';

const members = async (read: FactReader, { members: all }: Family): Promise<WithMembers> => ({
  cases: new Map(await Promise.all(all.map(async ({ caseId }) => [caseId, await caseFacts(read, caseId)] as const))),
});

const joining = async (read: FactReader, family: Family, { caseId = '', streamId = '' }: Partial<AddMember>): Promise<WithCandidate> => ({
  ...(await members(read, family)),
  candidate: await caseFacts(read, caseId),
  familyUnitOfCase: await familyUnitOf(read, caseId),
  familyUnitId: streamId,
});

/** A case is in one family: its membership is taken first, so that of two families that ask at once one is refused. */
@CommandHandler(AddMember)
class AddMemberHandler implements ICommandHandler<AddMember, Receipt> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  execute(command: AddMember): Promise<Receipt> {
    const decision = familyUseCases.decider.decision(command);
    return this.ledger.decide(command, {
      ...decision,
      rule: async (...asked) => {
        const events = await decision.rule(...asked);
        if (events.length > 0) await this.takeMembership(command);
        return events;
      },
    });
  }

  /** @throws DomainError `already-exists` where another family was faster */
  private async takeMembership({ caseId, relationshipCode, streamId, context }: AddMember): Promise<void> {
    const { actor, correlationId, now, commandId } = context;
    const taking = Object.assign(new TakeMembership(), {
      familyUnitId: streamId,
      relationshipCode,
      streamId: caseId,
      context: { actor, correlationId, now, commandId: uuidV5('membership', commandId), causationId: commandId },
    });
    try {
      await this.ledger.decide(taking, membershipUseCases.decider.decision(taking));
    } catch (error) {
      const taken = error instanceof DomainError && (await this.ledger.read(membershipStream, caseId)).state.familyUnitId === streamId;
      // By a command that died between the two streams: this one finishes what it began.
      if (!taken) throw error;
    }
  }
}

const families: CommandedStream<Family, FamilyEvent, never, keyof typeof rules.familyRuleBook> = {
  kind: familyStream,
  book: rules.familyRuleBook,
  resource: { path: 'v1/families', id: 'familyUnitId', ids: 'uuid' },
};
const line = linesOf(families);
const caseworkers: readonly Role[] = ['caseworker', 'supervisor'];

export const familyUseCases: UseCases<Family, FamilyEvent> = useCases(families, [
  line({
    command: FormFamilyUnit,
    rule: rules.formFamilyUnit,
    in: 'always',
    leadsTo: ['FamilyUnitFormed'],
    creates: true,
    roles: caseworkers,
    summary: 'Form a family unit',
  }),
  line({
    command: AddMember,
    rule: rules.addMember,
    facts: joining,
    in: 'always',
    leadsTo: ['FamilyMemberAdded'],
    handler: AddMemberHandler,
    roles: caseworkers,
    summary: 'Add a case to the family',
    codes: ['already-exists'],
  }),
  line({
    command: ProposeSeparation,
    rule: rules.proposeSeparation,
    facts: members,
    in: 'always',
    leadsTo: ['SeparationProposed'],
    roles: caseworkers,
    summary: 'Propose that some part from all others',
    codes: ['minor-alone'],
  }),
  line({
    command: AuthoriseSeparation,
    rule: rules.authoriseSeparation,
    facts: members,
    in: 'always',
    leadsTo: ['SeparationAuthorised'],
    roles: ['supervisor'],
    summary: 'Authorise a proposed separation',
    codes: ['same-officer', 'minor-alone'],
  }),
]);

const memberships: CommandedStream<Membership, MembershipEvent, never, never> = { kind: membershipStream, book: {} };

export const membershipUseCases = useCases(memberships, [
  linesOf(memberships)({
    command: TakeMembership,
    rule: rules.takeMembership,
    in: 'always',
    leadsTo: ['FamilyMembershipTaken'],
    creates: true,
    roles: [],
    summary: 'Take a case into a family',
  }),
]);
