import { Inject } from '@nestjs/common';
import { CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import type { Receipt } from '../event-store/act.js';
import { Erasing } from '../event-store/erasing.js';
import { Ledger } from '../event-store/ledger.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { decideBy } from '../event-store/rule.js';
import { ANY_NUMBER, UuidList } from '../fields/fields.js';
import { useCases } from '../http/use-cases.js';
import { PossibleDuplicates } from '../read-models/case-file/possible-duplicates.query.js';
import { aftercareUseCases } from './aftercare.use-cases.js';
import { cases, caseworkers, line, supervisors } from './case.line.js';
import { caseFacts } from './case.facts.js';
import { caseRuleBook } from './case.rule-book.js';
import { caseStream } from './case.stream.js';
import { ErasePersonalData } from './erasure.commands.js';
import { erasePersonalData } from './erasure.rules.js';
import { sealedStreamsOf } from './erasure.state.js';
import { erasureUseCases } from './erasure.use-cases.js';
import { OpenCase } from './intake.commands.js';
import { openCase } from './intake.rules.js';
import { intakeUseCases } from './intake.use-cases.js';
import { mergingUseCases } from './merging.use-cases.js';
import { RecentOpenings } from './recent-openings.js';
import { screeningUseCases } from './screening.use-cases.js';
import { transferUseCases } from './transfer.use-cases.js';

class FoundAtOpening {
  @UuidList({ ...ANY_NUMBER, description: 'Cases of any office of the same person, as far as is known.' })
  readonly possibleDuplicates!: readonly string[];
}

/** Looks for other files of the same person before the rule is asked. */
@CommandHandler(OpenCase)
export class OpenCaseHandler implements ICommandHandler<OpenCase, Receipt> {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(RecentOpenings) private readonly recent: RecentOpenings,
  ) {}

  async execute(command: OpenCase): Promise<Receipt> {
    const receipt = await this.ledger.decide(command, {
      kind: caseStream,
      creates: true,
      rule: async ({ state }, moment, read) =>
        decideBy(caseRuleBook, openCase, command, state, {
          ...moment,
          possibleDuplicates: await this.sameAs(command),
          previous: await previousOf(read, command),
        }),
    });
    this.recent.add(command.streamId, command.applicant);
    return receipt;
  }

  private async sameAs({ applicant, streamId }: OpenCase): Promise<string[]> {
    const known = await this.queries.execute(new PossibleDuplicates(applicant));
    const recent = await Promise.all(
      this.recent
        .of(applicant)
        .filter(caseId => !known.includes(caseId))
        .map(caseId => this.ifThere(caseId)),
    );
    return [...new Set([...known, ...recent.flat()])].filter(caseId => caseId !== streamId).sort();
  }

  /** The store may have gone back to an older copy since, and the person may be erased. */
  private async ifThere(caseId: string): Promise<string[]> {
    const { state } = await this.ledger.read(caseStream, caseId);
    return state.applicant ? [caseId] : [];
  }
}

async function previousOf(read: FactReader, { previousCaseIds = [] }: OpenCase): Promise<ReadonlySet<string>> {
  const found = await Promise.all(previousCaseIds.map(async caseId => ((await caseFacts(read, caseId)) ? [caseId] : [])));
  return new Set(found.flat());
}

/** Once it is answered nothing can be opened any more; a process sees to it where this one dies before. */
@CommandHandler(ErasePersonalData)
export class ErasePersonalDataHandler implements ICommandHandler<ErasePersonalData, Receipt> {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(Erasing) private readonly erasing: Erasing,
  ) {}

  async execute(command: ErasePersonalData): Promise<Receipt> {
    const receipt = await this.ledger.decide(command, caseUseCases.decider.decision(command));
    for (const { stream, to } of sealedStreamsOf(command.streamId, receipt.revision)) await this.erasing.destroyKeys(stream, to);
    return receipt;
  }
}

export const caseUseCases = useCases(cases, [
  line({
    command: OpenCase,
    rule: openCase,
    in: 'always',
    leadsTo: ['CaseOpened'],
    creates: true,
    shows: FoundAtOpening,
    handler: OpenCaseHandler,
    roles: caseworkers,
    summary: 'Open a case for one applicant and one encounter',
    codes: ['date-out-of-order'],
  }),
  ...intakeUseCases,
  ...mergingUseCases,
  ...screeningUseCases,
  ...transferUseCases,
  ...aftercareUseCases,
  ...erasureUseCases,
  line({
    command: ErasePersonalData,
    rule: erasePersonalData,
    in: 'always',
    onlyIf: ({ erasureRequest }) => erasureRequest !== null,
    leadsTo: ['PersonalDataErased'],
    handler: ErasePersonalDataHandler,
    roles: supervisors,
    summary: 'Erase all that is personal in the closed case, as another supervisor has requested',
    codes: ['same-officer', 'case-not-closed', 'legal-hold'],
    takenWhenFull: true,
  }),
]);
