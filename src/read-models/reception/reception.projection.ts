import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { Change, Projection } from '../../projecting/projection.js';
import type { ReceptionEvent } from '../../reception/reception.events.js';
import { weekOfReception, type Reception } from '../../reception/reception.state.js';

export const RECEPTION = 'reception';

type ReceptionChange = Change<Reception, ReceptionEvent>;

/** How many places each partner country has declared for each week, and how many are taken; not by whom. */
export const receptionProjection: Projection<Reception, ReceptionEvent> = {
  name: RECEPTION,
  version: 1,
  tables: `
    CREATE TABLE countries (
      country text PRIMARY KEY,
      revision int NOT NULL
    );
    CREATE TABLE weeks (
      country text NOT NULL,
      week text NOT NULL,
      declared int NOT NULL,
      reserved int NOT NULL,
      PRIMARY KEY (country, week)
    )`,
  categories: ['reception'],
  async project(changes, tx) {
    await writeCountries([...new Map(changes.map(change => [change.event.stream, change])).values()], tx);
    await writeWeeks([...new Map(changes.map(change => [`${change.event.stream} ${change.event.data.week}`, change])).values()], tx);
  },
};

async function writeCountries(last: readonly ReceptionChange[], tx: Queryable): Promise<void> {
  await tx.query(
    `INSERT INTO countries (country, revision) SELECT * FROM unnest($1::text[], $2::int[])
     ON CONFLICT (country) DO UPDATE SET revision = excluded.revision`,
    [last.map(({ event }) => idOf(event.stream)), last.map(({ event }) => event.revision)],
  );
}

async function writeWeeks(last: readonly ReceptionChange[], tx: Queryable): Promise<void> {
  const weeks = last.map(({ event, after }) => weekOfReception(after, event.data.week));
  await tx.query(
    `INSERT INTO weeks (country, week, declared, reserved) SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::int[])
     ON CONFLICT (country, week) DO UPDATE SET declared = excluded.declared, reserved = excluded.reserved`,
    [
      last.map(({ event }) => idOf(event.stream)),
      last.map(({ event }) => event.data.week),
      weeks.map(({ declared }) => declared),
      weeks.map(({ reserved }) => reserved),
    ],
  );
}
