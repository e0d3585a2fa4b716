import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { caseFacts } from '../cases/case.facts.js';
import type { Act, Receipt } from '../event-store/act.js';
import type { Role } from '../event-store/actor.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import { Ledger } from '../event-store/ledger.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases, type UseCases } from '../http/use-cases.js';
import {
  AddMember,
  AuthoriseSeparation,
  CorrectRelationship,
  FormFamilyUnit,
  ProposeSeparation,
  ReleaseMembership,
  RemoveMember,
  TakeMembership,
} from './family.commands.js';
import type { FamilyEvent, MembershipEvent } from './family.events.js';
import { membershipOf } from './family.facts.js';
import * as rules from './family.rules.js';
import type { WithCandidate, WithMembers, WithMembership } from './family.rules.js';
import { familyStream, membershipStream, type Family, type Membership } from './family.state.js';

const members = async (read: FactReader, { members: all }: Family): Promise<WithMembers> => ({
  cases: new Map(await Promise.all(all.map(async ({ caseId }) => [caseId, await caseFacts(read, caseId)] as const))),
});

const leaving = async (read: FactReader, family: Family, { caseId = '' }: Partial<RemoveMember>): Promise<WithMembership> => ({
  ...(await members(read, family)),
  membership: await membershipOf(read, caseId),
});

const joining = async (read: FactReader, family: Family, command: Partial<AddMember>): Promise<WithCandidate> => ({
  ...(await leaving(read, family, command)),
  candidate: await caseFacts(read, command.caseId ?? ''),
  familyUnitId: command.streamId ?? '',
});

/** Of the stream of the member's membership, on the way of a command of the family. */
const onTheWay = <C extends Act>(command: Act, step: string, streamId: string, sent: C): C => {
  const { actor, correlationId, now, commandId } = command.context;
  return Object.assign(sent, {
    streamId,
    context: { actor, correlationId, now, commandId: uuidV5(step, commandId), causationId: commandId },
  });
};

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
        const [{ state }] = asked;
        if (events.length > 0) await this.takeMembership(command, state);
        return events;
      },
    });
  }

  /** @throws DomainError `already-exists` where another family was faster */
  private async takeMembership(command: AddMember, { endedMemberships }: Family): Promise<void> {
    const { caseId, relationshipCode, streamId } = command;
    const { membershipId } = await membershipOf(this.ledger.facts(), caseId);
    // Removed a moment ago: what is about to be given back is not what the person is added by.
    if (membershipId && endedMemberships.includes(membershipId)) await releaseMembership(this.ledger, command, caseId, membershipId);
    const taking = onTheWay(
      command,
      'membership',
      caseId,
      Object.assign(new TakeMembership(), { familyUnitId: streamId, relationshipCode }),
    );
    try {
      await this.ledger.decide(taking, membershipUseCases.decider.decision(taking));
    } catch (error) {
      const taken = error instanceof DomainError && (await this.ledger.read(membershipStream, caseId)).state.familyUnitId === streamId;
      // By a command that died between the two streams: this one finishes what it began.
      if (!taken) throw error;
    }
  }
}

async function releaseMembership(ledger: Ledger, command: Act, caseId: string, membershipId: string): Promise<void> {
  const release = onTheWay(command, 'release membership', caseId, Object.assign(new ReleaseMembership(), { membershipId }));
  await ledger.decide(release, membershipUseCases.decider.decision(release));
}

/** The membership is given back at once, so that the person can be added elsewhere; where that dies in between, a process does it. */
@CommandHandler(RemoveMember)
class RemoveMemberHandler implements ICommandHandler<RemoveMember, Receipt> {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  async execute(command: RemoveMember): Promise<Receipt> {
    const { membershipId } = await membershipOf(this.ledger.facts(), command.caseId);
    const receipt = await this.ledger.decide(command, familyUseCases.decider.decision(command));
    const { state } = await this.ledger.read(familyStream, command.streamId);
    if (membershipId && state.endedMemberships.includes(membershipId))
      await releaseMembership(this.ledger, command, command.caseId, membershipId);
    return receipt;
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
    command: CorrectRelationship,
    rule: rules.correctRelationship,
    facts: members,
    in: 'always',
    leadsTo: ['FamilyRelationshipCorrected', 'SeparationVoided'],
    roles: ['supervisor'],
    summary: 'Correct what a member is in the family; this voids what relied on it',
  }),
  line({
    command: RemoveMember,
    rule: rules.removeMember,
    facts: leaving,
    in: 'always',
    leadsTo: ['FamilyMemberRemoved', 'SeparationVoided'],
    handler: RemoveMemberHandler,
    roles: ['supervisor'],
    summary: 'Remove a member who was added in error; this voids what relied on it',
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

const memberships: CommandedStream<Membership, MembershipEvent, never, keyof typeof rules.membershipRuleBook> = {
  kind: membershipStream,
  book: rules.membershipRuleBook,
};
const lineOfMembership = linesOf(memberships);

export const membershipUseCases = useCases(memberships, [
  lineOfMembership({
    command: TakeMembership,
    rule: rules.takeMembership,
    in: 'always',
    leadsTo: ['FamilyMembershipTaken'],
    roles: [],
    summary: 'Take a case into a family',
    codes: ['already-exists'],
  }),
  lineOfMembership({
    command: ReleaseMembership,
    rule: rules.releaseMembership,
    in: 'always',
    leadsTo: ['FamilyMembershipReleased'],
    roles: [],
    summary: 'Let the case be taken into another family',
  }),
]);
