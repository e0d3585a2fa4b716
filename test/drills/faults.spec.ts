// Guarded in every run by journeys/program, contract/postgres-event-store, event-store/ledger.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import type { Answer, Person } from '../support/caseledger.js';
import { Children, postgresOf, worldOf, type ChildService } from '../support/child-service.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { AGAIN_MS, endLoads, eventsOf, expectNothingLost, expectShown, Load, openCases } from '../support/load.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, type World } from '../support/world.js';

/*
 * The built service in processes of its own, which are killed while people work:
 * what was acknowledged is there once, nothing is there twice, and what is shown is what the events add up to.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const TRAINING = { CLOCK: `simulated:${CLOCK}` };

afterEach(endLoads);

describe('on the embedded database', () => {
  const children = new Children();
  let dataDir: string;
  let service: ChildService;
  let worker: Person;
  let auditor: Person;
  let caseIds: string[];
  beforeAll(async () => {
    dataDir = children.folder();
    service = await children.start(TRAINING, { dataDir });
    caseIds = await openCases(await worldOf((...who) => service.person(...who), CLOCK));
    await meet();
  });
  afterAll(() => children.end());

  async function meet(): Promise<void> {
    [worker, auditor] = [await service.person('cw-ana', 'caseworker'), await service.person('aud-ivy', 'auditor')];
  }
  async function restart(): Promise<void> {
    service = await children.start(TRAINING, { dataDir });
    await meet();
  }

  /** @returns its pid */
  function killServer(): number {
    const pid = postgresOf(dataDir);
    if (pid === undefined) throw new Error('the embedded server does not run');
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  it('the service is killed again and again: it comes back on the same folder, and nothing is lost', async () => {
    const load = new Load(() => worker, caseIds);
    const server = postgresOf(dataDir);
    for (const after of [40, 20]) {
      await load.goesOn(after);
      expect((await service.kill()).signal).toBe('SIGKILL');
      await restart();
    }
    await load.goesOn(30);
    await load.end();
    expect(load.unanswered).toBeGreaterThan(0);
    // The server that the killed service left was taken over.
    expect(postgresOf(dataDir)).toBe(server);
    await expectNothingLost(load, auditor, caseIds);
    // A repeat gets the first answer, from services that never saw the first send.
    const first = load.acknowledged.find(({ events }) => events[0]?.type === 'NoteAdded');
    const again = await worker.post(`cases/${first?.caseId}/add-note`, { text: `note ${first?.key}` }, { key: first?.key });
    expect(again.text).toBe(first?.text);
  });

  it('PostgreSQL is killed: 503 meanwhile, then all goes on, and nothing is lost', async () => {
    const load = new Load(() => worker, caseIds);
    const health: number[] = [];
    const reads: Answer[] = [];
    const watching = new AbortController();
    const watch = Promise.all([
      (async () => {
        for (; !watching.signal.aborted; await sleep(AGAIN_MS)) health.push(await service.health());
      })(),
      (async () => {
        for (; !watching.signal.aborted; await sleep(AGAIN_MS)) reads.push(await auditor.get(`/v1/cases/${caseIds[0]}`));
      })(),
    ]);
    try {
      // Twice at least, and until a read came while it was away: it may be back between two of them.
      for (let round = 0; round < 2 || (round < 10 && reads.every(({ status }) => status === 200)); round++) {
        await load.goesOn(40);
        const unwell = health.filter(status => status === 503).length;
        const server = killServer();
        await eventually(
          'the service says that it is not ready',
          () => health.filter(status => status === 503).length,
          count => count > unwell,
        );
        await eventually(
          'another server runs',
          () => postgresOf(dataDir),
          pid => pid !== undefined && pid !== server,
        );
        await eventually(
          'the service is ready again',
          () => service.health(),
          status => status === 200,
        );
      }
      await load.goesOn(40);
      await load.end();
    } finally {
      watching.abort();
      await watch;
    }
    expect(new Set(health)).toEqual(new Set([200, 503]));
    const outages = reads
      .filter(({ status }) => status !== 200)
      .map(({ status, headers, body }) => ({ status, code: body['code'], again: Number(headers.get('retry-after')) > 0 }));
    expect(outages.length).toBeGreaterThan(0);
    for (const outage of outages) expect(outage).toEqual({ status: 503, code: 'store-unavailable', again: true });
    expect(load.unanswered).toBe(0);
    expect(service.alive).toBe(true);
    await expectNothingLost(load, auditor, caseIds);
  });
});

describe('two services on one database', () => {
  const children = new Children();
  let database: TestDatabase;
  const services: ChildService[] = [];
  let world: World;

  beforeAll(async () => {
    database = await startTestDatabase();
    const dataDir = children.folder();
    const env = { ...TRAINING, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
    services.push(...(await Promise.all([children.start(env, { dataDir }), children.start(env, { dataDir })])));
    world = await worldOf(byTurns, CLOCK);
    await world.begin(CLOCK);
  });
  afterAll(async () => {
    await children.end();
    await database.stop();
  });

  /** Somebody whose requests go to the services in turn, as long as they live. */
  async function byTurns(...who: Parameters<ChildService['person']>): Promise<Person> {
    const all = await Promise.all(services.map(async service => ({ service, person: await service.person(...who) })));
    let turn = 0;
    const next = (): Person => {
      const living = all.filter(({ service }) => service.alive);
      return (living[turn++ % living.length] as { person: Person }).person;
    };
    const { sub, office } = next();
    return {
      sub,
      office,
      get: (...sent) => next().get(...sent),
      put: (...sent) => next().put(...sent),
      post: (...sent) => next().post(...sent),
    };
  }

  it('what one has answered is shown by the other to whoever brings the token', async () => {
    const [here, there] = (await Promise.all(services.map(service => service.person('cw-ana', 'caseworker')))) as [Person, Person];
    for (let round = 0; round < 10; round++) {
      const [writes, reads] = round % 2 === 0 ? [here, there] : [there, here];
      const opened = done(await writes.post('cases', world.intake()), 201);
      const path = `/v1/cases/${String(opened.body['caseId'])}`;
      expect(done(await reads.get(path, { token: opened.headers.get('consistency-token') ?? '' })).body).toMatchObject({ revision: 0 });
      // Decided on what the other one stored a moment ago.
      const noted = done(await reads.post(`cases/${String(opened.body['caseId'])}/add-note`, { text: 'note' }, { ifMatch: 0 }));
      expect(done(await writes.get(path, { token: noted.headers.get('consistency-token') ?? '' })).body).toMatchObject({ revision: 1 });
    }
  });

  it('the same command sent to both at once is done once', async () => {
    const [here, there] = (await Promise.all(services.map(service => service.person('cw-ana', 'caseworker')))) as [Person, Person];
    const caseId = await world.open();
    for (let round = 0; round < 10; round++) {
      const key = randomUUID();
      const [one, other] = await Promise.all(
        [here, there].map(person => person.post(`cases/${caseId}/add-note`, { text: `note ${round}` }, { key })),
      );
      expect(done(one as Answer).text).toBe(done(other as Answer).text);
    }
    expect((await eventsOf(caseId, world.staff.auditor)).filter(({ type }) => type === 'NoteAdded')).toHaveLength(10);
  });

  it('one is killed at work: the other goes on, and a flight is carried through once', async () => {
    const caseIds = await openCases(world, 6);
    const passengers = await Promise.all(Array.from({ length: 4 }, () => world.caseAt('accepted')));
    const load = new Load(() => world.staff.worker, caseIds);
    await load.goesOn(30);
    const flight = await world.draft(passengers);
    done(await world.approve(flight));
    // Wherever the process runs that schedules the passengers: in one of the two, and now.
    await services[0]?.kill();
    for (const caseId of passengers) {
      await eventually(
        `${caseId} is scheduled`,
        () => world.staff.supervisor.get(`/v1/cases/${caseId}`),
        ({ body }) => body['status'] === 'transfer-scheduled',
      );
    }
    await load.goesOn(40);
    await load.end();
    await world.board(flight);
    await world.depart(flight);
    await world.arrive(flight);
    const { auditor } = world.staff;
    for (const caseId of passengers) {
      const types = (await eventsOf(caseId, auditor)).map(({ type }) => type);
      expect(types.slice(types.indexOf('TransferAccepted'))).toEqual([
        'TransferAccepted',
        'TransferScheduled',
        'DestinationTold',
        'BoardingCleared',
        'ApplicantDeparted',
        'TransferredToGuatemala',
      ]);
      await expectShown(caseId, auditor);
    }
    expect(await world.places(flight.week)).toMatchObject({ reserved: 4 });
    expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'arrived', arrived: passengers });
    await expectNothingLost(load, auditor, caseIds);
  });
});

describe('on an event store of its own', () => {
  const children = new Children();
  let database: TestDatabase;
  let server: StandIn;
  let service: ChildService;
  let world: World;

  beforeAll(async () => {
    [database, server] = await Promise.all([startTestDatabase(), StandIn.start()]);
    service = await children.start({
      ...TRAINING,
      DATABASE_URL: database.url,
      MIGRATION_DATABASE_URL: database.ownerUrl,
      EVENT_STORE_URL: `esdb://${server.address}?tls=false`,
    });
    world = await worldOf((...who) => service.person(...who), CLOCK);
  });
  afterAll(async () => {
    await children.end();
    await server.kill();
    await database.stop();
  });

  it('the server stores nothing, though it can be read: not ready meanwhile', async () => {
    server.faults.withoutMajority = true;
    await eventually(
      'the service says that it is not ready',
      () => service.health(),
      status => status === 503,
    );
    server.faults.withoutMajority = false;
    await eventually(
      'the service is ready again',
      () => service.health(),
      status => status === 200,
    );
  });

  it('the server is killed under load: 503 meanwhile, then all goes on by itself, and nothing is lost', async () => {
    const caseIds = await openCases(world);
    const load = new Load(() => world.staff.worker, caseIds);
    await load.goesOn(40);
    await server.kill();
    await eventually(
      'the service says that it is not ready',
      () => service.health(),
      status => status === 503,
    );
    const reading = world.staff.supervisor.get(`/v1/cases/${caseIds[0]}`);
    await eventually(
      'commands are told to come again',
      () => load.unavailable,
      count => count > 0,
    );
    expect((await reading).status).toBe(503);
    await server.startAgain();
    await eventually(
      'the service is ready again',
      () => service.health(),
      status => status === 200,
    );
    await load.goesOn(40);
    await load.end();
    expect(load.unanswered).toBe(0);
    expect(service.alive).toBe(true);
    await expectNothingLost(load, world.staff.auditor, caseIds);
  });
});

describe('a start that cannot be', () => {
  const children = new Children();
  let database: TestDatabase;
  let taken: Server;
  beforeAll(async () => {
    database = await startTestDatabase();
    taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => {
      taken.once('listening', resolve);
    });
  });
  afterAll(async () => {
    await children.end();
    await database.stop();
    await new Promise(resolve => {
      taken.close(resolve);
    });
  });

  const env = (): Record<string, string> => ({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  async function expectRefusal(
    sent: Readonly<Record<string, string>>,
    says: RegExp,
    how: { readonly dataDir?: string; readonly port?: number } = {},
  ): Promise<void> {
    const { code, stdout, stderr } = await (await children.spawn(sent, how)).ended;
    expect({ code, stderr: stderr.trimEnd() }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).not.toContain('"level":"error"');
  }

  it('its port is in use', async () => {
    const { port } = taken.address() as AddressInfo;
    await expectRefusal(env(), new RegExp(`PORT ${port}.*in use`), { port });
  });

  it('the event store is not there, or its URL is none: its name is said, its password is not', async () => {
    // A database of their own, and one folder: whoever starts first makes the master key.
    const [own, dataDir] = [await startTestDatabase(), children.folder()];
    const settings = { DATABASE_URL: own.url, MIGRATION_DATABASE_URL: own.ownerUrl };
    await Promise.all(
      [
        'esdb://sesame:sesame@127.0.0.1:1?tls=false',
        'kurrentdb://sesame:sesame@127.0.0.1:1?tls=false',
        'esdb://sesame:sesame@127.0.0.1:1?tsl=false',
      ].map(async url => {
        const service = await children.spawn({ ...settings, EVENT_STORE_URL: url }, { dataDir });
        const { code, stdout, stderr } = await service.ended;
        expect({ code, stderr: stderr.trimEnd() }).toEqual({ code: 1, stderr: expect.stringMatching(/^EVENT_STORE_URL [^\n]*$/) });
        expect(stdout).not.toContain('"level":"error"');
        expect(stderr).not.toContain('sesame');
      }),
    );
    await own.stop();
  });

  it('DATA_DIR is a file, lies below one, or cannot be made', async () => {
    const file = join(children.folder(), 'file');
    writeFileSync(file, '');
    const damaged = children.folder();
    mkdirSync(join(damaged, 'master.key'));
    await expectRefusal({}, /^DATA_DIR\b/, { dataDir: file });
    for (const dataDir of [join(file, 'below'), damaged]) expect(() => readConfig({ DATA_DIR: dataDir })).toThrow(/^DATA_DIR\b/);
  });

  it('the database was made by a newer version, or is not there', async () => {
    const owner = Database.open({ url: database.ownerUrl, applicationName: 'specs', max: 1 });
    await owner.query("INSERT INTO ledger.schema_migrations (version, name) VALUES (9999, 'of the future')");
    await owner.close();
    await expectRefusal(env(), /9999.*newer/);
    const service = await children.spawn({ DATABASE_URL: 'postgres://somebody:sesame@127.0.0.1:1/nothing' });
    const { code, stderr } = await service.ended;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('sesame');
  });
});
