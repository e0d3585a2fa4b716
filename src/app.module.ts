import { Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AgreementModule } from './agreements/agreement.module.js';
import { AuditModule } from './audit/audit.module.js';
import { CaseModule } from './cases/case.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventStoreModule } from './event-store/event-store.module.js';
import { FamilyModule } from './families/family.module.js';
import { HoldOrderModule } from './hold-orders/hold-order.module.js';
import { ManifestModule } from './manifests/manifest.module.js';
import { ProcessModule } from './processes/process.module.js';
import { FollowersHealth } from './operating/followers-health.js';
import { Followers } from './operating/followers.js';
import { OperatingModule } from './operating/operating.module.js';
import { ProjectingModule } from './projecting/projecting.module.js';
import { ReactingModule } from './reacting/reacting.module.js';
import { AccessReadModule } from './read-models/access/access.module.js';
import { AgreementsReadModule } from './read-models/agreements/agreements.module.js';
import { CaseFactsReadModule } from './read-models/case-facts/case-facts.module.js';
import { CaseFileReadModule } from './read-models/case-file/case-file.module.js';
import { CaseloadReadModule } from './read-models/caseload/caseload.module.js';
import { DeadlinesReadModule } from './read-models/deadlines/deadlines.module.js';
import { FamiliesReadModule } from './read-models/families/families.module.js';
import { ManifestsReadModule } from './read-models/manifests/manifests.module.js';
import { OutcomesReadModule } from './read-models/outcomes/outcomes.module.js';
import { ReceptionReadModule } from './read-models/reception/reception.module.js';
import { SafeguardsReadModule } from './read-models/safeguards/safeguards.module.js';
import { ScreeningReadModule } from './read-models/screening/screening.module.js';
import { TimelineReadModule } from './read-models/timeline/timeline.module.js';
import { WorkloadReadModule } from './read-models/workload/workload.module.js';
import { ReassignmentModule } from './reassignments/reassignment.module.js';
import { ReceptionModule } from './reception/reception.module.js';

/** The table of contents: what the service stands on, what it decides, what follows, and what it answers. */
@Module({
  imports: [
    CqrsModule.forRoot(),
    DatabaseModule,
    EventStoreModule,
    ProjectingModule,
    ReactingModule,
    OperatingModule,
    CaseModule,
    AgreementModule,
    ManifestModule,
    ReceptionModule,
    FamilyModule,
    HoldOrderModule,
    ReassignmentModule,
    ProcessModule,
    CaseFileReadModule,
    CaseloadReadModule,
    TimelineReadModule,
    DeadlinesReadModule,
    AgreementsReadModule,
    ManifestsReadModule,
    ReceptionReadModule,
    FamiliesReadModule,
    OutcomesReadModule,
    ScreeningReadModule,
    SafeguardsReadModule,
    WorkloadReadModule,
    CaseFactsReadModule,
    AccessReadModule,
    AuditModule,
  ],
})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly followers: Followers,
    private readonly health: FollowersHealth,
  ) {}

  onApplicationBootstrap(): void {
    this.health.register();
  }

  onModuleDestroy(): Promise<void> {
    return this.followers.stop();
  }
}
