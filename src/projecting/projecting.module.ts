import { Global, Module } from '@nestjs/common';
import { Generations } from './generations.js';
import { Projecting } from './projecting.js';
import { Projections } from './projection.js';
import { ReadModels } from './read-models.js';
import { StreamKinds } from './stream-kinds.js';

const providers = [StreamKinds, Projections, Generations, ReadModels, Projecting];

/** Needs, from global modules, the event store, its ledger, personal data, the database and the clock. */
@Global()
@Module({ providers, exports: providers })
export class ProjectingModule {}
