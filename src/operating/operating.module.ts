import { Global, Module } from '@nestjs/common';
import { Examiners } from './examiners.js';
import { FollowersHealth } from './followers-health.js';
import { FollowersPresence } from './followers-presence.js';
import { Followers } from './followers.js';
import { ProgressWatch } from './progress-watch.js';
import { ProjectionStatus } from './projection-status.js';
import { Repair } from './repair.js';
import { Writable } from './writable.js';

const providers = [ProjectionStatus, Repair, Writable, ProgressWatch, FollowersPresence, FollowersHealth, Followers, Examiners];

/** What operators start, look at and mend. */
@Global()
@Module({ providers, exports: providers })
export class OperatingModule {}
