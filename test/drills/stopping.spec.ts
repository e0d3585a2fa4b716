// Guarded in every run by journeys/program, journeys/tracing.
import { isRunning } from '../../src/database/os-process.js';
import type { Person } from '../support/caseledger.js';
import { Children, postgresOf, processesOn, worldOf, type ChildService } from '../support/child-service.js';
import { endLoads, expectNothingLost, Load, openCases } from '../support/load.js';

/* The built service is asked to stop while people work. */

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

it('is asked to stop under load: it ends well, its database too, and nothing is lost', async () => {
  const load = new Load(() => worker, caseIds);
  await load.goesOn(30);
  const server = postgresOf(dataDir);
  expect(await service.terminate()).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(server !== undefined && isRunning(server)).toBe(false);
  if (process.platform === 'linux') expect(processesOn(dataDir)).toEqual([]);
  await start();
  await load.goesOn(20);
  await load.end();
  await expectNothingLost(load, auditor, caseIds);
});
