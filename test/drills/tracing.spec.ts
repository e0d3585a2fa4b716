// Guarded in every run by journeys/tracing, http/config.
import { Children, worldOf } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done } from '../support/world.js';

/* Traces where there is nobody to take them. */

const CLOCK = '2020-01-13T15:00:00Z';
const children = new Children();
let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => {
  await children.end();
  await database.stop();
});

const untraced = (): Record<string, string> => ({
  CLOCK: `simulated:${CLOCK}`,
  DATABASE_URL: database.url,
  MIGRATION_DATABASE_URL: database.ownerUrl,
  OTEL_EXPORTER_OTLP_ENDPOINT: '',
});

test('an endpoint that is none refuses to start', async () => {
  const wrong = await children.spawn({ ...untraced(), OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
  expect(await wrong.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT') });
});

test('none keeps no traces', async () => {
  const plain = await children.start(untraced());
  const auditor = await plain.person('aud-ivy', 'auditor');
  const worker = await plain.person('cw-ana', 'caseworker');
  const headers = { traceparent: `00-${'d'.repeat(32)}-00f067aa0ba902b7-01` };
  const world = await worldOf((...who) => plain.person(...who), CLOCK);
  await world.begin(CLOCK);
  const caseId = await world.open();
  done(await worker.post(`cases/${caseId}/add-note`, { text: 'One.' }, { headers }), 200);
  expect(done(await auditor.get(`/v1/audit/cases/${caseId}/events`), 200).text).not.toContain('traceparent');
});
