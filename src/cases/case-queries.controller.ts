import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../audit/access-records.js';
import type { Actor } from '../event-store/event-store.js';
import { Uuid } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../http/request-context.js';
import { Permissions } from '../http/permissions.js';
import { AllowedCommands } from './allowed-commands.query.js';

class CasePath {
  @Uuid() readonly caseId!: string;
}

const EXAMPLE: Permissions = {
  revision: 7,
  allowed: ['AddNote', 'RequestTransfer'],
  refused: [{ command: 'ConfirmArrival', codes: ['wrong-status'], messages: ['The status of the case does not allow this.'] }],
};

@Controller('v1/cases')
export class CaseQueriesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get(':caseId/allowed-commands')
  @ShowsPerson()
  @Operation({
    summary: 'What this person may do with the case now, and which rules stand in the way of the rest',
    tag: 'cases',
    answer: Permissions,
    example: EXAMPLE,
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    codes: ['purpose-missing', 'not-found', 'other-office'],
  })
  async allowedCommands(@Param() { caseId }: CasePath, @Caller() caller: RequestContext): Promise<OnRecord<Permissions>> {
    const permissions = await this.queries.execute(new AllowedCommands(caseId, caller.actor as Actor));
    return this.accessRecords.caseRead(caller, 'allowed-commands', { caseId, revision: permissions.revision }, permissions);
  }
}
