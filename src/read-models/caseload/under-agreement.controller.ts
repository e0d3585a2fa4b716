import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { PARTNER_COUNTRIES, PartnerCountry } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { CasesUnderAgreement, CountCasesUnderAgreement } from './under-agreement.query.js';

class AgreementPath {
  @PartnerCountry() readonly country!: (typeof PARTNER_COUNTRIES)[number];
}

@Controller('v1/agreements')
export class UnderAgreementController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':country/cases')
  @Operation({
    summary: 'How many cases of all offices are under an agreement, and would be held by a suspension, by status',
    tag: 'agreements',
    answer: CasesUnderAgreement,
    example: { country: 'GT', rows: [{ status: 'transfer-accepted', cases: 31, held: 0 }] },
    roles: ['supervisor', 'liaison', 'admin', 'auditor'],
    codes: ['read-model-behind'],
  })
  cases(@Param() { country }: AgreementPath, @Caller() { consistencyToken }: RequestContext): Promise<CasesUnderAgreement> {
    return this.queries.execute(new CountCasesUnderAgreement(country, consistencyToken));
  }
}
