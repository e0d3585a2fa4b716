import type { Migration } from './migration.js';

export const lastLoggedEvent: Migration = {
  version: 19,
  name: 'last logged event',
  sql: `
ALTER TABLE ledger.log ADD COLUMN last_stream text, ADD COLUMN last_revision int, ADD COLUMN last_event_id uuid;
COMMENT ON COLUMN ledger.log.last_event_id IS 'the newest that was taken in: an event store without it is another, or an older copy';
`,
};
