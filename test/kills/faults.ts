import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from '../model/draw.js';
import type { FaultyServer } from '../support/database-faults.js';
import type { OwnPostgres } from '../support/own-postgres.js';
import type { Crew } from './crew.js';
import type { EventStoreServer } from './event-store-server.js';
import { Wrong } from './record.js';
import { cutSessions, leaderOf, type Service } from './services.js';

/** Something that happens for a while. Once it has ended, all goes on by itself. */
export interface Fault {
  readonly name: string;
  readonly happen: () => Promise<void>;
}

export interface Scene {
  readonly services: readonly Service[];
  readonly postgres: OwnPostgres;
  readonly faulty: FaultyServer;
  readonly eventStore?: EventStoreServer;
  readonly crew: Crew;
  readonly draw: Draw;
  /** How long it takes, in milliseconds, until an order that one of the services took holds a case. */
  readonly protects: (service: Service) => Promise<number>;
  readonly say: (line: string) => void;
}

const LASTS_MS = 5_000;
/** Until another leads: the session of a frozen one ends after 10 s. */
const REPLACED_WITHIN_MS = 25_000;

/** What is killed, in rotation. */
export function kills({ services, postgres, faulty, eventStore, draw }: Scene): readonly Fault[] {
  const aWhile = (): Promise<void> => sleep(draw.below(3_000));
  return [
    ...services.map(service => ({
      name: `kill -9 of service ${service.name}`,
      happen: async () => {
        await service.kill();
        await aWhile();
        await service.startAgain();
      },
    })),
    {
      name: 'kill -9 of PostgreSQL',
      happen: async () => {
        await postgres.kill();
        await aWhile();
        await postgres.startAgain();
      },
    },
    {
      name: 'kill -9 of a backend of PostgreSQL',
      happen: async () => {
        const { rows } = await faulty.admin.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'caseledger %'",
        );
        process.kill(draw.of(rows).pid, 'SIGKILL');
      },
    },
    ...(eventStore
      ? [
          {
            name: 'kill -9 of the event store',
            happen: async () => {
              await eventStore.kill();
              await aWhile();
              await eventStore.startAgain();
            },
          },
        ]
      : []),
  ];
}

const DATABASE_FAULTS = [
  'it may only be read (25006)',
  'nobody may log in (28000)',
  'the password is another one (28P01)',
  'it takes no connections (55000)',
  'it has another name (3D000)',
  'rights are revoked (42501)',
];

/** What passes by itself: faults of the database, and a leading process that is frozen. */
export function passing(scene: Scene): readonly Fault[] {
  const { faulty } = scene;
  const freezes = [false, true].map(cut => ({
    name: `SIGSTOP of the leader, its sessions ${cut ? 'cut' : 'open'}`,
    happen: () => freeze(scene, cut),
  }));
  const ofDatabase = DATABASE_FAULTS.map(name => ({
    name: `database: ${name}`,
    happen: async () => {
      const fault = faulty.faults[name];
      if (!fault) throw new Error(`there is no fault named ${name}`);
      await fault.begin();
      await sleep(LASTS_MS);
      await fault.end();
    },
  }));
  return [...ofDatabase.slice(0, 3), ...freezes.slice(0, 1), ...ofDatabase.slice(3), ...freezes.slice(1)];
}

/** While the leader stands still, another answers what protects people. */
async function freeze({ services, faulty, draw, protects, say }: Scene, cut: boolean): Promise<void> {
  const leader = await leaderOf(services, faulty.admin);
  const other = services.find(service => service !== leader);
  if (!leader || !other) throw new Wrong('nobody leads the processes');
  const lastsMs = 20_000 + draw.below(60_000);
  const begun = performance.now();
  process.kill(leader.pid, 'SIGSTOP');
  try {
    if (cut) await cutSessions(faulty.admin, leader);
    const tookMs = await protects(other);
    say(`        service ${leader.name} stands still: a hold order is answered after ${(tookMs / 1000).toFixed(1)} s`);
    if (tookMs > REPLACED_WITHIN_MS)
      throw new Wrong(`while service ${leader.name} stood still, a hold order was answered only after ${(tookMs / 1000).toFixed(1)} s`);
    await sleep(Math.max(0, lastsMs - (performance.now() - begun)));
  } finally {
    process.kill(leader.pid, 'SIGCONT');
  }
}
