import { randomUUID } from 'node:crypto';
import type { AgreementEvent } from '../../src/agreements/agreement.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { uuidV5 } from '../../src/event-store/command-identity.js';
import type { AppendRequest, EventStore, NewEvent } from '../../src/event-store/event-store.js';
import { newestVersion, type DomainEvent } from '../../src/event-store/stream-kind.js';
import type { ManifestEvent } from '../../src/manifests/manifest.events.js';
import { seal } from '../../src/personal-data/sealing.js';
import type { DataKey, DataKeys } from '../../src/personal-data/data-keys.js';
import type { ReceptionEvent } from '../../src/reception/reception.events.js';
import { journeyOf, NATION, seatOn, someCountry, type Journey, type Seat } from './journey.js';

const AT_ONCE = 2_000;
const PASSENGERS = 40;
/** Appends on their way to the store at once. */
const IN_FLIGHT = 8_000;
const BEGIN = Date.parse('2020-01-13T08:00:00Z');
const SECONDS_BETWEEN = 20;
const COMMANDS = 'b0d9cc9b-6a0c-4c6b-bd0e-3f1f4bdc2f7a';

interface Underway extends Journey {
  readonly key: DataKey;
  place: number;
}

/** Writes what some thousand cases lived through, each with twenty events or so and 2,000 of them open at once. */
export class History {
  /** Of people whom no journey is about: else their files would be flagged as possible duplicates. */
  private static longCases = 90_000_000;
  private readonly revisions = new Map<string, number>();
  private readonly seats = new Map<Seat['country'], { seat: Seat; taken: string[] }>();
  private readonly writing = new Set<Promise<unknown>>();
  private written = 0;
  private people = 0;

  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
    /** RFC 3339 UTC; unless told otherwise the time of what is written passes as it was invented, from January 2020 on. */
    private readonly clock?: () => string,
  ) {}

  /** @returns how many events were written */
  async write(atLeast: number): Promise<number> {
    for (const country of ['GT', 'SV', 'HN'] as const) await this.agree(country);
    const underway: Underway[] = [];
    while (this.written < atLeast) {
      while (underway.length < AT_ONCE) underway.push(await this.begin());
      const index = Math.floor(Math.random() * underway.length);
      const one = underway[index] as Underway;
      await this.proceed(one);
      if (one.place === one.events.length) {
        underway[index] = underway.at(-1) as Underway;
        underway.pop();
      }
    }
    await Promise.all(this.writing);
    return this.written;
  }

  /** Cases with as many events each. @returns their ids */
  async writeLong(cases: number, events: number): Promise<string[]> {
    const caseIds: string[] = [];
    const people = History.longCases;
    History.longCases += 3_000;
    for (let number = 0; number < cases; number++) {
      const {
        caseId,
        events: [opened, claimed, assigned],
      } = journeyOf(people + number, null, this.now());
      const key = await this.keys.take();
      const notes = Array.from({ length: events - 3 }, (_, turn): DomainEvent => ({
        type: 'NoteAdded',
        data: {},
        personal: { text: `Called the shelter. Entry ${turn}.` },
      }));
      const all = [opened, claimed, assigned, ...notes] as DomainEvent[];
      for (let from = 0; from < all.length; from += 25) await this.append(`case-${caseId}`, all.slice(from, from + 25), key);
      caseIds.push(caseId);
    }
    await Promise.all(this.writing);
    return caseIds;
  }

  /** Files of so many people, opened and no more. */
  async writeOpenings(people: number): Promise<void> {
    for (let number = 0; number < people; number++) {
      const { caseId, events } = journeyOf(number, null, this.now());
      await this.append(`case-${caseId}`, events.slice(0, 1), await this.keys.take());
    }
    await Promise.all(this.writing);
  }

  /** Cases accepted by a country and waiting for their flight, with all that brought them there. @returns their ids */
  async writeAccepted(cases: number, country: Seat['country']): Promise<string[]> {
    await this.agree(country);
    const caseIds: string[] = [];
    const seat = seatOn(randomUUID(), country, this.now());
    for (let number = 0; number < cases; number++) {
      const { caseId, events } = journeyOf(number, seat, this.now());
      const until = events.findIndex(({ type }) => type === 'TransferAccepted') + 1;
      await this.append(`case-${caseId}`, events.slice(0, until), await this.keys.take());
      caseIds.push(caseId);
    }
    await Promise.all(this.writing);
    return caseIds;
  }

  private async begin(): Promise<Underway> {
    const number = this.people++;
    return {
      ...journeyOf(number, number % 3 === 0 ? null : await this.seatFor(someCountry(number)), this.now()),
      key: await this.keys.take(),
      place: 0,
    };
  }

  private async proceed(one: Underway): Promise<void> {
    const event = one.events[one.place++] as DomainEvent;
    if (event.type === 'TransferScheduled' && one.seat) await this.board(one.caseId, one.seat);
    await this.append(`case-${one.caseId}`, [event], one.key);
  }

  private async board(caseId: string, { manifestId, country, week }: Seat): Promise<void> {
    const reserved: ReceptionEvent = { type: 'PlaceReserved', data: { caseId, week, manifestId } };
    const added: ManifestEvent = { type: 'PassengerAdded', data: { caseId } };
    await this.append(`manifest-${manifestId}`, [added]);
    await this.append(`reception-${country}`, [reserved]);
  }

  /** A flight takes the next forty; the one before them leaves. */
  private async seatFor(country: Seat['country']): Promise<Seat> {
    const flight = this.seats.get(country);
    if (flight && flight.taken.length < PASSENGERS) {
      flight.taken.push('');
      return flight.seat;
    }
    const seat = seatOn(randomUUID(), country, this.now());
    this.seats.set(country, { seat, taken: [''] });
    const drafted: ManifestEvent = {
      type: 'ManifestDrafted',
      data: { country, flight: `${country}101`, departsAt: seat.departsAt, week: seat.week },
    };
    const declared: ReceptionEvent = { type: 'CapacityDeclared', data: { week: seat.week, places: 1_000 } };
    await this.append(`manifest-${seat.manifestId}`, [drafted]);
    await this.append(`reception-${country}`, [declared]);
    return seat;
  }

  private async agree(country: Seat['country']): Promise<void> {
    const events: AgreementEvent[] = [
      { type: 'AgreementSigned', data: { on: '2019-07-26' } },
      {
        type: 'AgreementRulesPublished',
        data: {
          version: 1,
          replyDays: 14,
          acceptanceValidDays: 60,
          clearanceValidHours: 24,
          followUp: ['PT72H', 'P30D', 'P90D'],
          acceptedNationalities: [NATION],
        },
      },
      { type: 'ImplementationPlanAgreed', data: { on: '2019-11-15' } },
      { type: 'AgreementEnteredIntoForce', data: { from: '2019-11-15' } },
    ];
    await this.append(`agreement-${country}`, events);
  }

  /** Resolves once there is room for more; how it went shows when all is written. */
  private async append(stream: string, facts: readonly DomainEvent[], key?: DataKey): Promise<void> {
    const last = this.revisions.get(stream) ?? -1;
    this.revisions.set(stream, last + facts.length);
    const events = facts.map((fact, index) => this.recorded(stream, last + 1 + index, fact, key));
    const append = this.stored({ stream, expectedRevision: last < 0 ? 'no-stream' : last, events });
    this.writing.add(append);
    void append.then(
      () => this.writing.delete(append),
      () => undefined,
    );
    if (this.writing.size >= IN_FLIGHT) await Promise.race(this.writing);
  }

  private async stored(request: AppendRequest): Promise<void> {
    const [result] = await this.store.append([request]);
    if (result?.outcome !== 'ok') throw new Error(`the history was not stored: ${result?.outcome}`);
    this.written += request.events.length;
  }

  private recorded(stream: string, revision: number, { type, data, personal }: DomainEvent, key: DataKey | undefined): NewEvent {
    const id = uuidV5(`${stream} ${revision}`, COMMANDS);
    const now = this.now();
    const sealing = personal && key;
    return {
      id,
      type,
      schemaVersion: newestVersion(caseStream, type) ?? 1,
      data: data as Record<string, unknown>,
      ...(sealing && { personal: seal(key.key, { stream, eventId: id, type, keyId: key.keyId }, personal) }),
      metadata: {
        actor: { id: `cw-${revision % 40}`, roles: ['caseworker'], office: 'ELP' },
        commandId: id,
        commandHash: 'uK1mPbVb5dT9m8f4h0ZbYF2m1n0K3pQ8s6x7w5v4u3t',
        correlationId: id,
        causationId: id,
        occurredAt: now,
        recordedAt: now,
        ...(sealing && { keyId: key.keyId }),
      },
    };
  }

  private now(): string {
    return this.clock?.() ?? new Date(BEGIN + this.written * SECONDS_BETWEEN * 1000).toISOString();
  }
}
