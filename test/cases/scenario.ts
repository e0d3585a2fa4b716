import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import type { AgreementEvent, PartnerCountry, RuleSet } from '../../src/agreements/agreement.events.js';
import { agreementStream, type Agreement } from '../../src/agreements/agreement.state.js';
import * as aftercare from '../../src/cases/aftercare.commands.js';
import type { CaseEvent, HoldKind, Outcome as Determined } from '../../src/cases/case.events.js';
import { caseRuleBook } from '../../src/cases/case.rule-book.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import type { Status } from '../../src/cases/case.status.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import { ApplicantBody, EncounterBody } from '../../src/cases/applicant.commands.js';
import * as intake from '../../src/cases/intake.commands.js';
import { openCase } from '../../src/cases/intake.rules.js';
import * as screening from '../../src/cases/screening.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import { classOf, type Act } from '../../src/event-store/act.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import { SYSTEM } from '../../src/event-store/actor.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { momentOf } from '../../src/event-store/ledger.js';
import type { FactReader, HistoryReader } from '../../src/event-store/fact-reader.js';
import { decideBy } from '../../src/event-store/rule.js';
import type { Described } from '../../src/event-store/shape.js';
import { foldHistory, type DomainEvent, type Recorded } from '../../src/event-store/stream-kind.js';
import { millis, toInstant } from '../../src/fields/time.js';
import { manifestStream, noManifest, type Manifest } from '../../src/manifests/manifest.state.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import { folded, person, told, type Outcome, type Told } from '../support/given.js';

/* One invented person, the office, and the world around. All applicants are synthetic. */

export { refused } from '../support/given.js';

export const CASE = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
export const FLIGHT = '7f1f3c52-91ab-4a5e-8c0d-2f6f7b9a1e10';
export const OTHER_FLIGHT = '7f1f3c52-91ab-4a5e-8c0d-2f6f7b9a1e11';
export const PIECE = '51b0a3de-40a1-4f0e-a2f7-0c7d8a1b2c3d';
export const HOLD = '9a6f1d2e-1b3c-4d5e-8f90-a1b2c3d4e5f6';
export const NOTHING = '00000000-0000-4000-8000-000000000000';
export const WEEK = '2020-W04';

export const ana = person('cw-ana', 'caseworker');
export const beto = person('cw-beto', 'caseworker');
export const dina = person('sup-dina', 'supervisor');
export const emil = person('sup-emil', 'supervisor');
export const gus = person('li-gus', 'liaison');
export const system = SYSTEM;

/** What other streams say. */
export interface World {
  readonly agreements: Readonly<Partial<Record<PartnerCountry, Agreement>>>;
  readonly manifests: Readonly<Record<string, Manifest>>;
  /** Of other people, or of the same person. */
  readonly cases?: Readonly<Record<string, AsylumCase>>;
  /** Kept for the person in the country of the transfer. */
  readonly place: { readonly week: string; readonly manifestId: string } | null;
}

interface Standing extends Partial<Omit<RuleSet, 'version'>> {
  readonly inForceFrom?: string | null;
  readonly suspended?: string;
  readonly reinstated?: string;
}

const on = (event: AgreementEvent, at: string) => told(event, { at });

/** An agreement signed long ago, with rules; in force since 2019-11-15 unless told otherwise. */
export function agreement({ inForceFrom = '2019-11-15', suspended, reinstated, ...rules }: Standing = {}): Agreement {
  const published: RuleSet = {
    version: 1,
    replyDays: 14,
    acceptanceValidDays: 60,
    clearanceValidHours: 24,
    followUp: ['PT72H', 'P30D', 'P90D'],
    ...rules,
  };
  const suspensionId = 'the-suspension';
  return folded<Agreement, AgreementEvent>(agreementStream, [
    on({ type: 'AgreementSigned', data: { on: '2019-07-26' } }, '2019-07-26T12:00:00Z'),
    on({ type: 'AgreementRulesPublished', data: published }, '2019-07-27T12:00:00Z'),
    on({ type: 'ImplementationPlanAgreed', data: { on: '2019-07-28' } }, '2019-07-28T12:00:00Z'),
    ...(inForceFrom === null ? [] : [on({ type: 'AgreementEnteredIntoForce', data: { from: inForceFrom } }, '2019-07-29T12:00:00Z')]),
    ...(suspended === undefined
      ? []
      : [
          on(
            { type: 'AgreementSuspended', data: { suspensionId, from: suspended, scope: 'transfers', reasonCode: 'review' } },
            '2019-12-01T12:00:00Z',
          ),
        ]),
    ...(reinstated === undefined
      ? []
      : [on({ type: 'AgreementReinstated', data: { suspensionId, from: reinstated } }, '2019-12-02T12:00:00Z')]),
  ]);
}

export const approvedFlight: Manifest = {
  ...noManifest,
  status: 'approved',
  country: 'GT',
  flight: 'GT101',
  departsAt: '2020-01-22T15:00:00Z',
  week: WEEK,
  draftedBy: gus.id,
  approvedBy: emil.id,
  passengers: [CASE],
  revision: 2,
};

/** Both agreements in force, a place kept, a flight approved with the person on it. */
const peaceful: World = {
  agreements: { GT: agreement(), HN: agreement() },
  manifests: { [FLIGHT]: approvedFlight },
  place: { week: WEEK, manifestId: FLIGHT },
};
export const world = (change: Partial<World>): World => ({ ...peaceful, ...change });

/** Reads that world as a rule reads other streams. */
const readerOf = ({ agreements, manifests, place, cases }: World): FactReader => ({
  read: async <S, E extends DomainEvent>(
    kind: { readonly category: string; readonly initial: S } & { readonly events: Described<E> },
    id: string,
  ) => {
    const known: Readonly<Record<string, unknown>> = {
      [agreementStream.category]: agreements[id as PartnerCountry],
      [manifestStream.category]: manifests[id],
      [caseStream.category]: cases?.[id],
      [receptionStream.category]: place && folded(receptionStream, [{ type: 'PlaceReserved', data: { ...place, caseId: CASE } }]),
    };
    const state = known[kind.category] as S | undefined;
    return state ? { state, revision: 0 } : { state: kind.initial, revision: -1 };
  },
});

/** A command as somebody sends it; the body may depend on what is on record. */
export interface Sent extends Told {
  readonly command: Type<Act>;
  readonly body: object | ((asylumCase: AsylumCase, history: readonly Recorded<CaseEvent>[]) => object);
  readonly around?: World;
}
export type Step = Sent | (CaseEvent & Told);
export type Circumstances = Told & { readonly around?: World };

/** The command, sent by that person unless told otherwise. */
export const send = (command: Type, body: Sent['body'], by: Actor, circumstances: Circumstances = {}): Sent => ({
  command: command as Type<Act>,
  body,
  by,
  ...circumstances,
});

const BEGINNING = '2020-01-13T15:00:00Z';
const isSent = (step: Step): step is Sent => 'command' in step;

/** One case as it is decided and folded in production: only where events are kept is another place. */
export class Casebook {
  readonly history: Recorded<CaseEvent>[] = [];
  asylumCase: AsylumCase = caseStream.initial;
  /** Of the newest step; the next one comes a minute later unless told. */
  now = BEGINNING;

  constructor(public around: World = peaceful) {}

  /** What a rule would read of the world, and of the case itself. */
  reader(around = this.around): HistoryReader {
    return { ...readerOf(around), history: async () => this.history as never };
  }

  /** The same case, to go on with in another way. */
  fork(): Casebook {
    const other = new Casebook(this.around);
    other.history.push(...this.history);
    return Object.assign(other, { asylumCase: this.asylumCase, now: this.now });
  }

  /** @throws Error where a step is refused or does nothing */
  async add(...steps: readonly Step[]): Promise<this> {
    for (const step of steps) {
      if (!isSent(step)) {
        this.keep([step], { ...this.circumstances(step), commandId: randomUUID() });
        continue;
      }
      const outcome = await this.send(step);
      if (!Array.isArray(outcome) || outcome.length === 0)
        throw new Error(`${step.command.name} does not lead there: ${JSON.stringify(outcome)} in ${this.asylumCase.status}`);
    }
    return this;
  }

  /** Decides and, where events follow, keeps them. */
  async send(sent: Sent): Promise<Outcome<CaseEvent>> {
    const act = this.act(sent);
    try {
      const events = await this.decide(act, sent.around ?? this.around);
      this.keep(events, { ...this.circumstances(sent), commandId: act.context.commandId });
      return events;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { refused: error.violations.map(({ code, pointer }) => (pointer === undefined ? code : `${code} ${pointer}`)) };
    }
  }

  /** @throws DomainError with all that the answer would show */
  async attempt(sent: Sent): Promise<readonly CaseEvent[]> {
    return this.decide(this.act(sent), sent.around ?? this.around);
  }

  private async decide(act: Act, around: World): Promise<readonly CaseEvent[]> {
    const moment = momentOf(act, this.history.length);
    const { decider } = caseUseCases;
    const events =
      act instanceof intake.OpenCase
        ? decideBy(caseRuleBook, openCase, act, this.asylumCase, { ...moment, possibleDuplicates: [], previous: new Set<string>() })
        : await decider.decide(act, this.asylumCase, moment, this.reader(around));
    const { type } = classOf(act);
    const strange = events.filter(event => !decider.useCase(type)?.leadsTo.includes(event.type));
    if (strange.length > 0) throw new Error(`${type} led to ${typesOf(strange)}, which its line does not name`);
    return events;
  }

  private act(sent: Sent): Act {
    const { by, at, occurredAt } = this.circumstances(sent);
    const body = typeof sent.body === 'function' ? sent.body(this.asylumCase, this.history) : sent.body;
    const commandId = randomUUID();
    const context = { actor: by, commandId, correlationId: commandId, causationId: commandId, now: at };
    return Object.assign(new sent.command(), body, { streamId: CASE, context }, occurredAt === undefined ? {} : { occurredAt });
  }

  private circumstances({ by = gus, at, occurredAt }: Told) {
    return { by, at: at ?? (this.history.length === 0 ? this.now : toInstant(millis(this.now) + 60_000)), occurredAt };
  }

  private keep(
    events: readonly CaseEvent[],
    { by, at, occurredAt, commandId }: { by: Actor; at: string; occurredAt?: string; commandId: string },
  ): void {
    this.now = at;
    for (const event of events) {
      const metadata = {
        actor: by,
        commandId,
        commandHash: '',
        correlationId: commandId,
        causationId: commandId,
        recordedAt: at,
        occurredAt: event.occurredAt ?? occurredAt ?? at,
      };
      const stored = {
        id: randomUUID(),
        stream: `case-${CASE}`,
        revision: this.history.length,
        type: event.type,
        data: event.data,
        personal: event.personal ?? null,
        metadata,
      } as Recorded<CaseEvent>;
      this.history.push(stored);
      this.asylumCase =
        stored.type === 'EntryRetracted' ? foldHistory(caseStream, this.history) : caseStream.evolve(this.asylumCase, stored);
    }
  }
}

/** What was on record, so that a command can be asked of it. */
export function given(...steps: readonly Step[]) {
  return {
    when: async (sent: Sent): Promise<Outcome<CaseEvent>> => (await new Casebook().add(...steps)).send(sent),
    /** The case after a command that must not be refused. */
    after: async (...more: readonly Step[]): Promise<AsylumCase> => (await new Casebook().add(...steps, ...more)).asylumCase,
    /** The whole refusal. */
    refusal: async (sent: Sent): Promise<DomainError> => {
      const book = await new Casebook().add(...steps);
      try {
        await book.attempt(sent);
      } catch (error) {
        if (error instanceof DomainError) return error;
        throw error;
      }
      throw new Error(`${sent.command.name} was not refused`);
    },
  };
}

export const typesOf = (outcome: Outcome<CaseEvent>): readonly string[] | Outcome<CaseEvent> =>
  isRefusal(outcome) ? outcome : (outcome as readonly CaseEvent[]).map(({ type }) => type);
export const isRefusal = (outcome: Outcome<CaseEvent>): outcome is { refused: readonly string[] } => 'refused' in outcome;

/* The usual course, step by step. */

const applicant = {
  givenNames: 'Ana Lucía',
  familyName: 'Synthetic-0001',
  birthDate: '1990-05-17',
  nationalities: ['HN'],
  languages: ['es'],
  accompaniedBy: 'none' as const,
};
const encounter = { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'port-of-entry' as const };
interface Opening {
  readonly applicant?: Partial<ApplicantBody>;
  readonly encounter?: Partial<EncounterBody>;
  readonly documents?: intake.OpenCase['documents'];
}
export const opening = (
  { applicant: person = {}, encounter: met = {}, documents = 'none' }: Opening = {},
  circumstances?: Circumstances,
): Sent =>
  send(intake.OpenCase, { applicant: { ...applicant, ...person }, encounter: { ...encounter, ...met }, documents }, ana, circumstances);

export const claiming = (circumstances?: Circumstances): Sent =>
  send(intake.RecordProtectionClaim, { protection: 'asylum' }, ana, circumstances);
export const assigning = (caseworkerId = ana.id): Sent => send(intake.AssignCase, { caseworkerId }, dina);
export const screeningFor = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(screening.StartScreening, { country, language: 'es' }, ana, circumstances);
export const serving = (body: object = {}, circumstances?: Circumstances): Sent =>
  send(screening.ServeNotice, { notice: 'transfer', language: 'es', readBack: true, ...body }, ana, circumstances);
export const asking = (fearsPartnerCountry = false, body: object = {}, circumstances?: Circumstances): Sent =>
  send(screening.RecordFearInquiry, { fearsPartnerCountry, language: 'es', ...body }, ana, circumstances);
export const assessing = (body: object = {}, circumstances?: Circumstances): Sent =>
  send(screening.AssessFear, { persecution: false, torture: false, reasons: 'reasons', ...body }, ana, circumstances);
export const excepting = (ground: string, circumstances?: Circumstances): Sent =>
  send(screening.EstablishException, { ground, evidence: 'evidence' }, ana, circumstances);
export const submitting = (outcome: Determined = 'amenable', circumstances?: Circumstances): Sent =>
  send(screening.SubmitDetermination, { outcome, reasons: 'reasons' }, ana, circumstances);
const underReview = ({ screening: s }: AsylumCase) => ({ determinationId: s?.determination?.determinationId ?? NOTHING });
export const confirming = (circumstances?: Circumstances): Sent => send(screening.ConfirmDetermination, underReview, dina, circumstances);
export const returning = (circumstances?: Circumstances): Sent => send(screening.ReturnDetermination, underReview, dina, circumstances);
export const fearing = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(screening.ExpressFear, { country, account: 'account' }, beto, circumstances);
export const referring = (circumstances?: Circumstances): Sent =>
  send(screening.ReferToUsProcedure, { ground: 'fear-established' }, dina, circumstances);
export const requesting = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(transfer.RequestTransfer, { country }, gus, circumstances);
export const replying = (reply: 'accepted' | 'refused' = 'accepted', circumstances?: Circumstances): Sent =>
  send(transfer.RecordTransferReply, { reply, reference: 'GT-1' }, gus, circumstances);
export const scheduling = (manifestId = FLIGHT, circumstances?: Circumstances): Sent =>
  send(transfer.ScheduleTransfer, { manifestId, placeWeek: WEEK, departsAt: '2020-01-22T15:00:00Z' }, system, circumstances);
export const unscheduling = (manifestId = FLIGHT): Sent =>
  send(transfer.UnscheduleTransfer, { manifestId, cause: 'passenger-removed' }, system);
export const telling = (body: object = {}, circumstances?: Circumstances): Sent =>
  send(transfer.TellDestination, { country: 'GT', language: 'es', ...body }, gus, circumstances);
export const holding = (kind: HoldKind = 'medical', holdId = HOLD, circumstances?: Circumstances): Sent =>
  send(transfer.PlaceHold, { holdId, kind }, beto, circumstances);
export const releasing = (body: object = {}, circumstances?: Circumstances): Sent =>
  send(transfer.ReleaseHold, { holdId: HOLD, ...body }, dina, circumstances);
export const clearing = (circumstances?: Circumstances & { readonly manifestId?: string }): Sent => {
  const { manifestId = FLIGHT, ...rest } = circumstances ?? {};
  return send(transfer.ClearForBoarding, { manifestId }, gus, rest);
};
export const departing = (circumstances?: Circumstances): Sent => send(transfer.RecordDeparture, { flight: 'GT101' }, gus, circumstances);
export const leavingIrregularly = (circumstances?: Circumstances): Sent =>
  send(transfer.RecordDeparture, { flight: 'GT101', irregular: { explanation: 'boarded by mistake' } }, gus, circumstances);
export const arriving = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(transfer.ConfirmArrival, { country, receivedBy: 'desk' }, gus, circumstances);
export const aborting = (): Sent => send(transfer.AbortTransfer, { reasonCode: 'illness' }, gus);
export const comingBack = (circumstances?: Circumstances): Sent =>
  send(transfer.RecordReturn, { reasonCode: 'turned-back' }, gus, circumstances);
export const withdrawing = (body: object = {}, circumstances?: Circumstances): Sent =>
  send(transfer.WithdrawClaim, { voluntary: true, language: 'es', ...body }, ana, circumstances);
export const revoking = (circumstances?: Circumstances): Sent => send(transfer.RevokeWithdrawal, {}, ana, circumstances);
export const intending = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(aftercare.RecordAsylumIntention, { country }, gus, circumstances);
export const applying = (country: PartnerCountry = 'GT', circumstances?: Circumstances): Sent =>
  send(aftercare.RecordAsylumApplication, { country, authority: 'national asylum office', reference: 'A-1' }, gus, circumstances);
export const deciding = (outcome: 'granted' | 'denied' | 'other-protection', circumstances?: Circumstances): Sent =>
  send(aftercare.RecordAsylumDecision, { outcome, final: false, reference: 'D-1' }, gus, circumstances);
export const abandoning = (circumstances?: Circumstances): Sent =>
  send(aftercare.RecordAbandonment, { reasonCode: 'left' }, gus, circumstances);
/** The newest entry of that type. */
export const retracting = (type: CaseEvent['type'], circumstances?: Circumstances): Sent =>
  send(
    intake.RetractEntry,
    (_: AsylumCase, history: readonly Recorded<CaseEvent>[]) => ({
      eventId: history.findLast(event => event.type === type)?.id ?? NOTHING,
      reasonCode: 'other-person',
    }),
    dina,
    circumstances,
  );
export const dying = (circumstances?: Circumstances): Sent => send(intake.RecordDeath, {}, gus, circumstances);
export const closing = (): Sent => send(intake.CloseCase, { reasonCode: 'ended' }, dina);
export const reopening = (): Sent => send(intake.ReopenCase, { reasonCode: 'in-error' }, dina);

export const inScreening: readonly Step[] = [opening(), claiming(), assigning(), screeningFor()];
export const prepared: readonly Step[] = [...inScreening, serving(), asking()];
const arrived: readonly Step[] = [
  ...prepared,
  submitting(),
  confirming(),
  requesting(),
  replying(),
  scheduling(),
  telling(),
  clearing(),
  departing(),
  arriving(),
];
const upTo = (steps: number): readonly Step[] => arrived.slice(0, steps);

/** How a case comes to each status on the shortest way. */
export const leadingTo: Readonly<Record<Status, readonly Step[]>> = {
  opened: [opening()],
  screening: inScreening,
  'awaiting-review': upTo(7),
  amenable: upTo(8),
  'transfer-requested': upTo(9),
  'transfer-accepted': upTo(10),
  'transfer-scheduled': upTo(11),
  'in-transit': upTo(14),
  transferred: arrived,
  'asylum-pending': [...arrived, applying()],
  'asylum-granted': [...arrived, applying(), deciding('granted')],
  'asylum-denied': [...arrived, applying(), deciding('denied')],
  'asylum-abandoned': [...arrived, applying(), abandoning()],
  'screened-out': [...prepared, submitting('not-amenable'), confirming()],
  'us-procedure': [opening(), referring()],
  withdrawn: [opening(), withdrawing()],
  closed: [opening(), referring(), closing()],
};
/** Scheduled and told where the flight goes. */
export const readyToBoard: readonly Step[] = upTo(12);
/** Scheduled, told where the flight goes, and cleared for boarding. */
export const cleared: readonly Step[] = upTo(13);
