import { SimulatedClock } from '../../src/database/clocks.js';
import { Database } from '../../src/database/database.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

describe('the time of a training copy', () => {
  let test: TestDatabase;
  const opened: Database[] = [];
  const clock = (from: string) => {
    const database = Database.open({ url: test.url, applicationName: 'spec' });
    opened.push(database);
    return SimulatedClock.start(database, from);
  };

  beforeAll(async () => { test = await startTestDatabase(); });
  afterAll(async () => {
    await Promise.all(opened.map(database => database.close()));
    await test.stop();
  });

  it('starts where it is told once, is shared by processes and survives them, in the form in which it was set', async () => {
    const first = await clock('2019-11-15T00:00:00Z');
    expect(first.now()).toBe('2019-11-15T00:00:00Z');
    expect(await first.moveTo('2020-01-13T15:00:00.250Z')).toBe(true);
    expect(first.now()).toBe('2020-01-13T15:00:00.250Z');
    const second = await clock('2019-11-15T00:00:00Z');
    expect(second.now()).toBe('2020-01-13T15:00:00.250Z');
  });

  it('moves forwards only, for everybody at once', async () => {
    const [first, second] = [await clock('2019-11-15T00:00:00Z'), await clock('2019-11-15T00:00:00Z')];
    const before = first.now();
    expect(await second.moveTo('2020-02-01T00:00:00Z')).toBe(true);
    expect(first.now()).toBe(before);
    await first.refresh();
    expect(first.now()).toBe('2020-02-01T00:00:00Z');
    expect(await first.moveTo('2020-01-31T23:59:59Z')).toBe(false);
    expect(first.now()).toBe('2020-02-01T00:00:00Z');
  });
});
