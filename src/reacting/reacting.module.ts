import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ProcessInbox } from './process-inbox.js';
import { ProcessRunner } from './process-runner.js';
import { Processes } from './process.js';
import { Reactions } from './reactions.js';
import { Safeguards } from './safeguards.js';

const providers = [Processes, ProcessInbox, Reactions, ProcessRunner, Safeguards];

/** Processes, which answer events with commands. Needs, beside what read models need, these. */
@Global()
@Module({ imports: [CqrsModule], providers, exports: providers })
export class ReactingModule {}
