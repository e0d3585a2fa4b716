import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { agreementFacts } from '../agreements/agreement.facts.js';
import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Act, Receipt } from '../event-store/act.js';
import { isSystem } from '../event-store/actor.js';
import { DomainError } from '../event-store/domain-error.js';
import { decideBy, handlerFor, type StreamCommands } from '../event-store/handler.js';
import { Ledger, type FactReader } from '../event-store/ledger.js';
import { PossibleDuplicates } from '../read-models/case-file/possible-duplicates.query.js';
import { screeningEvents, transferEvents, type CaseEvent } from './case.events.js';
import { caseRouteOf, isForOfficeOf, takesCommand } from './case.permissions.js';
import { caseRuleBook } from './case.rule-book.js';
import { countryOf, type AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';
import { caseTable } from './case.table.js';
import { OpenCase } from './intake.commands.js';
import { openCase } from './intake.rules.js';
import { RecentOpenings } from './recent-openings.js';

/** @throws DomainError `other-office` */
function ofOwnOffice(asylumCase: AsylumCase, { constructor: { name }, context: { actor } }: Act): void {
  if (isSystem(actor) || isForOfficeOf(actor, asylumCase, caseRouteOf(name))) return;
  throw new DomainError('other-office', 'The case belongs to another office.');
}

/** Screening and transfer events say under which rule set they were decided. */
async function underRules(asylumCase: AsylumCase, events: readonly CaseEvent[], read: FactReader): Promise<readonly CaseEvent[]> {
  return Promise.all(events.map(async event => {
    const country = countryOfEvent(asylumCase, event);
    if (!country) return event;
    const { ruleSet } = await agreementFacts(read, country, '1970-01-01T00:00:00Z');
    return ruleSet ? { ...event, ruleSet: { country, version: ruleSet.version } } : event;
  }));
}

function countryOfEvent(asylumCase: AsylumCase, { type, data }: CaseEvent): PartnerCountry | null {
  const named = (data as { country?: PartnerCountry }).country;
  if (type in screeningEvents) return named ?? asylumCase.screening?.country ?? null;
  return type in transferEvents ? named ?? countryOf(asylumCase) : null;
}

const cases: StreamCommands<AsylumCase, CaseEvent> = { kind: caseStream, book: caseRuleBook, guard: ofOwnOffice, takes: takesCommand, underRules };

/** Looks for other files of the same person before the rule is asked. */
@CommandHandler(OpenCase)
export class OpenCaseHandler implements ICommandHandler<OpenCase, Receipt> {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(QueryBus) private readonly queries: QueryBus,
    @Inject(RecentOpenings) private readonly recent: RecentOpenings,
  ) {}

  async execute(command: OpenCase): Promise<Receipt> {
    const { applicant, streamId } = command;
    const receipt = await this.ledger.decide(command, {
      kind: caseStream,
      creates: true,
      rule: (folded, moment, read) => decideBy(
        { kind: caseStream, book: caseRuleBook },
        { command: OpenCase, rule: openCase, facts: async () => ({ possibleDuplicates: await this.sameAs(command) }) },
        command, folded.state, moment, read,
      ),
    });
    this.recent.add(streamId, applicant);
    return receipt;
  }

  private async sameAs({ applicant, streamId }: OpenCase): Promise<string[]> {
    const known = await this.queries.execute(new PossibleDuplicates(applicant));
    const recent = await Promise.all(this.recent.of(applicant).filter(caseId => !known.includes(caseId)).map(caseId => this.ifThere(caseId)));
    return [...new Set([...known, ...recent.flat()])].filter(caseId => caseId !== streamId).sort();
  }

  /** The store may have gone back to an older copy since. */
  private async ifThere(caseId: string): Promise<string[]> {
    const { revision } = await this.ledger.read(caseStream, caseId);
    return revision < 0 ? [] : [caseId];
  }
}

export const caseHandlers: readonly Type[] = [OpenCaseHandler, ...caseTable.map(useCase => handlerFor(cases, useCase as never))];
