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
import { AgreementsModule } from './read-models/agreements/agreements.module.js';
import { CaseFileModule } from './read-models/case-file/case-file.module.js';
import { CaseloadModule } from './read-models/caseload/caseload.module.js';
import { DeadlinesModule } from './read-models/deadlines/deadlines.module.js';
import { FamiliesModule } from './read-models/families/families.module.js';
import { ManifestsModule } from './read-models/manifests/manifests.module.js';
import { OutcomesModule } from './read-models/outcomes/outcomes.module.js';
import { ReceptionModule as ReceptionReadModule } from './read-models/reception/reception.module.js';
import { SafeguardsModule } from './read-models/safeguards/safeguards.module.js';
import { ScreeningModule } from './read-models/screening/screening.module.js';
import { TimelineModule } from './read-models/timeline/timeline.module.js';
import { WorkloadModule } from './read-models/workload/workload.module.js';
import { ReceptionModule } from './reception/reception.module.js';

/** The table of contents: what the service stands on, what it decides, what follows, and what it answers. */
@Module({
  imports: [
    CqrsModule.forRoot(),
    DatabaseModule, EventStoreModule, ProjectingModule, ReactingModule, OperatingModule,
    CaseModule, AgreementModule, ManifestModule, ReceptionModule, FamilyModule, HoldOrderModule,
    ProcessModule,
    CaseFileModule, CaseloadModule, TimelineModule, DeadlinesModule, AgreementsModule, ManifestsModule, ReceptionReadModule, FamiliesModule, OutcomesModule,
    ScreeningModule, SafeguardsModule, WorkloadModule,
    AuditModule,
  ],
})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly followers: Followers, private readonly health: FollowersHealth) {}

  onApplicationBootstrap(): void {
    this.health.register();
  }

  onModuleDestroy(): Promise<void> {
    return this.followers.stop();
  }
}
