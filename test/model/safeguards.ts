import type { AgreementEvent, RuleSet } from '../../src/agreements/agreement.events.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { uuidV5 } from '../../src/event-store/command-identity.js';
import { categoryOf, idOf } from '../../src/event-store/event-store.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';
import { ageOn, hoursOf, isAfter, isBefore, plusHours } from '../../src/fields/time.js';
import type { FamilyEvent, MembershipEvent } from '../../src/families/family.events.js';
import type { HoldOrderEvent } from '../../src/hold-orders/hold-order.events.js';
import type { ManifestEvent } from '../../src/manifests/manifest.events.js';
import type { ReassignmentEvent } from '../../src/reassignments/reassignment.events.js';
import type { ReceptionEvent } from '../../src/reception/reception.events.js';
import { KnownAgreement, type Known } from './agreements.js';
import { File, UNDER_AGREEMENT, PROCEDURE, ENDS_CLEARANCE, BY_OFFICERS, type Flight, type Unit, type Week } from './known.js';
import { OnePerson } from './one-person.js';

/*
 * What must hold whoever does whatever in whatever order. It is kept here a second time, from the events alone and by
 * another way than the states': each event is judged by what stood when it was stored, and what processes owe is
 * looked at once they have nothing left to do.
 */

/** A safeguard does not hold. */
export class Breach extends Error {}

/** Off while a history is gone through again, whose events were judged when they were stored. */
let judging = true;

const spokenIn = ({ language, interpreterId }: { language: string; interpreterId?: string }): string | null =>
  interpreterId === undefined ? language : null;
const ageAtOpening = ({ data, personal }: Recorded<CaseEvent> & { type: 'CaseOpened' }): number =>
  ageOn(personal?.applicant.birthDate ?? '', data.encounter.day);

/** What of the person or the encounter a determination relies on. */
const OF_WEIGHT = /^(applicant[.](nationalit|habitualResidence$|birthDate$|accompaniedBy$)|encounter[.]|documents$)/;

function must(holds: unknown, what: string): asserts holds {
  if (judging && !holds) throw new Breach(what);
}

type Any =
  | Recorded<CaseEvent>
  | Recorded<ManifestEvent>
  | Recorded<ReceptionEvent>
  | Recorded<FamilyEvent>
  | Recorded<MembershipEvent>
  | Recorded<HoldOrderEvent>
  | Recorded<ReassignmentEvent>
  | Recorded<AgreementEvent>;

export class Safeguards {
  readonly files = new Map<string, File>();
  readonly flights = new Map<string, Flight>();
  private readonly weeks = new Map<string, Week>();
  private readonly units = new Map<string, Unit>();
  private readonly unitOf = new Map<string, { readonly familyUnitId: string; readonly takenAt: string; removed?: boolean }>();
  /** Every family that somebody ever was in. */
  private readonly unitsEver = new Map<string, Set<string>>();
  private readonly orders: { readonly id: string; readonly caseIds: readonly string[] }[] = [];
  readonly agreements = new Map<string, KnownAgreement>();
  private readonly revisions = new Map<string, number>();
  private readonly onePerson = new OnePerson();
  /** Decisions that did not know yet what another stream had just taken. */
  crossed = 0;

  /** @param reads whether what a process has read may be older than what it sends, as where several write at once */
  constructor(public reads: 'fresh' | 'maybe older' = 'fresh') {}

  /** @throws Breach */
  judge(event: Any): void {
    this.revisions.set(event.stream, event.revision);
    const id = idOf(event.stream);
    switch (categoryOf(event.stream)) {
      case 'case':
        this.onePerson.judge(id, event as Recorded<CaseEvent>, () => this.crosses(event, 'case'), must);
        return this.ofCase(id, event as Recorded<CaseEvent>);
      case 'manifest':
        return this.ofManifest(id, event as Recorded<ManifestEvent>);
      case 'reception':
        return this.ofReception(id, event as Recorded<ReceptionEvent>);
      case 'family':
        return this.ofFamily(id, event as Recorded<FamilyEvent>);
      case 'membership':
        return this.ofMembership(id, event as Recorded<MembershipEvent>);
      case 'order':
        this.orders.push({ id, caseIds: (event as Recorded<HoldOrderEvent>).data.caseIds });
        return undefined;
      case 'reassignment':
        return this.ofReassignment(event as Recorded<ReassignmentEvent>);
      default:
        return this.ofAgreement(id, event as Recorded<AgreementEvent>);
    }
  }

  /** Whether the rule looked at a stream of these categories before its last event was stored: both were on their way at once. */
  private crosses({ metadata: { basedOn = {} } }: Any, ...categories: readonly string[]): boolean {
    const isOlder = Object.entries(basedOn).some(
      ([stream, revision]) => categories.includes(categoryOf(stream)) && revision < (this.revisions.get(stream) ?? -1),
    );
    if (isOlder) this.crossed++;
    return isOlder;
  }

  private file(caseId: string): File {
    const file = this.files.get(caseId) ?? new File();
    this.files.set(caseId, file);
    return file;
  }

  private ofAgreement(country: string, event: Recorded<AgreementEvent>): void {
    const known = this.agreements.get(country) ?? new KnownAgreement();
    this.agreements.set(country, known);
    known.know(event, must);
  }

  private agreement(country: string, at: string): Known {
    return (this.agreements.get(country) ?? new KnownAgreement()).at(at);
  }

  private rules(country: string): RuleSet | null {
    return this.agreements.get(country)?.rules ?? null;
  }

  private place(country: string, caseId: string, manifestId: string): string | undefined {
    for (const [key, week] of this.weeks)
      if (key.startsWith(country) && week.places.has(`${caseId} ${manifestId}`)) return key.slice(country.length + 1);
    return undefined;
  }

  /** Whether the family's own stream names the person: a membership may be taken a moment before. */
  private isMember(caseId: string): boolean {
    return this.units.get(this.unitOf.get(caseId)?.familyUnitId ?? '')?.members.some(member => member.caseId === caseId) ?? false;
  }

  /**
   * Whoever was let go by hand is held anew for those who cannot go by then.
   * @param who where only the person's own file tells of it, which leads nowhere once they are removed
   */
  private joins(caseId: string, who?: string): void {
    if (!judging) return;
    for (const member of this.units.get(this.unitOf.get(caseId)?.familyUnitId ?? '')?.members ?? []) {
      const { letGo, letGoUntil } = this.file(member.caseId);
      if (who === undefined) letGoUntil.clear();
      else for (const cause of letGo) letGoUntil.set(cause, who);
      letGo.clear();
    }
  }

  /** Whoever came back and was removed before a process has looked joined nobody: who was let go by then stays so. */
  private joinedInVain(caseId: string): void {
    for (const { letGo, letGoUntil } of this.files.values())
      for (const [cause, who] of letGoUntil) {
        if (who !== caseId) continue;
        letGo.add(cause);
        letGoUntil.delete(cause);
      }
  }

  /** Those who must travel with the person. */
  private companions(caseId: string): string[] {
    const unit = this.units.get(this.unitOf.get(caseId)?.familyUnitId ?? '');
    if (!unit) return [];
    const parted = (other: string): boolean =>
      unit.separations.some(({ authorised, caseIds }) => authorised && caseIds.includes(caseId) !== caseIds.includes(other));
    return unit.members.map(member => member.caseId).filter(other => other !== caseId && !parted(other));
  }

  private ofCase(caseId: string, event: Recorded<CaseEvent>): void {
    const file = this.file(caseId);
    const { actor, recordedAt, occurredAt } = event.metadata;
    const bySystem = actor.id === 'system';
    const [from, to] = PROCEDURE[event.type] ?? [];
    // What is learned of a closed file takes it back to where it goes on from once it is reopened.
    const status = event.type === 'DeterminationReopened' ? file.current : file.status;
    // What protects the person in another file reaches this one in whatever status.
    must(!from || from.includes(status) || 'from' in event.data, `${event.type} in ${status}`);
    file.history.push(event);
    this.alerted(file, event);
    if (BY_OFFICERS.includes(event.type) && event.type !== 'ScreeningStarted') file.screening?.officers.add(actor.id);
    switch (event.type) {
      case 'CaseOpened':
        must(
          event.data.minorAtEncounter === ageAtOpening(event) < (event.data.applicant.birthDateEstimated ? 20 : 18),
          'an age that is not that of the birth date',
        );
        Object.assign(file, {
          status: 'opened',
          office: event.data.office,
          minor: event.data.minorAtEncounter,
          applicant: event.data.applicant,
          documents: event.data.documents,
          encounterDay: event.data.encounter.day,
        });
        break;
      case 'CaseAssigned':
        must(file.assignedTo !== event.data.caseworkerId, 'the same assignment twice');
        must(bySystem === Boolean(event.data.reassignmentId), 'assigned by the system without an order, or by a person with one');
        Object.assign(file, { assignedTo: event.data.caseworkerId, toBeHandedOn: false });
        break;
      case 'CaseReleased':
        Object.assign(file, { assignedTo: null, toBeHandedOn: false });
        break;
      case 'CaseHandedOver':
        Object.assign(file, { assignedTo: null, toBeHandedOn: false });
        must(actor.office === file.office || actor.office === file.givenBy, 'handed over by an office that has no say any more');
        file.office = event.data.toOffice;
        file.givenBy = actor.office;
        break;
      case 'ProtectionClaimRecorded':
        file.claimed = true;
        break;
      case 'ApplicantCorrected': {
        const { applicant, documents, encounter, minorAtEncounter } = event.data;
        Object.assign(file, {
          applicant: { ...file.applicant, ...applicant },
          documents: documents ?? file.documents,
          encounterDay: encounter?.day ?? file.encounterDay,
          minor: minorAtEncounter,
        });
        break;
      }
      case 'LegalHoldPlaced':
        must(!file.legalHold, 'a legal hold placed on top of another');
        file.legalHold = true;
        break;
      case 'LegalHoldReleased':
        must(file.legalHold, 'a legal hold released that does not stand');
        file.legalHold = false;
        break;
      case 'ErasureRequested':
        must(
          file.status === 'closed' && !file.legalHold && file.toBeErasedBy === null,
          'an erasure requested of what must be kept, or twice',
        );
        file.toBeErasedBy = actor.id;
        break;
      case 'PersonalDataErased':
        must(file.status === 'closed' && !file.legalHold, 'erased what must be kept');
        must(file.toBeErasedBy !== null && file.toBeErasedBy !== actor.id, 'erased by one person alone');
        Object.assign(file, { toBeErasedBy: null, erased: true });
        break;
      case 'AgeDisputed':
        file.disputed = true;
        break;
      case 'AgeDecided':
        Object.assign(file, { disputed: false, minor: event.data.minor });
        break;
      case 'EvidenceReceived':
        file.evidenceKept.add(event.data.evidenceId);
        break;
      case 'EvidenceReturned':
        file.evidenceKept.delete(event.data.evidenceId);
        break;
      case 'ScreeningStarted': {
        const { country } = event.data;
        const { standing, inForceFrom } = this.agreement(country, recordedAt);
        must(file.claimed, 'screened without a claim');
        must(standing === 'in-force' || this.crosses(event, 'agreement'), `screened under an agreement that is ${standing}`);
        must(
          file.encounterDay >= '2019-11-19' && file.encounterDay >= (inForceFrom ?? '').slice(0, 10),
          'screened for an encounter before the agreement',
        );
        this.mayBeTransferred(file, country);
        const fear = file.fear(country);
        Object.assign(fear, { open: fear.everExpressed, established: false });
        file.screening = {
          country,
          officers: new Set([actor.id]),
          readBack: false,
          asked: false,
          exceptions: file.earlierExceptions,
          spoken: {},
        };
        file.determination = null;
        file.reopened = false;
        break;
      }
      case 'NoticeServed':
        if (!file.screening) break;
        file.screening.readBack ||= event.data.readBack;
        file.screening.spoken.notice = spokenIn(event.data);
        break;
      case 'FearInquiryMade':
        if (!file.screening) break;
        file.screening.asked = true;
        file.screening.spoken.inquiry = spokenIn(event.data);
        break;
      case 'FearExpressed':
        Object.assign(file.fear(event.data.country), { everExpressed: true, open: true });
        break;
      case 'FearAssessed': {
        const { country, established } = event.data;
        const fear = file.fear(country);
        Object.assign(fear, { open: false, established, everExpressed: fear.everExpressed || established });
        break;
      }
      case 'ExceptionEstablished':
        if (file.screening) file.screening.exceptions++;
        else file.earlierExceptions++;
        break;
      case 'DeterminationSubmitted': {
        const { determinationId, outcome } = event.data;
        this.isPrepared(file, outcome);
        Object.assign(file, { determination: { id: determinationId, outcome, state: 'submitted' }, reopened: false });
        break;
      }
      case 'DeterminationConfirmed': {
        must(
          file.determination?.id === event.data.determinationId && file.determination.outcome === event.data.outcome,
          'another determination than that under review was confirmed',
        );
        must(!file.screening?.officers.has(actor.id), 'confirmed by an officer of the screening');
        this.isPrepared(file, event.data.outcome);
        file.determination.state = 'confirmed';
        file.status = event.data.outcome === 'amenable' ? 'amenable' : 'screened-out';
        break;
      }
      case 'DeterminationReturned':
        if (file.determination) file.determination.state = 'returned';
        break;
      case 'DeterminationReopened':
        must(file.determination?.id === event.data.determinationId, 'another determination was reopened');
        Object.assign(file, { reopened: true });
        file.determination.state = 'reopened';
        break;
      case 'TransferRequested': {
        const { requestId, country, replyDueAt } = event.data;
        must(
          this.agreement(country, recordedAt).standing === 'in-force' || this.crosses(event, 'agreement'),
          'requested under an agreement that is not in force',
        );
        must(this.isConfirmed(file, country), 'requested without a confirmed determination for that country');
        Object.assign(file, { request: { id: requestId, country, replyDueAt, validUntil: null, told: false }, scheduled: null });
        break;
      }
      case 'TransferAccepted': {
        const { request } = file;
        must(request && !isAfter(recordedAt, request.replyDueAt), 'accepted after the reply was due');
        request.validUntil = event.data.validUntil;
        break;
      }
      case 'TransferRequestLapsed':
        must(bySystem && file.request && !isBefore(recordedAt, file.request.replyDueAt), 'lapsed before the reply was due');
        break;
      case 'TransferAborted':
        must(
          event.data.reasonCode !== 'acceptance-expired' || !bySystem || !isBefore(recordedAt, file.request?.validUntil ?? recordedAt),
          'aborted before the acceptance ran out',
        );
        if (['transfer-accepted', 'transfer-scheduled'].includes(file.status)) file.status = 'amenable';
        break;
      case 'TransferScheduled': {
        const { manifestId, placeWeek } = event.data;
        must(bySystem, 'scheduled by a person');
        must(this.place(file.request?.country ?? '', caseId, manifestId) === placeWeek, 'scheduled without a place');
        must(this.flights.get(manifestId)?.country === file.request?.country, 'scheduled on a flight to another country');
        file.scheduled = { manifestId, week: placeWeek, used: false };
        break;
      }
      case 'TransferUnscheduled':
        must(
          bySystem && file.scheduled?.manifestId === event.data.manifestId && !file.left,
          'unscheduled from a flight that it was not on',
        );
        file.scheduled = null;
        if (file.status === 'transfer-scheduled') file.status = 'transfer-accepted';
        break;
      case 'DestinationTold':
        must(event.data.country === file.request?.country, 'told another destination');
        file.request.told = true;
        break;
      case 'TransferHoldPlaced':
        this.held(caseId, file, event, bySystem);
        break;
      case 'TransferHoldReleased':
        this.released(caseId, file, event, bySystem);
        break;
      case 'BoardingCleared':
        this.mayBoard(caseId, file, event);
        file.clearance = {
          manifestId: event.data.manifestId,
          from: recordedAt,
          until: event.data.expiresAt,
          under: event.metadata.basedOn?.[`agreement-${file.request?.country}`] ?? -1,
        };
        break;
      case 'DepartureBlocked':
        must(event.data.failedChecks.length > 0, 'blocked for nothing');
        break;
      case 'ApplicantDeparted':
        must(file.statusBeforeClosing === null || event.data.manifestId, 'somebody left by hand from a closed file');
        this.owe(file, event);
        if (event.data.manifestId) this.flewAway(file, event, bySystem);
        else if (!event.data.irregular) {
          must(
            this.isCleared(file, occurredAt, recordedAt) || this.crosses(event, 'agreement'),
            'departed without a clearance that stands',
          );
          must(
            this.agreement(file.request?.country ?? '', occurredAt).standing === 'in-force' || this.crosses(event, 'agreement'),
            'departed under an agreement that was not in force',
          );
        }
        file.departure = { at: occurredAt, manifestId: event.data.manifestId ?? this.stillToFly(file) };
        if (event.data.manifestId ?? file.scheduled) file.flown.add(event.data.manifestId ?? file.scheduled?.manifestId ?? '');
        if (file.scheduled) file.scheduled.used = true;
        Object.assign(file, { arrival: null, aboard: null, statusBeforeClosing: file.died ? file.current : null, duplicate: false });
        break;
      case 'TransferredToElSalvador':
      case 'TransferredToGuatemala':
      case 'TransferredToHonduras': {
        const { transferId, country } = event.data;
        must(
          { SV: 'TransferredToElSalvador', GT: 'TransferredToGuatemala', HN: 'TransferredToHonduras' }[country] === event.type,
          `${event.type} in ${country}`,
        );
        must(!file.screening || file.screening.country === country, 'arrived in another country than that of the screening');
        // Of who was said to have left by another way after the flight left, the flight's arrival is as it was all the same.
        must(bySystem || !isBefore(occurredAt, file.departure?.at ?? occurredAt), 'arrived before the departure');
        must(
          !bySystem || this.flights.get(file.departure?.manifestId ?? '')?.arrived.includes(caseId),
          'arrived with a flight that the person is not on, or that has not arrived',
        );
        file.arrival = { transferId, at: occurredAt, recordedAt, country, heardOf: false, overdue: new Set() };
        break;
      }
      case 'ReturnRecorded':
      case 'WithdrawalRevoked':
        file.status = file.screening ? 'screening' : 'opened';
        if (file.determination) file.determination.state = 'reopened';
        if (event.type === 'ReturnRecorded') this.joins(caseId, caseId);
        break;
      case 'AsylumIntentionExpressed':
      case 'AsylumApplied':
        must(event.data.country === file.arrival?.country, 'asylum asked of another country');
        file.arrival.heardOf = true;
        break;
      case 'ContactReestablished':
        if (file.arrival) file.arrival.heardOf = true;
        break;
      case 'OnwardDepartureReported':
        if (file.arrival && !isBefore(occurredAt, file.arrival.at)) file.arrival.heardOf = true;
        break;
      case 'FollowUpOverdue': {
        const { transferId, milestone } = event.data;
        const { arrival } = file;
        must(bySystem && arrival?.transferId === transferId && !arrival.heardOf, 'overdue although something was heard');
        must(!arrival.overdue.has(milestone), 'the same milestone overdue twice');
        must(!isBefore(recordedAt, plusHours(arrival.at, hoursOf(milestone))), 'overdue before its time');
        arrival.overdue.add(milestone);
        break;
      }
      case 'MarkedAsDuplicate':
        must(event.data.of !== caseId && this.files.has(event.data.of), 'a duplicate of itself, or of nothing');
        Object.assign(file, { statusBeforeClosing: file.status, status: 'closed', duplicate: true });
        break;
      case 'DeathRecorded': {
        // A seat that was flown on is kept for nobody, also once the person is back.
        must(
          event.data.manifestId === (this.stillToFly(file) ?? undefined),
          'a death that names another seat than the one kept for the person',
        );
        const goesOnFrom = file.current.startsWith('transfer-') ? 'amenable' : file.current;
        Object.assign(file, { statusBeforeClosing: goesOnFrom, status: 'closed', died: true });
        break;
      }
      case 'CaseClosed':
        Object.assign(file, { statusBeforeClosing: file.status, status: 'closed' });
        break;
      case 'CaseReopened':
        if (bySystem && file.died) file.duplicate = false;
        else Object.assign(file, { status: file.current, statusBeforeClosing: null, duplicate: false, died: false });
        this.joins(caseId, caseId);
        break;
      case 'EntryRetracted':
        this.withoutRetracted(caseId, file, event.data.eventId);
        break;
      default:
    }
    if (event.type !== 'CaseHandedOver' && actor.office === file.office) file.givenBy = null;
    if (to && file.statusBeforeClosing !== null) file.statusBeforeClosing = to;
    else if (to) file.status = to;
    if (file.status === 'closed') file.toBeHandedOn = false;
    if (ENDS_CLEARANCE.includes(event.type)) file.clearance = null;
  }

  private stillToFly({ scheduled }: File): string | null {
    return scheduled?.used === false ? scheduled.manifestId : null;
  }

  /** A suspension voids a clearance, however soon it is over. */
  private isCleared(file: File, instant: string, now: string): boolean {
    const { clearance, request } = file;
    if (!clearance || !file.hasClearanceAt(instant, now)) return false;
    return !this.agreements.get(request?.country ?? '')?.suspendedSince({ at: clearance.from, revision: clearance.under }, now);
  }

  /** Who left on a flight is judged by what stood when its departure was stored. */
  private flewAway(
    file: File,
    { data, metadata: { occurredAt } }: Recorded<CaseEvent> & { type: 'ApplicantDeparted' },
    bySystem: boolean,
  ): void {
    const { aboard } = file;
    if (!judging) return;
    must(
      bySystem && aboard && aboard.manifestId === data.manifestId && aboard.at === occurredAt,
      'departed with a flight that did not leave with the person',
    );
    must(
      aboard.regular === !data.irregular,
      aboard.regular ? 'a regular departure was recorded as irregular' : 'an irregular departure was recorded as regular',
    );
    must(!data.irregular || data.failedChecks?.[0] === 'not-cleared', 'an irregular departure without what failed');
  }

  /** Somebody is told of the breach, and of what was recorded between a departure and this record of it. */
  private owe(file: File, { data, metadata: { occurredAt, commandId } }: Recorded<CaseEvent> & { type: 'ApplicantDeparted' }): void {
    const since = file.protections.filter(({ revision, recordedAt }) =>
      data.manifestId ? revision >= (file.aboard?.events ?? 0) : data.irregular && isAfter(recordedAt, occurredAt),
    );
    file.owed = {
      commandId,
      causes: new Set([...(data.manifestId && data.irregular ? ['irregular-departure'] : []), ...since.map(({ cause }) => cause)]),
    };
  }

  /** Between departure and arrival nothing that protects the person passes unheard. */
  private alerted(file: File, event: Recorded<CaseEvent>): void {
    const { commandId } = event.metadata;
    if (!judging) file.owed = null;
    if (file.owed && file.owed.commandId !== commandId) {
      must(file.owed.causes.size === 0, `nobody was alerted of ${[...file.owed.causes].join()}`);
      file.owed = null;
    }
    if (event.type === 'ProtectionAlertRaised') {
      must(file.left, 'an alert for somebody who is here');
      must(!file.owed || file.owed.causes.delete(event.data.cause), `an alert of ${event.data.cause} that nothing calls for`);
      return;
    }
    const cause = this.protection(file, event);
    if (cause) file.protections.push({ revision: event.revision, recordedAt: event.metadata.recordedAt, cause });
    if (cause && file.left && (cause !== 'hold' || file.current === 'in-transit')) file.owed = { commandId, causes: new Set([cause]) };
  }

  private protection(file: File, event: Recorded<CaseEvent>): string | null {
    const country = file.screening?.country ?? file.request?.country ?? file.arrival?.country;
    switch (event.type) {
      case 'FearExpressed':
        return !country || event.data.country === country ? 'fear' : null;
      case 'VulnerabilityRecorded':
        return 'vulnerability';
      case 'ExceptionEstablished':
        return 'exception';
      case 'AgeDisputed':
        return file.disputed ? null : 'age-dispute';
      case 'AgeDecided':
        return event.data.minor && !file.minor && !file.disputed ? 'age-decision' : null;
      case 'DeterminationReopened':
        return event.data.cause;
      case 'ApplicantCorrected': {
        const { fields, minorAtEncounter } = event.data;
        const isNew = fields.some(field => OF_WEIGHT.test(field)) || (minorAtEncounter && !file.minor && !file.disputed);
        return isNew ? 'correction' : null;
      }
      case 'TransferHoldPlaced':
        return event.data.reopening ? null : 'hold';
      case 'ReferredToUsProcedure':
        return 'us-procedure';
      default:
        return null;
    }
  }

  /** The file as if the entries had never been made, but for who took part in the screening. */
  private withoutRetracted(caseId: string, { history }: File, eventId: string): void {
    must(
      history.some(({ id }) => id === eventId),
      'an entry was retracted that is not there',
    );
    const retracted = new Set(history.flatMap(event => (event.type === 'EntryRetracted' ? [event.data.eventId] : [])));
    must(history.filter(event => event.type === 'EntryRetracted').length === retracted.size, 'an entry was retracted twice');
    const { aboard, owed, toBeHandedOn, letGo, letGoUntil } = this.file(caseId);
    this.files.set(caseId, new File());
    judging = false;
    try {
      for (const event of history) {
        if (!retracted.has(event.id))
          this.ofCase(caseId, event.type === 'EntryRetracted' ? ({ ...event, type: 'NoteAdded', data: {} } as Recorded<CaseEvent>) : event);
        else if (BY_OFFICERS.includes(event.type)) this.file(caseId).screening?.officers.add(event.metadata.actor.id);
      }
    } finally {
      judging = true;
    }
    const file = this.file(caseId);
    Object.assign(file, { aboard, owed, toBeHandedOn, letGo, letGoUntil });
    file.history.length = 0;
    file.history.push(...history);
  }

  private isConfirmed({ determination, screening, erased }: File, country: string): boolean {
    return !erased && determination?.state === 'confirmed' && determination.outcome === 'amenable' && screening?.country === country;
  }

  /** What is asked when a screening starts, and of every amenable determination. */
  private mayBeTransferred({ applicant, documents, minor, disputed, erased }: File, country: string): void {
    must(!erased, 'of whom nobody knows any more where the person is from');
    const { nationalities, nationalityUnknown, habitualResidence, accompaniedBy } = applicant;
    must(!nationalities.includes('US'), 'a national of the United States');
    must(
      !nationalityUnknown && !nationalities.includes(country) && !(nationalities.length === 0 && habitualResidence === country),
      'a national of the partner country',
    );
    const accepted = this.rules(country)?.acceptedNationalities;
    must(!accepted || nationalities.some(nationality => accepted.includes(nationality)), 'a nationality that is not covered');
    must(!(minor || disputed) || ['parent', 'legal-guardian'].includes(accompaniedBy), 'a minor without parent or guardian');
    must(!['valid-visa', 'admission-document', 'visa-not-required'].includes(documents), 'a person with a visa');
  }

  private isPrepared(file: File, outcome: string): void {
    const { screening } = file;
    must(screening?.readBack, 'determined without a notice that was read back');
    must(screening.asked, 'determined without an inquiry about fear');
    for (const language of Object.values(screening.spoken))
      must(
        language === null || file.applicant.languages.some(known => `${language}-`.startsWith(`${known}-`)),
        'determined on a notice or an inquiry in no language of the person',
      );
    const fear = file.fear(screening.country);
    must(!fear.open, 'determined with fear not assessed');
    if (outcome !== 'amenable') return;
    must(!fear.established, 'amenable with fear established');
    must(screening.exceptions === 0, 'amenable with an exception');
    this.mayBeTransferred(file, screening.country);
  }

  private mayBoard(caseId: string, file: File, event: Recorded<CaseEvent> & { type: 'BoardingCleared' }): void {
    const {
      data: { manifestId },
      metadata: { recordedAt },
    } = event;
    const { request, scheduled } = file;
    must(request && scheduled?.manifestId === manifestId, 'cleared for a flight that it is not scheduled on');
    const fear = file.fear(request.country);
    const flight = this.flights.get(manifestId);
    must(
      this.agreement(request.country, recordedAt).standing === 'in-force' || this.crosses(event, 'agreement'),
      'cleared under an agreement that is not in force',
    );
    must(this.isConfirmed(file, request.country), 'cleared without a confirmed determination');
    must(file.screening?.exceptions === 0, 'cleared with an exception');
    must(!fear.established && !fear.open, 'cleared with fear established or not assessed');
    must(request.validUntil && !isAfter(recordedAt, request.validUntil), 'cleared without an acceptance that is valid');
    must(file.holds.size === 0, 'cleared under a hold');
    must(this.place(request.country, caseId, manifestId) === scheduled.week || this.crosses(event, 'reception'), 'cleared without a place');
    must(
      flight &&
        ((['approved', 'boarding', 'departed', 'arrived'].includes(flight.status) && flight.passengers.includes(caseId)) ||
          this.crosses(event, 'manifest')),
      'cleared for a flight that is not approved with this passenger',
    );
    must(request.told, 'cleared without being told the destination');
    must(file.evidenceKept.size === 0, 'cleared while evidence is kept');
    must(!(file.minor || file.disputed) || ['parent', 'legal-guardian'].includes(file.applicant.accompaniedBy), 'a minor cleared alone');
  }

  private held(caseId: string, file: File, { data }: Recorded<CaseEvent> & { type: 'TransferHoldPlaced' }, bySystem: boolean): void {
    const { holdId, kind } = data;
    const cause = data.cause ?? null;
    must(!file.everHeld.has(holdId), 'the same hold placed twice');
    if (bySystem && kind === 'agreement-suspended' && !this.isOrdered(caseId, holdId)) {
      // One that was ended, or a case that went on, while the process was at it: what is at rest is judged by itself.
      must(
        [...this.agreements.values()]
          .flatMap(({ suspensionIds }) => [...suspensionIds])
          .some(suspensionId => uuidV5(caseId, suspensionId) === holdId),
        'held for a suspension that there never was',
      );
    }
    if (cause !== null) {
      must(bySystem && kind === 'family', 'a person placed a hold of the family');
      // Parted while the process was at it, the hold is placed, and falls with the separation.
      // Removed while the process was at it, likewise.
      const shared = [...(this.unitsEver.get(caseId) ?? [])].some(unit => this.unitsEver.get(cause)?.has(unit));
      must(shared, 'held for somebody of another family');
      must(![...file.holds.values()].some(hold => hold.cause === cause), 'held twice for the same cause');
    }
    file.holds.set(holdId, { kind, cause });
    file.everHeld.add(holdId);
  }

  private released(
    caseId: string,
    file: File,
    { data: { holdId }, metadata: { recordedAt } }: Recorded<CaseEvent> & { type: 'TransferHoldReleased' },
    bySystem: boolean,
  ): void {
    const hold = file.holds.get(holdId);
    must(hold, 'a hold released that does not stand');
    if (bySystem && hold.kind === 'agreement-suspended' && !this.isOrdered(caseId, holdId)) {
      const ended = [...this.agreements.values()].flatMap(agreement => agreement.endedBy(recordedAt));
      must(
        ended.some(suspensionId => uuidV5(caseId, suspensionId) === holdId),
        'released although its suspension goes on',
      );
    }
    if (bySystem && hold.cause !== null && this.reads === 'fresh')
      must(this.mayGoOn(caseId, hold.cause), 'a hold of the family released while somebody cannot go');
    if (!bySystem && hold.cause !== null) file.letGo.add(hold.cause);
    file.holds.delete(holdId);
  }

  private isOrdered(caseId: string, holdId: string): boolean {
    return this.orders.some(({ id }) => uuidV5(caseId, id) === holdId);
  }

  /** Whether nothing of the family keeps the person for that cause. */
  private mayGoOn(caseId: string, cause: string): boolean {
    const companions = this.companions(caseId);
    return (
      !companions.includes(cause) ||
      this.file(cause).died ||
      companions.map(other => this.file(other)).every(other => !other.travels || other.isOnTheWay)
    );
  }

  private ofManifest(manifestId: string, event: Recorded<ManifestEvent>): void {
    if (event.type === 'ManifestDrafted') {
      const { country, week } = event.data;
      this.flights.set(manifestId, {
        country,
        week,
        draftedBy: event.metadata.actor.id,
        status: 'drafted',
        passengers: [],
        boarded: [],
        arrived: [],
        departedAt: null,
        doubtful: new Set(),
      });
      return;
    }
    const flight = this.flights.get(manifestId);
    must(flight, 'a flight that was not drafted');
    switch (event.type) {
      case 'PassengerAdded':
        must(this.isReady(event.data.caseId, manifestId, flight) || this.crosses(event, 'case'), 'a passenger was added who is not ready');
        must(!flight.passengers.includes(event.data.caseId), 'a passenger was added twice');
        flight.passengers.push(event.data.caseId);
        flight.status = 'drafted';
        flight.doubtful.clear();
        break;
      case 'PassengerRemoved':
        must(flight.passengers.includes(event.data.caseId), 'a passenger was removed who was not there');
        flight.passengers = flight.passengers.filter(caseId => caseId !== event.data.caseId);
        flight.doubtful.delete(event.data.caseId);
        break;
      case 'ManifestApproved':
        must(event.metadata.actor.id !== flight.draftedBy, 'approved by who drafted it');
        must(event.data.passengers.join() === flight.passengers.join(), 'approved with other passengers');
        for (const caseId of flight.passengers)
          must(this.isReady(caseId, manifestId, flight) || this.crosses(event, 'case'), 'approved with a passenger who is not ready');
        this.travelTogether(event, flight.passengers);
        flight.status = 'approved';
        break;
      case 'ApprovalVoided':
        must(event.metadata.actor.id === 'system', 'an approval voided by a person');
        must(['approved', 'boarding'].includes(flight.status), 'an approval voided that does not stand');
        must(event.data.passengers.join() === flight.passengers.join(), 'voided with other passengers');
        flight.status = 'drafted';
        flight.doubtful.clear();
        break;
      case 'BoardingOpened':
        must(flight.status === 'approved', 'boarding opened without an approval');
        flight.status = 'boarding';
        break;
      case 'FlightDeparted': {
        const { boarded, leftBehind } = event.data;
        const { occurredAt, recordedAt } = event.metadata;
        must(
          [...boarded, ...leftBehind].toSorted().join() === flight.passengers.toSorted().join(),
          'departed with others than its passengers',
        );
        const inForce = this.agreement(flight.country, occurredAt).standing === 'in-force';
        for (const caseId of boarded) {
          const file = this.file(caseId);
          const isCleared = file.scheduled?.manifestId === manifestId && this.isCleared(file, occurredAt, recordedAt);
          must(isCleared || this.crosses(event, 'case', 'agreement'), 'somebody boarded who was not cleared');
          // Whose departure was recorded by hand a moment before, the flight tells nothing new of.
          if (!file.left) file.aboard = { manifestId, regular: isCleared && inForce, at: occurredAt, events: file.history.length };
        }
        must(boarded.length === 0 || inForce || this.crosses(event, 'agreement'), 'departed under an agreement that was not in force');
        this.travelTogether(event, boarded);
        Object.assign(flight, { status: 'departed', boarded, departedAt: occurredAt });
        break;
      }
      case 'ArrivalConfirmed':
        must(
          event.data.arrived.every(caseId => flight.boarded.includes(caseId)),
          'somebody arrived who had not boarded',
        );
        flight.arrived.push(...event.data.arrived);
        flight.status = 'arrived';
        break;
      case 'FlightCancelled':
        must(['drafted', 'approved', 'boarding'].includes(flight.status), 'cancelled after departure');
        flight.status = 'cancelled';
        break;
      default:
    }
  }

  private isReady(caseId: string, manifestId: string, { country }: Flight): boolean {
    const { status, scheduled, request, holds } = this.file(caseId);
    const isAccepted = status === 'transfer-accepted' || (status === 'transfer-scheduled' && scheduled?.manifestId === manifestId);
    return isAccepted && request?.country === country && holds.size === 0;
  }

  private travelTogether(event: Any, caseIds: readonly string[]): void {
    for (const caseId of caseIds) {
      for (const other of this.companions(caseId))
        must(
          caseIds.includes(other) || !this.file(other).travels || this.crosses(event, 'case', 'family', 'membership'),
          'a family was separated without authorisation',
        );
      const members = this.units.get(this.unitOf.get(caseId)?.familyUnitId ?? '')?.members ?? [];
      const here = members.filter(member => this.file(member.caseId).travels);
      const guardians = here.filter(member => this.looksAfter(member)).map(member => member.caseId);
      for (const minor of here.filter(member => this.isMinorHere(member)).map(member => member.caseId)) {
        const stays = guardians.filter(guardian => this.companions(minor).includes(guardian));
        const sameWay = guardians.filter(guardian => caseIds.includes(guardian) === caseIds.includes(minor));
        must(
          guardians.length === 0 || stays.length > 0 || sameWay.length > 0 || this.crosses(event, 'case', 'family', 'membership'),
          'a flight parts a minor from everybody who looks after it',
        );
      }
    }
  }

  private ofReception(country: string, { type, data }: Recorded<ReceptionEvent>): void {
    const key = `${country} ${data.week}`;
    const week = this.weeks.get(key) ?? { declared: 0, places: new Set<string>() };
    this.weeks.set(key, week);
    if (type === 'CapacityDeclared') week.declared = data.places;
    else {
      const { caseId, manifestId } = data;
      const place = `${caseId} ${manifestId}`;
      if (type === 'PlaceReserved') {
        must(this.place(country, caseId, manifestId) === undefined, 'a second place on the same flight');
        week.places.add(place);
      } else {
        must(week.places.has(place), 'a place released that was not reserved');
        must(!this.file(caseId).flown.has(manifestId), 'a used place was released');
        week.places.delete(place);
      }
    }
    must(week.places.size <= week.declared, 'more places reserved than declared');
  }

  private ofFamily(familyUnitId: string, event: Recorded<FamilyEvent>): void {
    const unit = this.units.get(familyUnitId) ?? { members: [], separations: [] };
    this.units.set(familyUnitId, unit);
    const { actor } = event.metadata;
    // What is voided is so in the same act as what voids it.
    const isTheirs =
      actor.id === 'system' ||
      event.type === 'SeparationVoided' ||
      unit.members.some(({ caseId }) => this.file(caseId).office === actor.office);
    must(
      isTheirs || event.type === 'FamilyUnitFormed' || (event.type === 'FamilyMemberAdded' && unit.members.length === 0),
      `${event.type} by an office without a case of the family`,
    );
    switch (event.type) {
      case 'FamilyMemberAdded': {
        const { caseId, relationshipCode } = event.data;
        must(this.unitOf.get(caseId)?.familyUnitId === familyUnitId, 'a member without a membership of this family');
        must(!unit.members.some(member => member.caseId === caseId), 'a member added twice');
        unit.members.push({ caseId, guardian: ['parent', 'legal-guardian'].includes(relationshipCode) });
        this.joins(caseId);
        break;
      }
      case 'FamilyRelationshipCorrected':
      case 'FamilyMemberRemoved':
        this.doubt(familyUnitId, unit, event);
        if (event.type === 'FamilyMemberRemoved') this.joinedInVain(event.data.caseId);
        break;
      case 'SeparationVoided':
        must(
          unit.separations.some(({ id, doubtful }) => id === event.data.proposalId && (doubtful || this.crosses(event, 'case'))),
          'a separation voided that relied on nothing wrong',
        );
        unit.separations = unit.separations.filter(({ id }) => id !== event.data.proposalId);
        this.joins(unit.members[0]?.caseId ?? '');
        break;
      case 'SeparationProposed':
        unit.separations.push({ id: event.data.proposalId, caseIds: event.data.caseIds, by: event.metadata.actor.id, authorised: false });
        break;
      case 'SeparationAuthorised': {
        const separation = unit.separations.find(({ id }) => id === event.data.proposalId);
        must(separation && separation.by !== event.metadata.actor.id, 'a separation authorised by who proposed it');
        separation.authorised = true;
        const isMinor = (caseId: string): boolean => this.file(caseId).minor || this.file(caseId).disputed;
        const members = unit.members.filter(({ caseId }) => !this.file(caseId).duplicate && !this.file(caseId).died);
        for (const { caseId } of members) {
          const part = members.filter(member => member.caseId === caseId || this.companions(caseId).includes(member.caseId));
          must(
            !isMinor(caseId) || part.some(member => member.guardian && !isMinor(member.caseId)) || this.crosses(event, 'case'),
            'a minor separated from every guardian',
          );
        }
        break;
      }
      default:
    }
  }

  /** A tie was corrected: flights that were approved, and separations that were authorised, relied on it. */
  private doubt(
    familyUnitId: string,
    unit: Unit,
    event: Recorded<FamilyEvent> & { type: 'FamilyRelationshipCorrected' | 'FamilyMemberRemoved' },
  ): void {
    const { caseId } = event.data;
    const member = unit.members.find(each => each.caseId === caseId);
    must(member, `${event.type} of somebody who is no member`);
    for (const separation of unit.separations) if (separation.authorised && separation.caseIds.includes(caseId)) separation.doubtful = true;
    for (const flight of this.flights.values()) {
      if (!['approved', 'boarding'].includes(flight.status)) continue;
      for (const each of unit.members) if (flight.passengers.includes(each.caseId)) flight.doubtful.add(each.caseId);
    }
    if (event.type === 'FamilyRelationshipCorrected') {
      member.guardian = ['parent', 'legal-guardian'].includes(event.data.relationshipCode);
      this.doubtWhatPartsMinors(unit, event);
      return;
    }
    unit.members = unit.members.filter(each => each.caseId !== caseId);
    this.doubtWhatPartsMinors(unit, event);
    const membership = this.unitOf.get(caseId);
    must(membership?.familyUnitId === familyUnitId, 'a member removed who has no membership');
    membership.removed = true;
  }

  /** With the tie as it is now, a separation parts a minor from a guardian, and nobody else looks after it. */
  private doubtWhatPartsMinors({ members, separations }: Unit, event: Any): void {
    const standing = separations.filter(({ authorised, doubtful }) => authorised && !doubtful);
    const parts = (by: typeof separations, one: string, other: string): boolean =>
      by.some(({ caseIds }) => caseIds.includes(one) !== caseIds.includes(other));
    const guardians = members.filter(member => this.looksAfter(member));
    for (const { caseId } of members.filter(member => this.isMinorHere(member))) {
      if (guardians.some(guardian => !parts(standing, caseId, guardian.caseId))) continue;
      for (const separation of standing)
        if (guardians.some(guardian => parts([separation], caseId, guardian.caseId)))
          separation.doubtful = this.crosses(event, 'case') ? 'maybe' : true;
    }
  }

  private isMinorHere({ caseId }: { readonly caseId: string }): boolean {
    const { minor, disputed, duplicate, died } = this.file(caseId);
    return (minor || disputed) && !duplicate && !died;
  }

  private looksAfter({ caseId, guardian }: Unit['members'][number]): boolean {
    const { minor, disputed, duplicate, died } = this.file(caseId);
    return guardian && !minor && !disputed && !duplicate && !died;
  }

  private ofReassignment({ data: { office, from, to } }: Recorded<ReassignmentEvent>): void {
    must(from !== to, 'cases handed on to who has them');
    for (const file of this.files.values())
      if (file.assignedTo === from && file.office === office && file.status !== 'closed') file.toBeHandedOn = true;
  }

  private ofMembership(caseId: string, { type, data: { familyUnitId }, metadata: { recordedAt } }: Recorded<MembershipEvent>): void {
    if (type === 'FamilyMembershipReleased') {
      must(this.unitOf.get(caseId)?.removed && !this.isMember(caseId), 'a membership given back of somebody who is a member');
      this.unitOf.delete(caseId);
      return;
    }
    must(!this.unitOf.has(caseId), 'a case in two families');
    this.unitsEver.set(caseId, (this.unitsEver.get(caseId) ?? new Set()).add(familyUnitId));
    this.unitOf.set(caseId, { familyUnitId, takenAt: recordedAt });
  }

  /** What holds once processes have nothing left to do, and no timer is due. @throws Breach */
  atRest(now: string): void {
    this.onePerson.atRest(must);
    for (const [caseId, file] of this.files) {
      file.letGoUntil.clear();
      must(!file.aboard, `${caseId} is in the air, and the file does not say so`);
      must(!file.toBeHandedOn, `${caseId} is still with who was to hand it on`);
      must(!file.owed?.causes.size, `nobody was alerted for ${caseId}`);
      this.seatAndPlace(caseId, file);
      must(!file.died || file.left || this.stillToFly(file) === null, `a seat is kept for ${caseId}, who died`);
      this.timely(caseId, file, now);
      this.suspensionHolds(caseId, file, now);
      this.familyHolds(caseId, file);
    }
    for (const [, { removed }] of this.unitOf) must(!removed, 'somebody was removed from a family, and cannot join another');
    for (const { separations } of this.units.values())
      must(
        separations.every(({ doubtful }) => doubtful !== true),
        'a separation relies on a tie that was corrected',
      );
    for (const [manifestId, { status, passengers, doubtful }] of this.flights) {
      must(
        doubtful.size === 0 || !['approved', 'boarding'].includes(status),
        `the approval of ${manifestId} relies on a tie that was corrected`,
      );
      for (const caseId of passengers) {
        const file = this.file(caseId);
        if (status === 'approved' || status === 'boarding')
          must(file.scheduled?.manifestId === manifestId, `${caseId} has a seat and is not scheduled on ${manifestId}`);
        if (status === 'drafted')
          must(
            ['transfer-accepted', 'transfer-scheduled'].includes(file.status),
            `${caseId} is ${file.status} and still on the draft of ${manifestId}`,
          );
      }
    }
    for (const [key, { places }] of this.weeks) {
      for (const place of places) {
        const [caseId = '', manifestId = ''] = place.split(' ');
        const { scheduled, flown, left } = this.file(caseId);
        const isUsed = flown.has(manifestId) || this.flights.get(manifestId)?.boarded.includes(caseId);
        must(
          isUsed || (scheduled?.manifestId === manifestId && !left),
          `a place of ${key} is left reserved for ${caseId} on ${manifestId}`,
        );
      }
    }
    for (const { id, caseIds } of this.orders) {
      for (const caseId of caseIds) must(this.file(caseId).everHeld.has(uuidV5(caseId, id)), `the order ${id} does not hold ${caseId}`);
    }
    for (const [caseId, { takenAt }] of this.unitOf)
      must(isBefore(now, plusHours(takenAt, 1 / 60)) || this.isMember(caseId), `${caseId} took a membership and is no member`);
  }

  private seatAndPlace(caseId: string, { status, scheduled, request }: File): void {
    if (status !== 'transfer-scheduled') return;
    const seats = [...this.flights].filter(
      ([, flight]) => flight.status !== 'cancelled' && flight.passengers.includes(caseId) && flight.departedAt === null,
    );
    const isGone = this.flights.get(scheduled?.manifestId ?? '')?.boarded.includes(caseId);
    must(
      scheduled && (isGone || seats.some(([manifestId]) => manifestId === scheduled.manifestId)),
      `${caseId} is scheduled without a seat`,
    );
    must(this.place(request?.country ?? '', caseId, scheduled.manifestId) === scheduled.week, `${caseId} is scheduled without a place`);
  }

  private timely(caseId: string, { status, request, arrival }: File, now: string): void {
    must(status !== 'transfer-requested' || !request || isBefore(now, request.replyDueAt), `the request for ${caseId} did not lapse`);
    must(
      !['transfer-accepted', 'transfer-scheduled'].includes(status) || !request?.validUntil || isBefore(now, request.validUntil),
      `the acceptance of ${caseId} did not run out`,
    );
    if (status !== 'transferred' || !arrival || arrival.heardOf) return;
    const { followUp = [] } = this.rules(arrival.country) ?? {};
    for (const milestone of followUp)
      must(
        isBefore(now, plusHours(arrival.at, hoursOf(milestone))) || arrival.overdue.has(milestone),
        `${milestone} passed in silence for ${caseId}`,
      );
  }

  private suspensionHolds(caseId: string, file: File, now: string): void {
    for (const [country, agreement] of this.agreements) {
      const { suspension } = agreement.at(now);
      const concerns = UNDER_AGREEMENT.includes(file.status) && file.screening?.country === country;
      must(
        !suspension || !concerns || file.everHeld.has(uuidV5(caseId, suspension.suspensionId)),
        `${caseId} is not held although the agreement with ${country} is suspended`,
      );
      for (const suspensionId of agreement.endedBy(now))
        must(!file.holds.has(uuidV5(caseId, suspensionId)), `${caseId} is still held for a suspension that has ended`);
    }
  }

  private familyHolds(caseId: string, file: File): void {
    for (const { cause } of file.holds.values())
      must(cause === null || !this.mayGoOn(caseId, cause), `${caseId} is still held for ${cause}`);
    if (!file.travels || !this.isMember(caseId)) return;
    for (const cause of this.companions(caseId)) {
      const isHeld = [...file.holds.values()].some(hold => hold.cause === cause);
      must(isHeld || !this.file(cause).isCause || file.letGo.has(cause), `${caseId} is not held although ${cause} cannot go`);
    }
  }
}
