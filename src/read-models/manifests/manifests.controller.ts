import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import { OneOf, Optional, PartnerCountry, Uuid, WholeNumber } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../../http/request-context.js';
import { ListManifests, MANIFEST_STATUSES, ManifestPage, ReadManifest, ShownManifest } from './manifests.query.js';

const PAGE = 50;

class Wanted {
  @Optional()
  @PartnerCountry()
  readonly country?: string;

  @Optional()
  @OneOf(MANIFEST_STATUSES)
  readonly status?: string;

  @Optional()
  @WholeNumber({ min: 1, max: 200, example: PAGE })
  readonly limit?: number;

  @Optional()
  @Uuid({ description: 'The `nextCursor` of the page before.' })
  readonly cursor?: string;
}

class ManifestPath {
  @Uuid()
  readonly manifestId!: string;
}

const roles = ['liaison', 'supervisor', 'auditor'] as const;
const example: ShownManifest = {
  manifestId: '3f0c2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
  revision: 3,
  status: 'approved',
  country: 'GT',
  flight: 'GT101',
  departsAt: '2020-01-18T15:00:00Z',
  week: '2020-W03',
  draftedBy: 'li-1',
  approvedBy: 'sup-1',
  passengers: [{ caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e', status: 'transfer-scheduled', ready: true, cleared: false }],
  boarded: [],
  departedAt: null,
  arrived: [],
};

@Controller('v1/manifests')
export class ManifestsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get()
  @ShowsPerson()
  @Operation({
    summary: 'Flights and their passengers, the latest departures first',
    roles,
    codes: ['purpose-missing', 'read-model-behind'],
    tag: 'manifests',
    answer: ManifestPage,
    example: { rows: [example], nextCursor: null },
  })
  async list(@Query() { limit = PAGE, cursor, ...filters }: Wanted, @Caller() caller: RequestContext): Promise<OnRecord<ManifestPage>> {
    const page = await this.queries.execute(new ListManifests({ ...filters, limit, cursor }, caller.consistencyToken));
    return this.recorded(caller, page.rows, { ...filters }, page);
  }

  @Get(':manifestId')
  @ShowsPerson()
  @Operation({
    summary: 'One flight and its passengers',
    roles,
    codes: ['purpose-missing', 'not-found', 'read-model-behind'],
    tag: 'manifests',
    answer: ShownManifest,
    example,
  })
  async show(@Param() { manifestId }: ManifestPath, @Caller() caller: RequestContext): Promise<OnRecord<ShownManifest>> {
    const manifest = await this.queries.execute(new ReadManifest(manifestId, caller.consistencyToken));
    return this.recorded(caller, [manifest], { manifestId }, manifest);
  }

  private recorded<A>(
    caller: RequestContext,
    manifests: readonly ShownManifest[],
    filters: Readonly<Record<string, string>>,
    answer: A,
  ): Promise<OnRecord<A>> {
    const caseIds = new Set(manifests.flatMap(({ passengers, boarded }) => [...passengers.map(({ caseId }) => caseId), ...boarded]));
    return this.accessRecords.casesListed(caller, { list: 'manifests', caseIds: [...caseIds], filters }, answer);
  }
}
