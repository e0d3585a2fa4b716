import { Global, Module } from '@nestjs/common';
import { AccessRecords } from './access-records.js';
import { AuditController } from './audit.controller.js';
import { CaseHistory } from './case-history.js';

/** Every read of a person's data is recorded, so every feature that answers one needs the records. */
@Global()
@Module({ controllers: [AuditController], providers: [AccessRecords, CaseHistory], exports: [AccessRecords] })
export class AuditModule {}
