import { eventStore } from './0001-event-store.js';
import { dataKeys } from './0002-data-keys.js';
import { projecting } from './0003-projecting.js';
import { processes } from './0004-processes.js';
import { clock } from './0005-clock.js';
import { timers } from './0006-timers.js';
import { processLists } from './0007-process-lists.js';
import { appendWithKeys } from './0008-append-with-keys.js';
import { processInbox } from './0009-process-inbox.js';
import { restoring } from './0010-restoring.js';
import { findingNames } from './0011-finding-names.js';
import { alikeNames } from './0012-alike-names.js';
import { log } from './0013-log.js';
import { logKeys } from './0014-log-keys.js';
import { logWitnesses } from './0015-log-witnesses.js';
import { masterKey } from './0016-master-key.js';
import { unusedFunctions } from './0017-unused-functions.js';
import { unfinishedBuilds } from './0018-unfinished-builds.js';
import { lastLoggedEvent } from './0019-last-logged-event.js';
import type { Migration } from './migration.js';

/** In order of version; a new one goes to the end. */
export const migrations: readonly Migration[] = [
  eventStore,
  dataKeys,
  projecting,
  processes,
  clock,
  timers,
  processLists,
  appendWithKeys,
  processInbox,
  restoring,
  findingNames,
  alikeNames,
  log,
  logKeys,
  logWitnesses,
  masterKey,
  unusedFunctions,
  unfinishedBuilds,
  lastLoggedEvent,
];
