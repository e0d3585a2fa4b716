import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiParam } from '@nestjs/swagger';
import { Optional, PARTNER_COUNTRIES, Week } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { ReadReception, ShownReception } from './reception.query.js';

class OfWeek {
  @Optional()
  @Week({ description: 'This week alone.', example: '2020-W03' })
  readonly week?: string;
}

const example: ShownReception = { country: 'GT', revision: 4, weeks: [{ week: '2020-W03', declared: 40, reserved: 12, free: 28 }] };

@Controller('v1/reception')
export class ReceptionController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':country')
  @ApiParam({ name: 'country', enum: PARTNER_COUNTRIES })
  @Operation({
    summary: 'The weekly places of one partner country',
    roles: ['liaison', 'supervisor', 'admin', 'auditor'],
    tag: 'reception',
    answer: ShownReception,
    example,
    codes: ['not-found', 'read-model-behind'],
  })
  show(
    @Param('country') country: string,
    @Query() { week }: OfWeek,
    @Caller() { consistencyToken }: RequestContext,
  ): Promise<ShownReception> {
    return this.queries.execute(new ReadReception(country, week, consistencyToken));
  }
}
