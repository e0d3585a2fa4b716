import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiParam } from '@nestjs/swagger';
import { Clock } from '../../database/clock.js';
import { DayOrInstant, Optional, PARTNER_COUNTRIES } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { ROLES } from '../../http/roles.js';
import { Agreements, ListAgreements, ReadAgreement, ShownAgreement } from './agreements.query.js';

class AsOf {
  @Optional()
  @DayOrInstant({ description: 'The instant in question, or a day from 00:00 UTC; now unless told.' })
  readonly at?: string;
}

const example: ShownAgreement = {
  country: 'GT',
  standing: 'in-force',
  ruleSet: { version: 1, replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H', 'P30D', 'P90D'] },
  signedOn: '2019-07-26',
  inForceFrom: '2019-11-15T00:00:00Z',
  suspension: null,
  terminatedFrom: null,
  implementationPlanAgreedOn: '2019-11-15',
  upcoming: [],
  standings: [
    { at: '2019-07-26T00:00:00Z', standing: 'signed' },
    { at: '2019-11-15T00:00:00Z', standing: 'in-force' },
  ],
  revision: 3,
};

@Controller('v1/agreements')
export class AgreementsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    summary: 'The agreements with all partner countries',
    roles: ROLES,
    codes: ['read-model-behind'],
    tag: 'agreements',
    answer: Agreements,
    example: { rows: [example], nextCursor: null },
  })
  list(@Caller() { consistencyToken }: RequestContext): Promise<Agreements> {
    return this.queries.execute(new ListAgreements(this.clock.now(), consistencyToken));
  }

  @Get(':country')
  @ApiParam({ name: 'country', enum: PARTNER_COUNTRIES })
  @Operation({
    summary: 'The agreement with one partner country, at an instant',
    roles: ROLES,
    codes: ['not-found', 'read-model-behind'],
    tag: 'agreements',
    answer: ShownAgreement,
    example,
  })
  show(@Param('country') country: string, @Query() { at }: AsOf, @Caller() { consistencyToken }: RequestContext): Promise<ShownAgreement> {
    return this.queries.execute(new ReadAgreement(country, at ?? this.clock.now(), consistencyToken));
  }
}
