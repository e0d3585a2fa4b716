import { isDeepStrictEqual } from 'node:util';
import { replay } from '../../src/cases/case.replay.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { isReadyFor } from '../../src/cases/case.facts.js';
import { caseRuleBook } from '../../src/cases/case.rule-book.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { fearOf } from '../../src/cases/standing.state.js';
import type { Status } from '../../src/cases/case.status.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { MarkAsDuplicate } from '../../src/cases/intake.commands.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import { agreementAt, reinstatedBy, standingAt, type Agreement } from '../../src/agreements/agreement.state.js';
import type { Act, Receipt } from '../../src/event-store/act.js';
import type { Permissions } from '../../src/event-store/decider.js';
import { DomainError } from '../../src/event-store/domain-error.js';
import { categoryOf, idOf, type Actor, type StoredEvent } from '../../src/event-store/event-store.js';
import { inOrder } from '../../src/event-store/rule.js';
import { foldHistory, recorded, type DomainEvent, type Recorded } from '../../src/event-store/stream-kind.js';
import { isAfter, millis, plusDays, plusHours, toInstant, weekOf } from '../../src/fields/time.js';
import type { Family } from '../../src/families/family.state.js';
import type { Manifest } from '../../src/manifests/manifest.state.js';
import { Died, Durable, InMemoryCaseledger } from '../support/in-memory-caseledger.js';
import {
  bodyOf,
  departureAhead,
  lineOf,
  LINES,
  MARK,
  STAFF,
  weekAhead,
  type Category,
  type Line,
  type Records,
  type Target,
} from './commands.js';
import type { Draw } from './draw.js';
import { RUNNING } from './known.js';
import { Questions } from './questions.js';
import { Breach, Safeguards } from './safeguards.js';
import { Tally } from './tally.js';

interface Folded {
  readonly state: unknown;
  readonly history: readonly Recorded<DomainEvent>[];
}

const MOST_CASES = 7;
const BEGINNING = '2020-05-04T12:00:00Z';

/**
 * One history of the whole service: people of every role send commands, processes answer, time moves, and things break.
 * After every step each new fact is judged, and the states that are kept are compared with the fold of what is stored.
 */
export class Walk implements Records {
  readonly durable = new Durable();
  readonly cases = new Map<string, AsylumCase>();
  readonly manifests = new Map<string, Manifest>();
  readonly families = new Map<string, Family>();
  readonly agreements = new Map<string, Agreement>();
  readonly trail: string[] = [];
  private readonly safeguards = new Safeguards();
  private readonly folded = new Map<string, Folded>();
  private readonly sent: { readonly act: Act; readonly receipt: Receipt }[] = [];
  private seen = 0;
  private refusalsSeen = 0;
  private service: InMemoryCaseledger;
  private readonly questions: Questions;

  /** @param idle a process that answers nothing, to see that it would be noticed */
  constructor(
    private readonly tally: Tally,
    private readonly idle?: string,
  ) {
    this.durable.now = BEGINNING;
    this.service = new InMemoryCaseledger(this.durable, idle);
    this.questions = new Questions(this.service);
  }

  get now(): string {
    return this.durable.now;
  }

  readonly eventIds = (stream: string): string[] => (this.folded.get(stream)?.history ?? []).map(({ id }) => id);

  /** An agreement in force, places, and a few people whose cases go on as far as they get. */
  async begin(draw: Draw): Promise<void> {
    this.tally.histories++;
    const countries = draw.weighted([
      [5, ['GT']],
      [3, ['GT', 'HN']],
      [1, ['GT', 'SV']],
    ]);
    for (const country of countries) {
      await this.do('agreement', 'Sign', country, draw, { on: '2019-07-26' });
      await this.do('agreement', 'PublishRules', country, draw, { acceptedNationalities: draw.chance(0.2) ? ['HN', 'SV'] : undefined });
      await this.do('agreement', 'AgreeImplementationPlan', country, draw);
      await this.do('agreement', 'BringIntoForce', country, draw, { from: '2019-11-15' });
      for (const week of new Set([weekAhead(draw, this.now), weekAhead(draw, this.now)]))
        await this.do('reception', 'DeclareCapacity', country, draw, { week });
    }
    for (let count = 1 + draw.below(3); count > 0; count--) await this.do('case', 'OpenCase', draw.uuid(), draw);
    if (draw.chance(0.4)) await this.makeFamily(draw);
    // What happens around flights is reached more often where they are not waited for.
    if (draw.chance(0.4)) for (const caseId of this.cases.keys()) await this.hurry(draw, caseId);
  }

  /** One step. @throws Breach, or whatever else should never be thrown */
  async step(draw: Draw): Promise<void> {
    this.tally.steps++;
    await draw.weighted<() => Promise<unknown>>([
      [52, () => this.useful(draw)],
      [11, () => this.anything(draw)],
      [3, () => this.protective(draw)],
      [1, () => this.markInRing(draw)],
      [8, () => this.detour(draw)],
      [14, () => this.answerOne(draw)],
      [6, () => this.settle(draw)],
      [5, () => this.moveClock(draw)],
      [2, () => this.repeat(draw)],
      [2, () => this.again(draw)],
      [2, () => this.answerTwice(draw)],
      [2, async () => this.restart()],
    ])();
    for (const { status } of this.cases.values()) Tally.count(this.tally.statuses, status);
    const asked = [...this.cases.keys()].at(this.tally.steps % MOST_CASES);
    if (asked) await this.questions.askOf(asked);
  }

  /** All that processes owe is done, and what is stored adds up to the same for whoever remembers nothing. */
  async end(draw: Draw): Promise<void> {
    await this.settle(draw);
    this.restart();
    for (const stream of this.folded.keys()) {
      const { state, history } = this.known(stream);
      const kind = this.service.kinds.required(categoryOf(stream));
      this.same((await this.service.ledger.read(kind, idOf(stream))).state, state, stream);
      if (kind.category === 'case') this.same(replay(history as Recorded<CaseEvent>[]).state, state, `the replay of ${stream}`);
      // Folding goes on without what is personal: its key may be destroyed.
      const erased = history.reduce((before, event) => kind.evolve(before as never, { ...event, personal: null }), kind.initial);
      if (JSON.stringify(erased).includes(MARK)) throw new Breach(`${stream} shows somebody whose key was destroyed`);
    }
    const caseId = draw.maybe([...this.cases.keys()]);
    if (caseId) this.asItWasKnown(`case-${caseId}`);
  }

  /** At each moment the history tells what was known then. */
  private asItWasKnown(stream: string): void {
    const history = (this.folded.get(stream)?.history ?? []) as Recorded<CaseEvent>[];
    let known = caseStream.initial;
    for (const [revision, event] of history.entries()) {
      known = event.type === 'EntryRetracted' ? foldHistory(caseStream, history.slice(0, revision + 1)) : caseStream.evolve(known, event);
      const { recordedAt } = event.metadata;
      if (history[revision + 1]?.metadata.recordedAt !== recordedAt)
        this.same(replay(history, { recordedBy: recordedAt }), { revision, state: known }, `${stream} as of ${recordedAt}`);
    }
  }

  // What people do

  /** What the procedure has next for somebody or some flight. */
  private async useful(draw: Draw): Promise<void> {
    const flight = draw.maybe(
      [...this.manifests].filter(([, { status, passengers }]) => passengers.length > 0 && status !== 'arrived' && status !== 'cancelled'),
    );
    if (flight && draw.chance(0.35)) return this.flightGoesOn(draw, ...flight);
    if (this.cases.size === 0 || (this.cases.size < MOST_CASES && draw.chance(0.03))) return this.do('case', 'OpenCase', draw.uuid(), draw);
    if (draw.chance(0.02)) return this.makeFamily(draw);
    const suspended = draw.maybe([...this.agreements].filter(([, agreement]) => standingAt(agreement, this.now).endsWith('suspended')));
    if (!suspended && draw.chance(0.01)) return this.do('agreement', 'Suspend', 'GT', draw);
    if (suspended && draw.chance(0.02)) return this.do('agreement', 'Suspend', suspended[0], draw);
    if (suspended && draw.chance(0.1)) return this.do('agreement', 'Reinstate', suspended[0], draw);
    const silent = [...this.cases].find(([, { status, transfer }]) => status === 'transferred' && transfer?.country);
    if (silent && draw.chance(0.02)) return this.do('agreement', 'PublishRules', silent[1].transfer?.country ?? '', draw);
    return this.caseGoesOn(draw, ...draw.weighted([...this.cases].map(each => [PULL[each[1].status] ?? 6, each])));
  }

  private caseGoesOn(draw: Draw, caseId: string, asylumCase: AsylumCase): Promise<void> {
    const { status, transfer, holds, claim, assignedTo, screening, evidence } = asylumCase;
    const act = (name: string, body: object = {}): Promise<void> => this.do('case', name, caseId, draw, body, screening);
    const fear = fearOf(asylumCase, screening?.country);
    if (evidence.some(({ returnedAt }) => returnedAt === null) && draw.chance(0.5))
      return act('ReturnEvidence', { evidenceId: evidence.find(({ returnedAt }) => returnedAt === null)?.evidenceId });
    const alert = asylumCase.protectionAlerts.find(({ answeredAt }) => answeredAt === null);
    if (alert && draw.chance(0.2)) return act('AnswerProtectionAlert', { alertId: alert.alertId });
    switch (status) {
      case 'opened':
        if (!claim) return act('RecordProtectionClaim');
        if (!assignedTo && draw.chance(0.7)) return act('AssignCase');
        return this.startScreening(draw, caseId);
      case 'screening':
        if (!assignedTo && draw.chance(0.7)) return act('AssignCase');
        if (!screening?.notice?.readBack) return act('ServeNotice', { language: 'es' });
        if (!screening.fearInquiry) return act('RecordFearInquiry', { language: 'es' });
        if (fear.expressed && !fear.assessed) return act('AssessFear');
        if (draw.chance(0.04)) return act('EstablishException', { ground: 'public-interest' });
        return act(
          'SubmitDetermination',
          (fear.established || screening.exceptions.length > 0) && draw.chance(0.7) ? { outcome: 'not-amenable' } : {},
        );
      case 'awaiting-review':
        return act(
          draw.weighted([
            [17, 'ConfirmDetermination'],
            [2, 'ReturnDetermination'],
            [1, 'HandOverCase'],
          ]),
        );
      case 'amenable':
        return act('RequestTransfer', { country: screening?.country });
      case 'transfer-requested':
        return act('RecordTransferReply');
      case 'transfer-accepted': {
        const hold = draw.maybe(holds.toArray());
        if (hold && draw.chance(0.7)) return act('ReleaseHold', { holdId: hold.holdId, reference: 'lifted' });
        if (!transfer?.destinationTold && draw.chance(0.4)) return act('TellDestination', { country: transfer?.country, language: 'es' });
        return this.seat(draw, caseId, asylumCase);
      }
      case 'transfer-scheduled':
        if (!transfer?.destinationTold && draw.chance(0.7)) return act('TellDestination', { country: transfer?.country, language: 'es' });
        if (draw.chance(0.2)) return act(draw.of(['ClearForBoarding', 'RecordDeparture', 'AbortTransfer', 'RecordDeath']));
        return this.flightGoesOn(draw, transfer?.manifestId ?? '', this.manifests.get(transfer?.manifestId ?? ''));
      case 'in-transit':
        if (transfer?.manifestId && draw.chance(0.3))
          return this.flightGoesOn(draw, transfer.manifestId, this.manifests.get(transfer.manifestId));
        return draw.chance(0.2) ? act('RecordReturn') : act('ConfirmArrival', { country: transfer?.country ?? screening?.country ?? 'GT' });
      case 'transferred':
        return act(
          draw.of([
            'RecordAsylumIntention',
            'RecordAsylumApplication',
            'RecordAsylumApplication',
            'ReportOnwardDeparture',
            'RecordWhereaboutsUnknown',
            'RecordReturn',
            'CloseCase',
          ]),
        );
      case 'asylum-pending':
        return act(draw.of(['RecordAsylumDecision', 'RecordAsylumDecision', 'RecordAbandonment']));
      case 'asylum-denied':
        return act(draw.of(['RecordAsylumDecision', 'CloseCase']));
      case 'asylum-abandoned':
        return act(draw.of(['RecordAsylumIntention', 'RecordAsylumApplication', 'CloseCase']));
      case 'withdrawn':
        return act(draw.of(['RevokeWithdrawal', 'RevokeWithdrawal', 'CloseCase', 'ClearForBoarding']));
      case 'screened-out':
        return draw.chance(0.5) ? this.startScreening(draw, caseId) : act(draw.of(['ReferToUsProcedure', 'CloseCase']));
      case 'closed':
        return draw.chance(0.4) ? this.erase(draw, caseId, asylumCase) : act('ReopenCase');
      default:
        return act('CloseCase');
    }
  }

  private erase(draw: Draw, caseId: string, { legalHold, erasureRequest }: AsylumCase): Promise<void> {
    const next = legalHold ? 'ReleaseLegalHold' : erasureRequest ? 'ErasePersonalData' : 'RequestErasure';
    return this.do('case', draw.chance(0.9) ? next : 'PlaceLegalHold', caseId, draw);
  }

  private startScreening(draw: Draw, caseId: string): Promise<void> {
    // Whoever is not covered stays so until somebody finds an error in the file.
    if (draw.chance(0.25))
      return this.do(
        'case',
        draw.weighted([
          [3, 'CorrectApplicant'],
          [1, 'ReferToUsProcedure'],
          [1, 'DecideAge'],
        ]),
        caseId,
        draw,
      );
    const inForce = [...this.agreements]
      .filter(([, agreement]) => standingAt(agreement, this.now) === 'in-force')
      .map(([country]) => country);
    return this.do('case', 'StartScreening', caseId, draw, {
      language: 'es',
      ...(draw.chance(0.9) && inForce.length > 0 && { country: draw.of(inForce) }),
    });
  }

  /** Onto a flight to that country that takes passengers, with whoever is ready of the family. */
  private async seat(draw: Draw, caseId: string, { transfer }: AsylumCase): Promise<void> {
    const country = transfer?.country ?? 'GT';
    const takesIn = ([, { status, country: to, passengers }]: readonly [string, Manifest]): boolean =>
      (status === 'drafted' || status === 'approved') && to === country && !passengers.includes(caseId);
    const seated = [...this.manifests].find(([, { status, passengers }]) => status === 'drafted' && passengers.includes(caseId));
    if (seated && draw.chance(0.9)) return this.flightGoesOn(draw, ...seated);
    const manifestId = draw.maybe([...this.manifests].filter(takesIn))?.[0];
    if (!manifestId || draw.chance(0.1)) {
      const departsAt = departureAhead(draw, this.now);
      const week = weekOf(departsAt);
      if (draw.chance(0.8)) await this.do('reception', 'DeclareCapacity', country, draw, { week });
      return this.do('manifest', 'DraftManifest', draw.uuid(), draw, { country, departsAt, week });
    }
    await this.do('manifest', 'AddPassenger', manifestId, draw, { caseId });
    const { members = [] } = [...this.families.values()].find(family => family.members.some(member => member.caseId === caseId)) ?? {};
    for (const other of members) {
      const found = this.cases.get(other.caseId);
      if (found && isReadyFor(found, { country, manifestId }) && draw.chance(0.9))
        await this.do('manifest', 'AddPassenger', manifestId, draw, { caseId: other.caseId });
    }
    return undefined;
  }

  /** Somebody finds out that a passenger was taken for another than he is. */
  private async correctTie(draw: Draw, { passengers }: Manifest): Promise<void> {
    const found = [...this.families].find(([, { members }]) => members.some(({ caseId }) => passengers.includes(caseId)));
    const caseId = draw.maybe(found?.[1].members ?? [])?.caseId;
    if (found && caseId) await this.do('family', draw.of(['CorrectRelationship', 'RemoveMember']), found[0], draw, { caseId });
  }

  private async flightGoesOn(draw: Draw, manifestId: string, manifest: Manifest | undefined): Promise<void> {
    if (manifest && draw.chance(0.04)) await this.correctTie(draw, manifest);
    const act = (name: string, body: object = {}): Promise<void> => this.do('manifest', name, manifestId, draw, body);
    switch (manifest?.status) {
      case 'drafted': {
        const unready = manifest.passengers.find(
          caseId => !isReadyFor(this.cases.get(caseId) as AsylumCase, { country: manifest.country, manifestId }),
        );
        if (unready && draw.chance(0.7)) return act('RemovePassenger', { caseId: unready });
        const apart = this.leftOut(manifest);
        if (apart && draw.chance(0.6)) return this.dealWithFamily(draw, manifestId, manifest, apart);
        return manifest.passengers.length === 0 ? this.anything(draw) : act('Approve', { revision: manifest.revision });
      }
      case 'approved': {
        if (draw.chance(0.7)) await this.settle(draw);
        for (const caseId of draw.some(manifest.passengers, 0.85)) {
          if (!this.cases.get(caseId)?.transfer?.destinationTold)
            await this.do('case', 'TellDestination', caseId, draw, { country: manifest.country, language: 'es' });
        }
        return act('OpenBoarding');
      }
      case 'boarding':
        if (draw.chance(0.7)) await this.settle(draw);
        return act(draw.chance(0.92) ? 'Depart' : 'Cancel');
      case 'departed':
        return act('ConfirmArrival');
      default:
        return this.anything(draw);
    }
  }

  /** A passenger whose family is not all on the flight. */
  private leftOut({
    passengers,
  }: Manifest): { readonly caseId: string; readonly other: string; readonly familyUnitId: string } | undefined {
    for (const [familyUnitId, { members }] of this.families) {
      const caseId = members.find(member => passengers.includes(member.caseId))?.caseId;
      const other = members.find(member => !passengers.includes(member.caseId))?.caseId;
      if (caseId && other) return { caseId, other, familyUnitId };
    }
    return undefined;
  }

  private dealWithFamily(
    draw: Draw,
    manifestId: string,
    { country }: Manifest,
    { caseId, other, familyUnitId }: { readonly caseId: string; readonly other: string; readonly familyUnitId: string },
  ): Promise<void> {
    const family = this.families.get(familyUnitId);
    const proposal = family?.separations.find(({ authorisedBy }) => authorisedBy === null);
    if (isReadyFor(this.cases.get(other) as AsylumCase, { country, manifestId }))
      return this.do('manifest', 'AddPassenger', manifestId, draw, { caseId: other });
    if (draw.chance(0.4)) return this.do('manifest', 'RemovePassenger', manifestId, draw, { caseId });
    if (proposal) return this.do('family', 'AuthoriseSeparation', familyUnitId, draw, { proposalId: proposal.proposalId });
    return this.do('family', 'ProposeSeparation', familyUnitId, draw, { caseIds: [other] });
  }

  private async makeFamily(draw: Draw): Promise<void> {
    const familyUnitId = draw.maybe([...this.families.keys()]) ?? draw.uuid();
    if (!this.families.has(familyUnitId)) await this.do('family', 'FormFamilyUnit', familyUnitId, draw);
    for (const caseId of draw.some([...this.cases.keys()], 0.7)) await this.do('family', 'AddMember', familyUnitId, draw, { caseId });
  }

  /** Any command of any table, at anything. */
  private anything(draw: Draw): Promise<void> {
    const { category, name, creates } = draw.weighted<Line>(LINES.map(line => [WEIGHTS[line.category], line]));
    const known: Readonly<Record<Category, () => string | undefined>> = {
      case: () => draw.maybe([...this.cases.keys()]),
      manifest: () => draw.maybe([...this.manifests.keys()]),
      family: () => draw.maybe([...this.families.keys()]),
      agreement: () => draw.of(['GT', 'GT', 'HN', 'SV']),
      reception: () => draw.of(['GT', 'GT', 'HN']),
      order: () => undefined,
      reassignment: () => undefined,
    };
    if (category === 'case' && creates && this.cases.size >= MOST_CASES) return Promise.resolve();
    return this.do(category, name, (creates && !draw.chance(0.05) ? undefined : known[category]()) ?? draw.uuid(), draw);
  }

  private protective(draw: Draw): Promise<void> {
    const caseId = draw.maybe([...this.cases.keys()]);
    return caseId ? this.do('case', draw.of(PROTECTIVE), caseId, draw) : Promise.resolve();
  }

  /** What seldom comes together by chance: something is over before a process has looked, or somebody goes the same way twice. */
  private async detour(draw: Draw): Promise<void> {
    const cleared = draw.maybe([...this.cases.values()].filter(({ transfer }) => transfer?.clearedAt && !transfer.departedAt))?.transfer;
    if (cleared?.manifestId && draw.chance(0.5)) return this.interrupt(draw, cleared.manifestId, cleared.country ?? 'GT');
    const awaited = [...this.manifests].flatMap(([manifestId, { boarded, arrived }]) =>
      boarded.filter(caseId => !arrived.includes(caseId)).map(caseId => ({ manifestId, caseId })),
    );
    const late = awaited.find(({ manifestId, caseId }) => {
      const { status, transfer } = this.cases.get(caseId) ?? {};
      return status === 'in-transit' && transfer?.manifestId !== manifestId;
    });
    if (late) return this.do('manifest', 'ConfirmArrival', late.manifestId, draw, { arrived: [late.caseId] });
    const back = draw.maybe([...this.cases].filter(([, found]) => found.flownOn.length > 0 && RUNNING.includes(found.status)));
    if (back) {
      Tally.count(this.tally.faults, 'somebody who is back goes the same way again');
      return this.hurry(draw, back[0]);
    }
    const gone = draw.maybe(
      [...this.cases].filter(([, { status, transfer }]) => status === 'in-transit' || (status === 'transfer-scheduled' && transfer)),
    );
    return gone && this.leaveAndComeBack(draw, ...gone);
  }

  /** A suspension is over again before anybody was held for it, and the flight is to leave. */
  private async interrupt(draw: Draw, manifestId: string, country: string): Promise<void> {
    Tally.count(this.tally.faults, 'a suspension is over before a process has looked');
    await this.do('agreement', 'Suspend', country, draw, { from: this.now, scope: 'transfers' });
    if (draw.chance(0.3)) await this.moveClock(draw);
    await this.do('agreement', 'Reinstate', country, draw, { from: this.now });
    return this.do('manifest', 'Depart', manifestId, draw);
  }

  /** On a flight, or by another way while the seat is kept. */
  private async leaveAndComeBack(draw: Draw, caseId: string, { status }: AsylumCase): Promise<void> {
    const irregular = { explanation: 'was driven there' };
    if (status !== 'in-transit') await this.do('case', 'RecordDeparture', caseId, draw, { irregular, occurredAt: this.now });
    await this.do('case', 'RecordReturn', caseId, draw, { occurredAt: this.now });
  }

  /** One case goes on as far as it gets, while nothing else happens. */
  private async hurry(draw: Draw, caseId: string): Promise<void> {
    for (let turn = 0; turn < 15; turn++) {
      const found = this.cases.get(caseId);
      if (!found || !RUNNING.includes(found.status)) return;
      await this.caseGoesOn(draw, caseId, found);
      if (draw.chance(0.3)) await this.settle(draw);
    }
  }

  /** Two or three files are marked as duplicates of each other at once: nobody knows yet of the others. */
  private async markInRing(draw: Draw): Promise<void> {
    const caseIds = draw.some([...this.cases.keys()]).slice(0, 3);
    if (caseIds.length < 2) return;
    Tally.count(this.tally.faults, 'files are marked as duplicates of each other at once');
    const acts = caseIds.map((caseId, index) => {
      const commandId = draw.uuid();
      const actor = draw.of(STAFF.filter(({ roles }) => roles.includes('supervisor')));
      const context = { actor, commandId, correlationId: commandId, causationId: commandId, now: this.now };
      return Object.assign(new MarkAsDuplicate(), { of: caseIds[(index + 1) % caseIds.length], streamId: caseId, context });
    });
    const outcomes = await Promise.all(acts.map(act => this.send(act, -1)));
    for (const [index, outcome] of outcomes.entries())
      this.trail.push(`${this.now} MarkAsDuplicate ${caseIds[index]?.slice(0, 8)} at once: ${describe(outcome)}`);
    await this.look();
  }

  /** Somebody sends a command; it may be refused, and the service may die of it. */
  private async do(
    category: Category,
    name: string,
    streamId: string,
    draw: Draw,
    body: object = {},
    screening?: AsylumCase['screening'],
  ): Promise<void> {
    const line = lineOf(category, name);
    const target: Target = {
      streamId,
      asylumCase: this.cases.get(streamId),
      manifest: this.manifests.get(streamId),
      family: this.families.get(streamId),
    };
    const actor = this.sender(draw, line, target, screening);
    const commandId = draw.uuid();
    const act: Act = Object.assign(new line.command(), bodyOf(line.command, draw, this, target, line.creates), defined(body), {
      streamId,
      context: { actor, commandId, correlationId: commandId, causationId: commandId, now: this.now },
    });
    Tally.count(this.tally.commands, name);
    const permissions =
      category === 'case' && target.asylumCase && draw.chance(0.15)
        ? await this.permissions(streamId, target.asylumCase, actor)
        : undefined;
    const dies = draw.chance(0.01) ? draw.below(3) : -1;
    const outcome = await this.send(act, dies);
    this.trail.push(`${this.now} ${name} ${streamId.slice(0, 8)} by ${actor.id}: ${describe(outcome)}`);
    if (outcome instanceof DomainError) this.judgeRefusal(line, outcome, target);
    await this.look();
    if (
      permissions &&
      !(outcome instanceof Died) &&
      line.command.name in
        Object.fromEntries([...permissions.allowed, ...permissions.refused.map(({ command }) => command)].map(each => [each, true]))
    ) {
      this.judgePermission(line, act, permissions, outcome);
    }
    if (outcome instanceof Died) this.restart();
    else if (!(outcome instanceof DomainError)) {
      for (const { code } of outcome.refused ?? []) Tally.count(this.tally.codes, code);
      this.sent.push({ act, receipt: outcome });
      await this.judgeReceipt(act, outcome);
    }
  }

  private async send(act: Act, dies: number): Promise<Receipt | DomainError | Died> {
    this.dieAfter(dies);
    try {
      return await this.service.send(act);
    } catch (error) {
      if (error instanceof DomainError || error instanceof Died) return error;
      throw error;
    } finally {
      this.service.passing = () => undefined;
    }
  }

  /** The service dies at that point of those that it passes. */
  private dieAfter(points: number): void {
    let left = points;
    this.service.passing = point => {
      if (left-- !== 0) return;
      Tally.count(this.tally.faults, point);
      throw new Died(point);
    };
  }

  private sender(
    draw: Draw,
    { roles, name }: Line,
    { asylumCase, manifest }: Target,
    screening: AsylumCase['screening'] | undefined,
  ): Actor {
    const able = STAFF.filter(actor => actor.roles.some(role => (roles as readonly string[]).includes(role)));
    if (draw.chance(0.07)) return draw.of(able);
    const office = asylumCase?.office ?? 'ELP';
    const fitting = able.filter(actor => actor.office === office);
    const others = fitting.filter(
      ({ id }) => id !== manifest?.draftedBy && !(name === 'ConfirmDetermination' && screening?.officers.includes(id)),
    );
    const assigned = fitting.filter(({ id }) => id === asylumCase?.assignedTo);
    if (assigned.length > 0 && draw.chance(0.93)) return draw.of(assigned);
    return draw.of(others.length > 0 ? others : fitting.length > 0 ? fitting : able);
  }

  // What processes do

  private async answerOne(draw: Draw): Promise<void> {
    this.service.fire();
    const trigger = draw.maybe(this.service.waiting());
    if (!trigger) return;
    if (draw.chance(0.3)) this.dieAfter(draw.below(12));
    // Somebody may act between what a process reads and what it sends.
    if (draw.chance(0.1)) {
      const at = draw.below(4);
      let commands = 0;
      this.service.beforeCommand = async () => {
        if (commands++ !== at) return;
        const { passing } = this.service;
        this.service.beforeCommand = async () => undefined;
        await this.look();
        await this.useful(draw);
        this.service.passing = passing;
        this.safeguards.reads = 'maybe older';
      };
    }
    const { service } = this;
    const outcome = await service.answer(trigger);
    service.passing = () => undefined;
    service.beforeCommand = async () => undefined;
    this.trail.push(`${this.now} ${trigger.process} ${outcome} ${trigger.type} ${trigger.timer} of ${trigger.stream.slice(0, 17)}`);
    if (outcome === 'interrupted') this.restart();
    await this.look();
    this.safeguards.reads = 'fresh';
  }

  /** Two services take the same trigger at once, as when the lead changes hands. */
  private async answerTwice(draw: Draw): Promise<void> {
    this.service.fire();
    const trigger = draw.maybe(this.service.waiting());
    if (!trigger) return;
    Tally.count(this.tally.faults, 'two services answer a trigger at once');
    await Promise.all([this.service, new InMemoryCaseledger(this.durable, this.idle)].map(service => service.answer(trigger)));
    this.trail.push(
      `${this.now} ${trigger.process} answered twice at once ${trigger.type} ${trigger.timer} of ${trigger.stream.slice(0, 17)}`,
    );
    await this.look();
  }

  /** Processes answer all that waits, in some order; then nothing may be owed. */
  private async settle(draw: Draw): Promise<void> {
    await this.service.settle(waiting => draw.maybe(waiting));
    this.trail.push(`${this.now} at rest`);
    await this.look();
    this.safeguards.atRest(this.now);
    this.erasuresAreDone();
  }

  /** Wherever the service died: of what was erased no key is left, and of what was told since each is. */
  private erasuresAreDone(): void {
    for (const [stream, { history }] of this.folded) {
      const last = categoryOf(stream) === 'case' ? history.findLastIndex(({ type }) => type === 'PersonalDataErased') : -1;
      if (last < 0) continue;
      for (const { revision, metadata } of history)
        if (metadata.keyId !== undefined && this.durable.destroyedKeys.has(metadata.keyId) !== revision < last)
          throw new Breach(`${stream}, erased at revision ${last}, has at ${revision} ${revision < last ? 'kept' : 'lost'} its key`);
    }
  }

  /** The time moves: in a training copy, or with processes that were not running. */
  private async moveClock(draw: Draw): Promise<void> {
    const due = this.service.nextDue();
    const until = draw.weighted<string>([
      [6, plusHours(this.now, draw.below(5))],
      [3, plusHours(this.now, 1 + draw.below(72))],
      [1, plusDays(this.now, 3 + draw.below(60))],
      [due && isAfter(due, this.now) ? 2 : 0, due ?? this.now],
    ]);
    if (draw.chance(0.6)) await this.service.pass(until);
    else this.durable.now = until;
    this.trail.push(`${until} the clock`);
    await this.look();
  }

  /** A trigger comes twice. */
  private async again(draw: Draw): Promise<void> {
    const trigger = draw.maybe(this.service.repeatable());
    if (!trigger) return;
    Tally.count(this.tally.faults, 'a trigger comes twice');
    this.service.repeat(trigger);
    this.trail.push(`${this.now} again ${trigger.process} ${trigger.type} ${trigger.timer} of ${trigger.stream.slice(0, 17)}`);
  }

  /** The same command is sent again: it gets the same answer and stores nothing. */
  private async repeat(draw: Draw): Promise<void> {
    const first = draw.maybe(this.sent);
    if (!first) return;
    const before = this.durable.store.contents.all.length;
    // Under the same key, at another time.
    const again = Object.assign(Object.create(Object.getPrototypeOf(first.act) as object) as Act, first.act, {
      context: { ...first.act.context, now: this.now },
    });
    const repeated = await this.send(again, -1);
    if (first.receipt.events.length === 0) {
      if (repeated instanceof DomainError) return;
      this.sent.push({ act: again, receipt: repeated as Receipt });
      await this.look();
      return;
    }
    this.same(repeated, first.receipt, `the answer to a repeated ${first.act.constructor.name}`);
    if (this.durable.store.contents.all.length !== before) throw new Breach(`a repeated ${first.act.constructor.name} stored something`);
  }

  /** Another process of the service goes on: it remembers nothing. */
  private restart(): void {
    this.service = new InMemoryCaseledger(this.durable, this.idle);
  }

  // What must be so

  /** Judges what was stored since the last look, and compares what is kept with it. */
  private async look(): Promise<void> {
    const { all } = this.durable.store.contents;
    const touched = new Set<string>();
    for (; this.seen < all.length; this.seen++) {
      const stored = all[this.seen] as StoredEvent;
      const kind = this.service.kinds.required(categoryOf(stored.stream));
      const [personal] = await this.service.personalData.openAll([stored]);
      const event = recorded<unknown, DomainEvent>(kind, stored, personal ?? null);
      Tally.count(this.tally.events, event.type);
      if (JSON.stringify(stored).includes(MARK)) throw new Breach(`${stored.type} holds something personal in the open`);
      const { state, history } = this.folded.get(event.stream) ?? { state: kind.initial, history: [] };
      if (event.revision !== history.length) throw new Breach(`${event.stream} misses revision ${history.length}`);
      const erases = event.type === 'PersonalDataErased';
      // Nobody knows any more what was personal before.
      const whole = [...(erases ? history.map(known => ({ ...known, personal: null })) : history), event];
      this.folded.set(event.stream, {
        state: erases || kind.retracts?.(event) !== undefined ? foldHistory(kind, whole as never) : kind.evolve(state, event),
        history: whole,
      });
      touched.add(event.stream);
      this.safeguards.judge(event as never);
    }
    for (const { codes } of this.durable.refusals.slice(this.refusalsSeen)) for (const code of codes) Tally.count(this.tally.codes, code);
    this.refusalsSeen = this.durable.refusals.length;
    for (const stream of touched) await this.compare(stream);
  }

  /** What can still be known of a stream: what was sealed with a key that was destroyed since is gone. */
  private known(stream: string): Folded {
    const folded = this.folded.get(stream) as Folded;
    const isGone = ({ personal, metadata: { keyId } }: Recorded<DomainEvent>): boolean =>
      personal !== null && keyId !== undefined && this.durable.destroyedKeys.has(keyId);
    if (!folded.history.some(isGone)) return folded;
    const named = stream.startsWith('case-') ? [idOf(stream)] : folded.history.filter(isGone).flatMap(({ data }) => casesNamedIn(data));
    const kept = named.find(caseId => !this.safeguards.files.get(caseId)?.erased);
    if (named.length === 0 || kept) throw new Breach(`what is sealed in ${stream} is destroyed, and ${kept ?? 'nobody'} was not erased`);
    const history = folded.history.map(event => (isGone(event) ? { ...event, personal: null } : event));
    const left = { history, state: foldHistory(this.service.kinds.required(categoryOf(stream)), history as never) };
    this.folded.set(stream, left);
    return left;
  }

  private async compare(stream: string): Promise<void> {
    const [category, id] = [categoryOf(stream), idOf(stream)];
    const { state, history } = this.known(stream);
    const read = await this.service.ledger.read(this.service.kinds.required(category), id);
    // Of several steps that a process takes at once, others go on while somebody acts before one: the next look has them.
    const wentOn = read.revision >= history.length && this.seen < this.durable.store.contents.all.length;
    if (!wentOn) this.same(read.state, state, stream);
    if (category === 'case') {
      this.cases.set(id, state as AsylumCase);
      const expected = this.safeguards.files.get(id)?.status;
      if (expected !== (state as AsylumCase).status)
        throw new Breach(`${stream} is ${(state as AsylumCase).status}, and should be ${expected}`);
    }
    if (category === 'manifest') this.manifests.set(id, state as Manifest);
    if (category === 'family') this.families.set(id, state as Family);
    if (category === 'agreement') {
      this.agreements.set(id, state as Agreement);
      this.compareAgreement(id, state as Agreement);
    }
  }

  /** At every turn that either knows of, and a moment before and after. */
  private compareAgreement(country: string, agreement: Agreement): void {
    const known = this.safeguards.agreements.get(country);
    const turns = [this.now, ...agreement.changes.map(({ at }) => at), ...(known?.instants() ?? [])];
    for (const instant of new Set(turns.flatMap(turn => [-1, 0, 1].map(moment => toInstant(millis(turn) + moment))))) {
      const { standing, inForceFrom, suspension } = agreementAt(agreement, instant);
      const expected = known?.at(instant);
      this.same(
        { standing, inForceFrom: standing === 'terminated' ? null : inForceFrom, suspension },
        expected && { ...expected, inForceFrom: standing === 'terminated' ? null : expected.inForceFrom },
        `the agreement with ${country} at ${instant}`,
      );
      this.same(reinstatedBy(agreement, instant), known?.endedBy(instant), `what was reinstated of ${country} by ${instant}`);
    }
  }

  private async judgeReceipt(act: Act, { events, revision }: Receipt): Promise<void> {
    if (events.length === 0) return;
    const stream = [...this.folded.keys()].find(
      each => each.endsWith(`-${act.streamId}`) && this.folded.get(each)?.history[revision]?.id === events.at(-1)?.id,
    );
    const stored = this.folded.get(stream ?? '')?.history.filter(({ metadata }) => metadata.commandId === act.context.commandId) ?? [];
    this.same(
      stored.map(event => ({ id: event.id, type: event.type, revision: event.revision })),
      events,
      `the receipt of ${act.constructor.name}`,
    );
  }

  private judgeRefusal({ category, name }: Line, { code, violations, details }: DomainError, { asylumCase, manifest }: Target): void {
    const codes = violations.map(violation => violation.code);
    for (const each of codes) Tally.count(this.tally.codes, each);
    const route = category === 'case' ? caseUseCases.decider.useCase(name) : undefined;
    if (route?.protective && code !== 'not-found' && code !== 'already-exists')
      throw new Breach(`the protective ${name} was refused: ${codes.join()}`);
    if (code === 'wrong-status') {
      if (codes.length > 1) throw new Breach(`wrong-status does not stand alone: ${codes.join()}`);
      const status = asylumCase?.status ?? manifest?.status;
      if (status && details['currentStatus'] !== status)
        throw new Breach(`refused for the status ${String(details['currentStatus'])} in ${status}`);
    } else if (route && code in caseRuleBook) {
      if (inOrder(caseRuleBook, codes).join() !== codes.join()) throw new Breach(`${name} was refused in another order: ${codes.join()}`);
      // An id in use is refused by whatever makes a stream.
      const strange = codes.filter(each => !route.codes.includes(each) && !(route.creates && each === 'already-exists'));
      if (strange.length > 0) throw new Breach(`${name} is documented not to be refused with ${strange.join()}`);
    }
  }

  private permissions(caseId: string, asylumCase: AsylumCase, actor: Actor): Promise<Permissions> {
    const moment = { now: this.now, occurredAt: this.now, actor, streamLength: 1, newId: (name: string) => name };
    return caseUseCases.decider.permissionsOn(caseId, asylumCase, moment, this.service.ledger.facts());
  }

  /** What was foretold is what was answered. */
  private judgePermission({ name }: Line, act: Act, { allowed, refused }: Permissions, outcome: Receipt | DomainError): void {
    if (outcome instanceof DomainError && outcome.code === 'other-office') return;
    const answered = (outcome instanceof DomainError ? outcome.violations : (outcome.refused ?? [])).map(({ code }) => code);
    // Under the agreement of the screening before it is refused for its status: that needs the country.
    if (name === 'StartScreening' && answered.join() === 'wrong-status') return;
    const foretold = refused.find(({ command }) => command === name)?.codes;
    const { occurredAt, irregular } = act as { occurredAt?: string; irregular?: object };
    if (foretold) {
      // A departure is judged by when it happened, and an irregular one is recorded all the same.
      if (irregular || (occurredAt && name === 'RecordDeparture')) return;
      if (answered.length === 0) throw new Breach(`${name} was taken although ${foretold.join()} stood in its way`);
      const isRule = answered.every(code => code in caseRuleBook);
      if (isRule && !foretold.every(code => answered.includes(code)))
        throw new Breach(`${name} was refused with ${answered.join()}, foretold was ${foretold.join()}`);
      return;
    }
    const isForeseeable = answered.some(code => code === 'wrong-status' || code === 'not-assigned' || code === 'claim-not-recorded');
    if (allowed.includes(name) && isForeseeable)
      throw new Breach(`${name} was said to be allowed, and was refused with ${answered.join()}`);
  }

  private same(actual: unknown, expected: unknown, what: string): void {
    // In the order of the fields, too: read models keep some of it as text, and a rebuild must make the same text.
    if (!isDeepStrictEqual(actual, expected) || JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Breach(`${what} is not what was stored: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  }
}

const WEIGHTS: Readonly<Record<Category, number>> = {
  case: 2,
  manifest: 3,
  family: 4,
  agreement: 1,
  reception: 2,
  order: 4,
  reassignment: 8,
};
/** How much a case asks to be gone on with: what is on the way to a flight most, what has ended least. */
const PULL: Readonly<Partial<Record<Status, number>>> = {
  closed: 1,
  'us-procedure': 1,
  'screened-out': 1,
  'asylum-granted': 1,
  opened: 3,
  withdrawn: 3,
};
const PROTECTIVE = ['ExpressFear', 'RecordVulnerability', 'PlaceHold', 'RecordEvidence', 'AddNote'];

type Naming = Readonly<{ caseId?: string; caseIds?: readonly string[]; arrived?: readonly string[] }>;
const casesNamedIn = ({ caseId, caseIds = [], arrived = [] }: Naming): readonly string[] => [
  ...(caseId === undefined ? [] : [caseId]),
  ...caseIds,
  ...arrived,
];

const defined = (body: object): object => Object.fromEntries(Object.entries(body));

const describe = (outcome: Receipt | DomainError | Died): string => {
  if (outcome instanceof DomainError) return `refused ${outcome.violations.map(({ code, pointer }) => `${code}${pointer ?? ''}`).join()}`;
  return outcome instanceof Died ? `died ${outcome.message}` : outcome.events.map(({ type }) => type).join() || 'nothing';
};
