import { readFileSync } from 'node:fs';
import { readConfig } from '../../src/config.js';
import type { Person } from '../support/caseledger.js';
import { Children, postgresOf, worldOf, type ChildService } from '../support/child-service.js';
import { endLoads, expectNothingLost, Load, openCases } from '../support/load.js';

/*
 * The built service in a process of its own, as it is started, killed with its PostgreSQL while people work, started again
 * on the same folder, and asked to stop. What else may befall it is for drills: faults, starting.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const TRAINING = { CLOCK: `simulated:${CLOCK}` };

const children = new Children();
let dataDir: string;
let service: ChildService;
let worker: Person;
let auditor: Person;
let caseIds: string[];

beforeAll(async () => {
  dataDir = children.folder();
  await start();
  caseIds = await openCases(await worldOf((...who) => service.person(...who), CLOCK));
});
afterEach(endLoads);
afterAll(() => children.end());

async function start(): Promise<void> {
  service = await children.start(TRAINING, { dataDir });
  [worker, auditor] = [await service.person('cw-ana', 'caseworker'), await service.person('aud-ivy', 'auditor')];
}

it('finds the files that stand beside it', async () => {
  expect((await service.ask('/flights')).text).toContain('<div id="root">');
  expect((await service.ask('/docs/swagger-ui-bundle.js')).status).toBe(200);
});

it('tells of itself what the clients of this build were made from', async () => {
  // That document is of the modules as they are; the programs are bundled, and names that it is made of may get lost on the way.
  expect(JSON.parse((await service.ask('/openapi.json')).text)).toEqual(JSON.parse(readFileSync('dist/openapi.json', 'utf8')));
});

it('is killed together with PostgreSQL: it comes back on the same folder, and nothing is lost', async () => {
  const load = new Load(() => worker, caseIds);
  await load.goesOn(30);
  const server = postgresOf(dataDir);
  if (server === undefined) throw new Error('the embedded server does not run');
  process.kill(server, 'SIGKILL');
  await service.kill();
  await start();
  await load.goesOn(20);
  await load.end();
  expect(load.unanswered).toBeGreaterThan(0);
  expect(postgresOf(dataDir)).not.toBe(server);
  await expectNothingLost(load, auditor, caseIds);
});

it('is refused settings that are wrong: their names are said, their values are not', async () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['PORT', 'sesame'],
    ['DATABASE_URL', 'mysql://sesame'],
    ['MIGRATION_DATABASE_URL', 'sesame'],
    ['EVENT_STORE_URL', 'http://sesame'],
    ['CLOCK', 'sesame'],
    ['MASTER_KEY', 'sesame'],
    ['LOG_KEY', 'sesame'],
    ['RATE_LIMIT', 'sesame'],
    ['LOG_LEVEL', 'sesame'],
    ['AUTH_JWKS_URL', 'sesame'],
  ];
  const { code, stderr } = await (await children.spawn(Object.fromEntries(wrong))).ended;
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  for (const [name] of wrong.filter(([variable]) => variable !== 'AUTH_JWKS_URL')) expect(stderr).toMatch(new RegExp(`\\b${name}\\b`));
  expect(stderr).not.toContain('sesame');
  // What is said is the message of the error.
  expect(() => readConfig({ CLOCK: 'sesame' })).toThrow(/^CLOCK [^;]*$/);
  expect(() => readConfig({ NODE_ENV: 'production' })).toThrow(/AUTH_ISSUER.*MASTER_KEY.*LOG_KEY/);
});
