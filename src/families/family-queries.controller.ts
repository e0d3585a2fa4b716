import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Actor } from '../event-store/event-store.js';
import { Uuid } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Permissions } from '../http/permissions.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { AllowedOnFamily } from './family.queries.js';

class FamilyPath {
  @Uuid() readonly familyUnitId!: string;
}

const EXAMPLE: Permissions = { revision: 1, allowed: ['AddMember', 'ProposeSeparation'], refused: [] };

@Controller('v1/families')
export class FamilyQueriesController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':familyUnitId/allowed-commands')
  @Operation({
    summary: 'What this person may do with the family now, and which rules stand in the way of the rest',
    tag: 'families',
    answer: Permissions,
    example: EXAMPLE,
    roles: ['caseworker', 'liaison', 'supervisor', 'auditor'],
    codes: ['not-found'],
  })
  allowedCommands(@Param() { familyUnitId }: FamilyPath, @Caller() { actor }: RequestContext): Promise<Permissions> {
    return this.queries.execute(new AllowedOnFamily(familyUnitId, actor as Actor));
  }
}
