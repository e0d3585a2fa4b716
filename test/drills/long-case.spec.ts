// Guarded in every run by event-store/folded-streams, cases/full-file.
import { Database } from '../../src/database/database.js';
import { localKey } from '../../src/local-keys.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { History } from '../bench/history.js';
import { Children } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

/* One file of very many notes: folded, shown and written to in little memory, and no other file waits for it. */

const NOTES = 12_000;
/** A state of its own for each of the notes would need a gigabyte. */
const HEAP_MB = 128;

const children = new Children();
let postgres: TestDatabase;
beforeAll(async () => {
  postgres = await startTestDatabase();
});
afterAll(async () => {
  await children.end();
  await postgres.stop();
});

test('a service with little memory takes it in, and answers for it', async () => {
  const dataDir = children.folder();
  const database = Database.open({ url: postgres.url, applicationName: 'specs' });
  const keys = new DataKeys(database, localKey(dataDir, 'master'));
  await keys.start();
  const store = new PostgresEventStore(database);
  const history = new History(store, keys);
  const [long] = await history.writeLong(1, NOTES);
  const [short] = await history.writeLong(1, 5);
  await store.close();
  await keys.close();
  await database.close();

  const service = await children.start(
    { DATABASE_URL: postgres.url, MIGRATION_DATABASE_URL: postgres.ownerUrl, NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
    { dataDir },
  );
  const supervisor = await service.person('sup-dina', 'supervisor');
  const fileOf = async (caseId: string | undefined) => (await supervisor.get(`/v1/cases/${caseId}`)).body;
  await eventually(
    'the short case is in the read model',
    () => fileOf(short),
    file => file['revision'] === 4,
  );
  expect(await fileOf(long)).toMatchObject({ revision: NOTES - 1, noteCount: NOTES - 3 });
  const noted = await supervisor.post(`cases/${long}/add-note`, { text: 'One more.' });
  expect(noted).toMatchObject({ status: 200, body: { revision: NOTES } });
  const token = noted.headers.get('consistency-token') ?? undefined;
  const {
    body: { notes },
  } = await eventually(
    'the file has come to the note',
    () => supervisor.get(`/v1/cases/${long}`, { token }),
    ({ status }) => status === 200,
  );
  expect((notes as { text: string }[]).map(({ text }) => text).at(-1)).toBe('One more.');
  expect((await supervisor.get(`/v1/cases/${long}/notes?limit=2`)).body).toMatchObject({
    rows: [{ text: 'Called the shelter. Entry 0.' }, { text: 'Called the shelter. Entry 1.' }],
  });
});
