import { setTimeout as sleep } from 'node:timers/promises';
import { EventStore } from '../../src/event-store/event-store.js';
import { dayOf, plusHours, weekOf } from '../../src/fields/time.js';
import type { Role } from '../../src/http/roles.js';
import type { Answer, Caseledger, Person, SendOptions } from './caseledger.js';

/** Stands in every personal value that is sent here, to be searched for where it must not appear. */
export const MARK = 'Zquill';
export const RULES = { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H', 'P30D', 'P90D'] };
const HISTORY = {
  GT: { signed: '2019-07-26', inForce: '2019-11-15' },
  HN: { signed: '2019-09-25', inForce: '2020-05-01' },
  SV: { signed: '2019-09-20', inForce: '2020-12-15' },
};
export type Partner = keyof typeof HISTORY;

/** How far a case can be taken, in order. */
const STAGES = [
  'opened',
  'screening',
  'submitted',
  'amenable',
  'requested',
  'accepted',
  'scheduled',
  'boarding',
  'departed',
  'transferred',
  'applied',
] as const;
export type Stage = (typeof STAGES)[number];

export type Json = Readonly<Record<string, unknown>>;
export interface Stored {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: Json;
  readonly personal: Json | null;
  readonly metadata: {
    readonly actor: { readonly id: string; readonly roles: readonly string[] };
    readonly commandId: string;
    readonly correlationId: string;
    readonly causationId: string;
    readonly occurredAt: string;
    readonly recordedAt: string;
    readonly ruleSet?: { readonly country: string; readonly version: number };
    readonly basedOn?: Readonly<Record<string, number>>;
  };
}

/** What the tests look at of a case file. */
export interface File extends Json {
  readonly revision: number;
  readonly status: string;
  readonly office: string;
  readonly assignedTo: string | null;
  readonly screening: {
    readonly determination: { readonly determinationId: string; readonly status: string } | null;
    readonly fear: Json;
  } | null;
  readonly transfer: {
    readonly replyDueAt: string;
    readonly validUntil: string | null;
    readonly reply: string | null;
    readonly manifestId: string | null;
    readonly placeWeek: string | null;
    readonly clearedUntil: string | null;
    readonly departedAt: string | null;
    readonly arrivedAt: string | null;
    readonly irregular: boolean;
    readonly lastBlocked: { readonly at: string; readonly failedChecks: readonly string[] } | null;
  } | null;
  readonly holds: readonly { readonly holdId: string; readonly kind: string }[];
  readonly followUp: { readonly overdue: readonly string[] };
}

export interface Passenger {
  readonly caseId: string;
  readonly status: string;
  readonly ready: boolean;
  readonly cleared: boolean;
}
export interface Manifest extends Json {
  readonly revision: number;
  readonly status: string;
  readonly passengers: readonly Passenger[];
}
export interface Week {
  readonly week: string;
  readonly declared: number;
  readonly reserved: number;
  readonly free: number;
}

export interface Flight {
  readonly manifestId: string;
  readonly country: Partner;
  readonly flight: string;
  readonly departsAt: string;
  readonly week: string;
  readonly caseIds: readonly string[];
  /** Of the manifest, as it stood when it was drawn up. */
  readonly revision: number;
}

/** @throws Error with what was answered instead */
export function done(answer: Answer, status?: number): Answer {
  const fits = status === undefined ? answer.status < 300 : answer.status === status;
  if (!fits) throw new Error(`expected ${status ?? 'success'}, got ${answer.status}: ${answer.text.slice(0, 1500)}`);
  return answer;
}

/** @throws Error with what was answered instead of this refusal */
export function refused(answer: Answer, status: number, code: string): Answer {
  if (answer.status !== status || answer.body['code'] !== code)
    throw new Error(`expected ${status} ${code}, got ${answer.status}: ${answer.text.slice(0, 1500)}`);
  return answer;
}

export const codesOf = ({ body }: Answer): string[] => (body['errors'] as readonly { code: string }[]).map(({ code }) => code);
/** `pointer code` of every fault of a 400. */
export const faultsOf = ({ body }: Answer): string[] =>
  (body['errors'] as readonly { pointer?: string; code: string }[]).map(({ pointer, code }) => `${pointer ?? '-'} ${code}`);

/** Reads again until it holds. @throws Error with what was last seen */
export async function eventually<T>(
  what: string,
  read: () => Promise<T> | T,
  holds: (seen: T) => boolean = Boolean,
  withinMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 200)) {
    const seen = await read();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`${what}: not so; last seen ${JSON.stringify(seen)?.slice(0, 1500)}`);
    await sleep(pause);
  }
}

/** A service, in this process or in another. */
interface Host {
  person(sub: string, roles: Role | readonly Role[], office?: string): Promise<Person>;
  /** What processes have to do is done; resolves with the token of a query that shows it. */
  calm(): Promise<string | undefined>;
}

const STAFF = {
  worker: ['cw-ana', 'caseworker', 'ELP'],
  otherWorker: ['cw-beto', 'caseworker', 'ELP'],
  workerElsewhere: ['cw-carla', 'caseworker', 'LRD'],
  supervisor: ['sup-dina', 'supervisor', 'ELP'],
  secondSupervisor: ['sup-emil', 'supervisor', 'ELP'],
  supervisorElsewhere: ['sup-fay', 'supervisor', 'LRD'],
  liaison: ['li-gus', 'liaison', 'ELP'],
  admin: ['adm-hal', 'admin', 'ELP'],
  auditor: ['aud-ivy', 'auditor', 'ELP'],
  reporting: ['rep-jon', 'reporting', 'ELP'],
} as const satisfies Readonly<Record<string, readonly [string, Role, string]>>;
type Staff = { readonly [S in keyof typeof STAFF]: Person };

/** Short words for what people do here. All applicants are synthetic. */
export class World {
  private people = 0;
  private readonly declared = new Set<string>();
  private readonly flights = new Map<string, Flight>();

  private constructor(
    readonly host: Host,
    readonly staff: Staff,
    private time: string,
  ) {}

  static async of(host: Host, now: string): Promise<World> {
    const staff = await Promise.all(
      Object.entries(STAFF).map(async ([name, [sub, role, office]]) => [name, await host.person(sub, role, office)] as const),
    );
    return new World(host, Object.fromEntries(staff) as unknown as Staff, now);
  }

  /** In the middle of January 2020, the agreement with Guatemala in force. */
  static async in(caseledger: Caseledger, now = '2020-01-13T15:00:00Z'): Promise<World> {
    const { app } = caseledger;
    const world = await World.of(
      {
        person: (...who) => caseledger.person(...who),
        calm: async () => {
          await caseledger.settled();
          return app.get(EventStore).newest();
        },
      },
      now,
    );
    await world.begin(now);
    return world;
  }

  /** Moves a new training copy's clock, and brings the agreement with Guatemala into force. */
  async begin(now: string): Promise<void> {
    await this.moveTo(now);
    await this.bringIntoForce('GT');
  }

  get now(): string {
    return this.time;
  }

  /** Moves the clock; timers have fired when this resolves. */
  async moveTo(instant: string): Promise<void> {
    done(await this.staff.admin.put('/v1/clock', { now: instant }));
    this.time = instant;
  }

  pass({ days = 0, hours = 0 }: { readonly days?: number; readonly hours?: number }): Promise<void> {
    return this.moveTo(this.in(days * 24 + hours));
  }

  /** So many hours from now. */
  in(hours: number): string {
    return plusHours(this.time, hours);
  }

  async bringIntoForce(country: Partner, rules: Json = {}): Promise<void> {
    const { signed, inForce } = HISTORY[country];
    await this.agree(country, 'sign', { on: signed });
    await this.agree(country, 'publish-rules', { ...RULES, ...rules });
    await this.agree(country, 'agree-implementation-plan', { on: inForce });
    await this.agree(country, 'bring-into-force', { from: inForce });
  }

  async agree(country: Partner, command: string, body: Json): Promise<Answer> {
    return done(await this.staff.admin.post(`agreements/${country}/${command}`, body));
  }

  /** The body of OpenCase for somebody who arrived yesterday. */
  intake({ documents = 'none', encounter, ...who }: Json = {}): Json {
    const number = ++this.people;
    const at = this.in(-24);
    return {
      applicant: {
        givenNames: `${MARK} Ana`,
        familyName: `Synthetic-${MARK}-${number}`,
        birthDate: '1990-05-17',
        alienNumber: `A${200_000_000 + number}`,
        nationalities: ['HN'],
        languages: ['es'],
        accompaniedBy: 'none',
        ...who,
      },
      encounter: { at, day: dayOf(at), place: 'Paso del Norte', manner: 'between-ports', ...(encounter as Json) },
      documents,
    };
  }

  async open(who: Json = {}, by: Person = this.staff.worker): Promise<string> {
    return String(done(await by.post('cases', this.intake(who)), 201).body['caseId']);
  }

  /** One command on a case, which is expected to be done. */
  async act(by: Person, caseId: string, command: string, body: Json = {}, options?: SendOptions): Promise<Answer> {
    return done(await by.post(`cases/${caseId}/${command}`, body, options));
  }

  /** Takes a case on from one stage to another, each step by the person whose work it is. */
  async take(
    caseId: string,
    to: Stage,
    { from = 'opened', country = 'GT' }: { readonly from?: Stage; readonly country?: Partner } = {},
  ): Promise<string> {
    for (const stage of STAGES.slice(STAGES.indexOf(from) + 1, STAGES.indexOf(to) + 1)) await this.steps[stage](caseId, country);
    return caseId;
  }

  async caseAt(stage: Stage, who: Json = {}, country: Partner = 'GT'): Promise<string> {
    return this.take(await this.open(who), stage, { country });
  }

  async submit(caseId: string, outcome = 'amenable'): Promise<Answer> {
    return this.act(this.staff.worker, caseId, 'submit-determination', { outcome, reasons: `${MARK} reasons` });
  }

  async confirm(caseId: string): Promise<Answer> {
    const determinationId = (await this.file(caseId)).screening?.determination?.determinationId;
    return this.act(this.staff.supervisor, caseId, 'confirm-determination', { determinationId, reasons: `${MARK} reasons` });
  }

  async declare(country: Partner, week: string, places: number): Promise<void> {
    done(await this.staff.admin.post(`reception/${country}/declare-capacity`, { week, places }));
    this.declared.add(country + week);
  }

  /** Draws up the manifest of a flight in two days, with places for all who may want one unless they are declared already. */
  async draft(
    caseIds: readonly string[],
    { country = 'GT', departsAt = this.in(48), flight = `${country}101` }: Partial<Pick<Flight, 'country' | 'departsAt' | 'flight'>> = {},
  ): Promise<Flight> {
    const { liaison } = this.staff;
    const week = weekOf(departsAt);
    if (!this.declared.has(country + week)) await this.declare(country, week, 40);
    const { body } = done(await liaison.post('manifests', { country, flight, departsAt, week }), 201);
    const manifestId = String(body['manifestId']);
    let revision = 0;
    for (const caseId of caseIds)
      revision = Number(done(await liaison.post(`manifests/${manifestId}/add-passenger`, { caseId })).body['revision']);
    const drawn = { manifestId, country, flight, departsAt, week, caseIds, revision };
    for (const caseId of caseIds) this.flights.set(caseId, drawn);
    return drawn;
  }

  approve({ manifestId, revision }: Flight, by: Person = this.staff.supervisor): Promise<Answer> {
    return by.post(`manifests/${manifestId}/approve`, { revision });
  }

  /** An approved flight, its passengers scheduled. */
  async schedule(caseIds: readonly string[], how: Parameters<World['draft']>[1] = {}): Promise<Flight> {
    const flight = await this.draft(caseIds, how);
    done(await this.approve(flight));
    await this.host.calm();
    return flight;
  }

  async tell(caseId: string, country: Partner = 'GT'): Promise<void> {
    await this.act(this.staff.liaison, caseId, 'tell-destination', { country, language: 'es' });
  }

  /** Everyone is told the destination; three hours before departure boarding opens. */
  async board(flight: Flight, { told = true } = {}): Promise<void> {
    if (told) for (const caseId of flight.caseIds) await this.tell(caseId, flight.country);
    await this.moveTo(plusHours(flight.departsAt, -3));
    done(await this.staff.liaison.post(`manifests/${flight.manifestId}/open-boarding`));
    await this.host.calm();
  }

  /** Leaves at the hour of departure. */
  async depart(flight: Flight, boarded: readonly string[] = flight.caseIds): Promise<void> {
    await this.moveTo(flight.departsAt);
    done(await this.staff.liaison.post(`manifests/${flight.manifestId}/depart`, { boarded }));
    await this.host.calm();
  }

  /** Four hours after the departure. */
  async arrive(flight: Flight, arrived: readonly string[] = flight.caseIds): Promise<void> {
    await this.moveTo(plusHours(flight.departsAt, 4));
    done(await this.staff.liaison.post(`manifests/${flight.manifestId}/confirm-arrival`, { arrived, receivedBy: `${MARK} desk` }));
    await this.host.calm();
  }

  flightOf(caseId: string): Flight {
    const flight = this.flights.get(caseId);
    if (!flight) throw new Error('no flight was drawn up for this case');
    return flight;
  }

  /** What is read here reflects all that was done, by processes too; asked again, as a client does, where a read model is late. */
  async read<T = Json>(by: Person, path: string, options: SendOptions = {}): Promise<T> {
    const token = await this.host.calm();
    const answer = await eventually(
      `read models have come to what ${path} shows`,
      () => by.get(path, { token, ...options }),
      ({ body }) => body['code'] !== 'read-model-behind',
    );
    return done(answer, 200).body as T;
  }

  file(caseId: string, by: Person = this.staff.supervisor): Promise<File> {
    return this.read(by, `/v1/cases/${caseId}`);
  }

  async statusOf(caseId: string): Promise<string> {
    return (await this.file(caseId)).status;
  }

  manifest(manifestId: string): Promise<Manifest> {
    return this.read(this.staff.liaison, `/v1/manifests/${manifestId}`);
  }

  async places(week: string, country: Partner = 'GT'): Promise<Week | undefined> {
    const { weeks } = await this.read<{ weeks: Week[] }>(this.staff.liaison, `/v1/reception/${country}?week=${week}`);
    return weeks[0];
  }

  async events(caseId: string): Promise<Stored[]> {
    await this.host.calm();
    const all: Stored[] = [];
    for (let from: number | null = 0; from !== null;) {
      const { body } = done(await this.staff.auditor.get(`/v1/audit/cases/${caseId}/events?from=${from}&limit=200`), 200) as Answer & {
        body: { events: Stored[]; next: number | null };
      };
      all.push(...body.events);
      from = body.next;
    }
    return all;
  }

  async typesOf(caseId: string): Promise<string[]> {
    return (await this.events(caseId)).map(({ type }) => type);
  }

  private readonly steps: Readonly<Record<Stage, (caseId: string, country: Partner) => Promise<unknown>>> = {
    opened: async () => {},
    screening: async (caseId, country) => {
      const { worker } = this.staff;
      await this.act(worker, caseId, 'record-protection-claim', { protection: 'asylum', statement: `${MARK} statement` });
      await this.act(worker, caseId, 'assign-case', { caseworkerId: worker.sub });
      await this.act(worker, caseId, 'start-screening', { country, language: 'es' });
    },
    submitted: async (caseId, country) => {
      const { worker } = this.staff;
      await this.act(worker, caseId, 'serve-notice', { notice: `transfer-to-${country.toLowerCase()}`, language: 'es', readBack: true });
      await this.act(worker, caseId, 'record-fear-inquiry', { fearsPartnerCountry: false, language: 'es', account: `${MARK} account` });
      await this.submit(caseId);
    },
    amenable: caseId => this.confirm(caseId),
    requested: (caseId, country) => this.act(this.staff.liaison, caseId, 'request-transfer', { country }),
    accepted: caseId => this.act(this.staff.liaison, caseId, 'record-transfer-reply', { reply: 'accepted', reference: `${MARK}-REPLY` }),
    scheduled: (caseId, country) => this.schedule([caseId], { country }),
    boarding: caseId => this.board(this.flightOf(caseId)),
    departed: caseId => this.depart(this.flightOf(caseId)),
    transferred: caseId => this.arrive(this.flightOf(caseId)),
    applied: (caseId, country) =>
      this.act(this.staff.liaison, caseId, 'record-asylum-application', {
        country,
        authority: 'national asylum office',
        reference: `${MARK}-APPLICATION`,
      }),
  };
}
