import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../audit/access-records.js';
import type { Actor } from '../event-store/event-store.js';
import { Uuid } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Permissions } from '../http/permissions.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../http/request-context.js';
import { AllowedOnManifest, FlightTimeline, ReadFlightTimeline } from './manifest.queries.js';

class ManifestPath {
  @Uuid() readonly manifestId!: string;
}

const roles = ['liaison', 'supervisor', 'auditor'] as const;
const PERMISSIONS: Permissions = {
  revision: 4,
  allowed: [],
  refused: [{ command: 'Approve', codes: ['same-officer'], messages: ['Whoever drafted the manifest cannot approve it.'] }],
};
const TIMELINE: FlightTimeline = {
  rows: [
    {
      at: '2020-01-13T15:00:00Z',
      recordedAt: '2020-01-13T15:00:00Z',
      event: 'PassengerAdded',
      summary: 'Passenger added',
      actor: 'li-gus',
      caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
    },
  ],
  nextCursor: null,
};

@Controller('v1/manifests')
export class ManifestQueriesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get(':manifestId/allowed-commands')
  @Operation({
    summary: 'What this person may do with the manifest now, and which rules stand in the way of the rest',
    tag: 'manifests',
    answer: Permissions,
    example: PERMISSIONS,
    roles,
    codes: ['not-found'],
  })
  allowedCommands(@Param() { manifestId }: ManifestPath, @Caller() { actor }: RequestContext): Promise<Permissions> {
    return this.queries.execute(new AllowedOnManifest(manifestId, actor as Actor));
  }

  @Get(':manifestId/timeline')
  @ShowsPerson()
  @Operation({
    summary: 'The history of a flight in words, newest last',
    tag: 'manifests',
    answer: FlightTimeline,
    example: TIMELINE,
    roles,
    codes: ['purpose-missing', 'not-found'],
  })
  async timeline(@Param() { manifestId }: ManifestPath, @Caller() caller: RequestContext): Promise<OnRecord<FlightTimeline>> {
    const timeline = await this.queries.execute(new ReadFlightTimeline(manifestId));
    const caseIds = [...new Set(timeline.rows.flatMap(({ caseId }) => caseId ?? []))];
    return this.accessRecords.casesListed(caller, { list: 'manifests', caseIds, filters: { manifestId } }, timeline);
  }
}
