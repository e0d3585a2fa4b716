import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../audit/access-records.js';
import type { Actor } from '../event-store/event-store.js';
import { Uuid } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../http/request-context.js';
import { FlightChecks, ReadFlightChecks } from './flight-checks.query.js';

class ManifestPath {
  @Uuid() readonly manifestId!: string;
}

const EXAMPLE: FlightChecks = {
  manifestId: '3f0c2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
  revision: 5,
  at: '2020-01-18T14:00:00Z',
  ended: false,
  passengers: [
    {
      caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
      applicant: { givenNames: 'Synthetic', familyName: 'Person' },
      office: 'ELP',
      status: 'transfer-scheduled',
      removed: null,
      ready: false,
      failedChecks: ['hold-standing'],
      holds: ['medical'],
      clearedUntil: null,
      lastBlocked: { at: '2020-01-18T13:00:00Z', failedChecks: ['hold-standing'] },
    },
  ],
};

@Controller('v1/manifests')
export class FlightChecksController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get(':manifestId/checks')
  @ShowsPerson()
  @Operation({
    summary: 'What stands in the way of each passenger: every check of the gate, of whoever was taken off the flight too',
    tag: 'manifests',
    answer: FlightChecks,
    example: EXAMPLE,
    roles: ['liaison', 'supervisor', 'auditor'],
    codes: ['purpose-missing', 'not-found'],
  })
  async checks(@Param() { manifestId }: ManifestPath, @Caller() caller: RequestContext): Promise<OnRecord<FlightChecks>> {
    const checks = await this.queries.execute(new ReadFlightChecks(manifestId, caller.actor as Actor));
    const caseIds = checks.passengers.map(({ caseId }) => caseId);
    return this.accessRecords.casesListed(caller, { list: 'manifests', caseIds, filters: { manifestId } }, checks);
  }
}
