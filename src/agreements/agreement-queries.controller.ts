import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Actor } from '../event-store/event-store.js';
import { PartnerCountry } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Permissions } from '../http/permissions.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { ROLES } from '../http/roles.js';
import type { PartnerCountry as Partner } from './agreement.events.js';
import { AgreementTimeline, AllowedOnAgreement, ReadAgreementTimeline } from './agreement.queries.js';

class AgreementPath {
  @PartnerCountry() readonly country!: Partner;
}

const PERMISSIONS: Permissions = {
  revision: 4,
  allowed: ['Suspend'],
  refused: [{ command: 'Reinstate', codes: ['wrong-status'], messages: ['The standing of the agreement does not allow this.'] }],
};
const TIMELINE: AgreementTimeline = {
  rows: [
    {
      at: '2019-07-26T15:00:00Z',
      recordedAt: '2019-07-26T15:00:00Z',
      event: 'AgreementSigned',
      summary: 'Signed on 2019-07-26',
      actor: 'adm-kim',
    },
  ],
  nextCursor: null,
};

@Controller('v1/agreements')
export class AgreementQueriesController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':country/allowed-commands')
  @Operation({
    summary: 'What this person may do with the agreement now, and which rules stand in the way of the rest',
    tag: 'agreements',
    answer: Permissions,
    example: PERMISSIONS,
    roles: ROLES,
    codes: [],
  })
  allowedCommands(@Param() { country }: AgreementPath, @Caller() { actor }: RequestContext): Promise<Permissions> {
    return this.queries.execute(new AllowedOnAgreement(country, actor as Actor));
  }

  @Get(':country/timeline')
  @Operation({
    summary: 'The history of an agreement in words, newest last',
    tag: 'agreements',
    answer: AgreementTimeline,
    example: TIMELINE,
    roles: ROLES,
    codes: [],
  })
  timeline(@Param() { country }: AgreementPath): Promise<AgreementTimeline> {
    return this.queries.execute(new ReadAgreementTimeline(country));
  }
}
