import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { PartnerCountry } from '../../agreements/agreement.events.js';
import { agreementUseCases } from '../../agreements/agreement.use-cases.js';
import { caseRuleBook } from '../../cases/case.rule-book.js';
import { caseStream } from '../../cases/case.stream.js';
import { caseUseCases } from '../../cases/case.use-cases.js';
import { OpenCase } from '../../cases/intake.commands.js';
import { openCase } from '../../cases/intake.rules.js';
import type { Config } from '../../config.js';
import type { Clock } from '../../database/clock.js';
import type { Act, Receipt } from '../../event-store/act.js';
import { Erasing } from '../../event-store/erasing.js';
import { type Actor, EventStore, START } from '../../event-store/event-store.js';
import { Ledger } from '../../event-store/ledger.js';
import { decideBy } from '../../event-store/rule.js';
import { plusDays, plusHours, weekOf } from '../../fields/time.js';
import { manifestUseCases } from '../../manifests/manifest.use-cases.js';
import { FollowersPresence } from '../../operating/followers-presence.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { whenFlightProceedsMovePassengers } from '../../processes/when-flight-proceeds-move-passengers.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { ProcessInbox, triggerOf } from '../../reacting/process-inbox.js';
import { Reactions } from '../../reacting/reactions.js';
import { receptionUseCases } from '../../reception/reception.use-cases.js';
import { agreed, FROM, idOfLoad, lifeOf, type Life, type Stage, STAGES, type Step } from './life.js';

/** People who live through the same days; a week later the next do. */
const AT_ONCE = 1_000;
const SEATS = 40;
const FIRST_FLIGHT = '2019-11-26T15:00:00Z';
const BEGINNING = '2019-11-15T12:00:00Z';
/** Commands on their way at once. */
const IN_FLIGHT = 512;
const COUNTRIES = Object.keys(FROM) as PartnerCountry[];
const DECIDERS = {
  agreement: agreementUseCases.decider,
  case: caseUseCases.decider,
  manifest: manifestUseCases.decider,
  reception: receptionUseCases.decider,
};
type Category = keyof typeof DECIDERS;

interface Flight {
  readonly country: PartnerCountry;
  readonly manifestId: string;
  readonly flight: string;
  readonly passengers: string[];
}

const staff = (id: string, role: string, office: string): Actor => ({ id, roles: [role], office });
const ADMIN = staff('adm-load', 'admin', 'HQ');
const LIAISON = staff('li-load', 'liaison', 'HQ');
const APPROVER = staff('sup-load', 'supervisor', 'HQ');

export interface OfflineLoad {
  readonly cases: number;
  readonly seed: number;
  /** Called with the number of cases that have come to their end since it was last called. */
  readonly progress: (cases: number) => void;
}

/**
 * Lets invented people live through their cases, decided by the real rules in an invented time, straight into the store. Killed, it is
 * called again in the same way and goes on. No read model is built, and of the processes only the one that moves passengers runs.
 * @throws Error in production, beside a service that runs, or where the store holds anything else; StoreUnavailable
 */
export async function loadOffline(app: INestApplicationContext, config: Pick<Config, 'production'>, load: OfflineLoad): Promise<void> {
  if (config.production) throw new Error('load --offline invents events: it refuses where NODE_ENV=production');
  if (await app.get(FollowersPresence).seen())
    throw new Error('a service runs on this database: stop it, load --offline has a time of its own');
  const store = app.get(EventStore);
  await assertOwn(store, idOfLoadOf(load));
  await new OfflineOffice(app, load).run();
}

/** Of another number of people the last flights would be others. */
const idOfLoadOf = ({ seed, cases }: OfflineLoad): string => idOfLoad(seed, `load of ${cases}`);

async function assertOwn(store: EventStore, loadId: string): Promise<void> {
  if ((await store.newest()) === START) return;
  for await (const [first] of store.readAll({ limit: 1 })) {
    if (first?.metadata.correlationId === loadId) return;
    break;
  }
  throw new Error(
    'the event store holds something else than what load --offline stored for these --cases and this --seed: it wants an empty one',
  );
}

/** All of the offices, in an invented time. */
class OfflineOffice {
  private now = BEGINNING;
  private readonly ledger: Ledger;
  private readonly store: EventStore;
  private readonly reactions: Reactions;
  private readonly loadId: string;

  constructor(
    app: INestApplicationContext,
    private readonly load: OfflineLoad,
  ) {
    this.ledger = app.get(Ledger);
    this.store = app.get(EventStore);
    this.loadId = idOfLoadOf(load);
    const clock: Clock = { now: () => this.now, refresh: async () => undefined, during: work => work() };
    const [personalData, kinds, bus] = [app.get(PersonalData), app.get(StreamKinds), app.get(CommandBus)];
    this.reactions = new Reactions(this.store, personalData, kinds, this.ledger, bus, clock, app.get(ProcessInbox), app.get(Erasing));
  }

  async run(): Promise<void> {
    for (const country of COUNTRIES)
      for (const [command, body] of agreed(country)) await this.act(ADMIN, 'agreement', country, command, body);
    const { cases } = this.load;
    for (let first = 0; first < cases; first += AT_ONCE) await this.week(first, Math.min(first + AT_ONCE, cases));
  }

  private async week(first: number, end: number): Promise<void> {
    const departsAt = plusDays(FIRST_FLIGHT, (first / AT_ONCE) * 7);
    const lives = Array.from({ length: end - first }, (_, index) => lifeOf(this.load.seed, first + index, departsAt));
    for (const stage of ['intake', 'screening', 'review', 'request', 'reply', 'preparation'] as const)
      await this.live(lives, stage, departsAt);
    await this.fly(lives, departsAt);
    await this.live(lives, 'afterwards', departsAt);
    this.load.progress(lives.length);
  }

  private async live(lives: readonly Life[], stage: Stage, departsAt: string): Promise<void> {
    this.now = plusHours(departsAt, -STAGES[stage]);
    await sideBySide(lives, async life => {
      for (const [at, step] of life.steps[stage].entries()) await this.step(life, step, `${stage} ${at}`);
    });
  }

  private async step({ caseId, office, caseworker }: Life, { by, command, body }: Step, name: string): Promise<void> {
    const actor =
      by === 'liaison' ? LIAISON : by === 'supervisor' ? staff(`sup-${office.toLowerCase()}`, by, office) : staff(caseworker, by, office);
    await this.act(actor, 'case', caseId, command, typeof body === 'function' ? body(await this.determinationOf(caseId)) : body, name);
  }

  private async determinationOf(caseId: string): Promise<string> {
    const { state } = await this.ledger.read(caseStream, caseId);
    return state.screening?.determination?.determinationId ?? '';
  }

  /** All flights of a day, and what the process does with their passengers. */
  private async fly(lives: readonly Life[], departsAt: string): Promise<void> {
    const week = weekOf(departsAt);
    this.now = plusHours(departsAt, -20);
    for (const country of COUNTRIES) await this.act(ADMIN, 'reception', country, 'DeclareCapacity', { week, places: AT_ONCE }, week);
    const flights = COUNTRIES.flatMap(country => this.flightsTo(country, lives, week));
    const forEach = (hours: number, work: (flight: Flight) => Promise<void>): Promise<void> => {
      this.now = plusHours(departsAt, hours);
      return sideBySide(flights, work);
    };
    await forEach(-20, async ({ country, manifestId, flight, passengers }) => {
      await this.act(LIAISON, 'manifest', manifestId, 'DraftManifest', { country, flight, departsAt, week });
      for (const caseId of passengers) await this.act(LIAISON, 'manifest', manifestId, 'AddPassenger', { caseId }, caseId);
      await this.proceed(manifestId, APPROVER, 'Approve', { revision: passengers.length });
    });
    await forEach(-3, ({ manifestId }) => this.proceed(manifestId, LIAISON, 'OpenBoarding', {}));
    await forEach(0, ({ manifestId, passengers }) => this.proceed(manifestId, LIAISON, 'Depart', { boarded: passengers }));
    await forEach(4, ({ manifestId, passengers }) =>
      this.proceed(manifestId, LIAISON, 'ConfirmArrival', { arrived: passengers, receivedBy: 'Arrivals desk' }),
    );
  }

  private flightsTo(country: PartnerCountry, lives: readonly Life[], week: string): Flight[] {
    const people = lives.filter(life => life.flies && life.country === country).map(({ caseId }) => caseId);
    return Array.from({ length: Math.ceil(people.length / SEATS) }, (_, index) => ({
      country,
      manifestId: this.id(`flight ${country} ${week} ${index}`),
      flight: `${country}${101 + index}`,
      passengers: people.slice(index * SEATS, (index + 1) * SEATS),
    }));
  }

  private async proceed(manifestId: string, actor: Actor, command: string, body: object): Promise<void> {
    const { revision } = await this.act(actor, 'manifest', manifestId, command, body);
    for await (const [event] of this.store.readStream(`manifest-${manifestId}`, { from: revision, to: revision })) {
      if (event)
        await this.reactions.react(whenFlightProceedsMovePassengers, triggerOf(whenFlightProceedsMovePassengers, event), LEADS, event);
    }
  }

  private async act(actor: Actor, category: Category, streamId: string, command: string, body: object, name = ''): Promise<Receipt> {
    const decider = DECIDERS[category];
    const useCase = decider.useCase(command);
    if (!useCase) throw new Error(`there is no ${command} of ${category}`);
    const commandId = this.id(`${command} ${streamId} ${name}`);
    const context = { actor, commandId, correlationId: this.loadId, causationId: commandId, now: this.now };
    const act: Act = Object.assign(new useCase.command(), body, { streamId, context });
    return act instanceof OpenCase
      ? await this.open(act)
      : await this.ledger.decide(act, decider.decision(act) as Parameters<Ledger['decide']>[1]);
  }

  /** Nobody is looked for: each is a person of their own. */
  private open(command: OpenCase): Promise<Receipt> {
    return this.ledger.decide(command, {
      kind: caseStream,
      creates: true,
      rule: async ({ state }, moment) =>
        decideBy(caseRuleBook, openCase, command, state, { ...moment, possibleDuplicates: [], previous: new Set<string>() }),
    });
  }

  private id = (name: string): string => idOfLoad(this.load.seed, name);
}

const LEADS = { aborted: false };

async function sideBySide<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const worker = async (): Promise<void> => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, all.length) }, worker));
}
