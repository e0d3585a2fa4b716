import { Global, Module } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { Examiners } from '../operating/examiners.js';
import { Followers } from '../operating/followers.js';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { DataKeys } from '../personal-data/data-keys.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { AccessRecords } from './access-records.js';
import { AuditLogController } from './audit-log.controller.js';
import { AuditController } from './audit.controller.js';
import { ErasureExaminer } from './erasure-examiner.js';
import { CaseHistory } from './case-history.js';
import { Dossiers } from './dossier/dossiers.js';
import { LogEvidence } from './log/log-evidence.js';
import { LogExaminer } from './log/log-examiner.js';
import { LogHealth } from './log/log-health.js';
import { LogKeys } from './log/log-keys.js';
import { logKeyStream } from './log/log-keys.stream.js';
import { MerkleLog } from './log/merkle-log.js';
import { Sequencer } from './log/sequencer.js';
import { Witnesses } from './log/witnesses.js';
import { Replays } from './replays.js';

/** Every read of a person's data is recorded, so every feature that answers one needs the records. */
@Global()
@Module({
  controllers: [AuditController, AuditLogController],
  providers: [
    AccessRecords,
    CaseHistory,
    {
      provide: Replays,
      useFactory: (histories: CaseHistory, personalData: PersonalData) => new Replays(histories, personalData),
      inject: [CaseHistory, PersonalData],
    },
    Dossiers,
    MerkleLog,
    LogKeys,
    Sequencer,
    Witnesses,
    LogHealth,
  ],
  exports: [AccessRecords],
})
export class AuditModule {
  constructor(
    kinds: StreamKinds,
    followers: Followers,
    sequencer: Sequencer,
    witnesses: Witnesses,
    examiners: Examiners,
    health: LogHealth,
    log: MerkleLog,
    store: EventStore,
    keys: DataKeys,
    logKeys: LogKeys,
    database: Database,
  ) {
    kinds.register(logKeyStream);
    followers.register(sequencer);
    followers.register(witnesses);
    examiners.add(() => new LogExaminer({ log, evidence: new LogEvidence(database), keys: logKeys, store, witnesses }));
    examiners.add(() => new ErasureExaminer(store, keys));
    health.register();
  }
}
