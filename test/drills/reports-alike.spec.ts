// Guarded in every run by journeys/reports, projecting/generations.
import { Config } from '../../src/config.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { Repair } from '../../src/operating/repair.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase } from '../support/postgres.js';
import { done, World } from '../support/world.js';

/* Reports that two services give, and one whose read models were built anew. */

test('two services, and a read model that was built anew, give the same bytes at the same position', async () => {
  const database = await startTestDatabase();
  const one = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  const dataDir = one.app.get(Config).dataDir;
  const two = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, DATA_DIR: dataDir });
  try {
    const there = await World.in(one);
    await there.caseAt('transferred');
    await there.act(there.staff.worker, await there.caseAt('screening'), 'place-hold', { kind: 'medical' });
    const token = await one.app.get(EventStore).newest();
    const asked = [
      'outcomes',
      'outcomes?by=nationality&disclosure=public',
      'screening',
      'screening?disclosure=public',
      'safeguards',
      'workload',
    ].map(name => `/v1/reports/${name}`);
    const all = async ({ person }: Caseledger) => {
      const job = await person('rep-same', 'reporting');
      const texts: string[] = [];
      for (const path of [...asked, '/v1/feeds/case-facts'])
        for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
          const { text: body, headers } = done(await job.get(path, { token, headers: { accept } }), 200);
          texts.push(`${headers.get('as-of-position')} ${headers.get('code-version')} ${body}`);
        }
      return texts;
    };
    const first = await all(one);
    expect(await all(two)).toEqual(first);
    for (const name of ['outcomes', 'screening', 'safeguards', 'workload', 'case-facts']) await one.app.get(Repair).rebuild(name);
    expect(await all(one)).toEqual(first);
  } finally {
    await two.stop();
    await one.stop();
    await database.stop();
  }
});
