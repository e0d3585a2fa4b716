import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import jsonPatch from 'fast-json-patch';
import { caseFile, exampleFile } from '../cases/case.file.js';
import type { Replayed } from '../cases/case.replay.js';
import { misfit } from '../event-store/rule.js';
import { Instant, Optional, Uuid, WholeNumber } from '../fields/fields.js';
import { Operation } from '../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../http/request-context.js';
import { AuditDiff, AuditEvents, AuditState } from './audit.answers.js';
import { DOSSIER, EVENTS, SOMEBODY, SOME_TIME, VERDICT } from './audit.examples.js';
import { CaseDossier, DossierVerdict } from './audit-log.answers.js';
import { Dossiers } from './dossier/dossiers.js';
import { DossierWrong } from './dossier/dossier-wrong.js';
import { AccessRecords } from './access-records.js';
import { CaseHistory } from './case-history.js';
import { Replays } from './replays.js';

const FIRST_PAGE = 50;
const LARGEST_PAGE = 200;

class WhichCase {
  @Uuid()
  readonly id!: string;
}

class WhichEvents {
  /** The first revision of the page. */
  @Optional()
  @WholeNumber({ example: 0 })
  readonly from?: number;

  @Optional()
  @WholeNumber({ min: 1, max: LARGEST_PAGE, example: FIRST_PAGE })
  readonly limit?: number;
}

class WhichState {
  @Optional()
  @WholeNumber({ example: 7 })
  readonly revision?: number;

  /** What was known then. */
  @Optional()
  @Instant({ example: '2020-01-13T15:00:00Z' })
  readonly recordedAt?: string;

  /** What had happened by then. */
  @Optional()
  @Instant({ example: '2020-01-13T15:00:00Z' })
  readonly occurredAt?: string;
}

class WhichRevisions {
  @WholeNumber({ example: 3 })
  readonly from!: number;

  @WholeNumber({ example: 7 })
  readonly to!: number;
}

class WhichDossier {
  /** Size of a head of the log, kept elsewhere, that the dossier shall prove to extend. */
  @Optional()
  @WholeNumber({ min: 1, example: 19_000 })
  readonly since?: number;
}

/** Case histories, replayed from their events. Everything is read fresh from the store: nothing here can lag. */
@Controller('v1/audit/cases/:id')
export class AuditController {
  constructor(
    @Inject(CaseHistory) private readonly histories: CaseHistory,
    @Inject(Replays) private readonly replays: Replays,
    @Inject(AccessRecords) private readonly access: AccessRecords,
    @Inject(Dossiers) private readonly dossiers: Dossiers,
  ) {}

  @Get('events')
  @ShowsPerson()
  @Operation({
    summary: 'The events of a case as they are stored, opened',
    roles: ['auditor'],
    codes: ['not-found', 'purpose-missing'],
    tag: 'audit',
    operationId: 'auditEvents',
    answer: AuditEvents,
    example: EVENTS,
  })
  async events(
    @Param() { id }: WhichCase,
    @Query() { from = 0, limit = FIRST_PAGE }: WhichEvents,
    @Caller() caller: RequestContext,
  ): Promise<OnRecord<AuditEvents>> {
    // One more than asked for tells whether there is a next page.
    const found = await this.histories.asStored(id, from, from + limit);
    const events = found.slice(0, limit);
    const answer = { events, next: found.length > limit ? from + limit : null };
    const revision = events.at(-1)?.revision ?? (await this.histories.newestRevision(id));
    return this.access.caseRead(caller, 'events', { caseId: id, revision }, answer);
  }

  @Get('state')
  @ShowsPerson()
  @Operation({
    summary: 'The case as it was: at a revision, or what was known by one instant of what had happened by another',
    roles: ['auditor'],
    codes: ['not-found', 'purpose-missing'],
    tag: 'audit',
    operationId: 'auditState',
    answer: AuditState,
    example: { revision: 0, state: exampleFile },
  })
  async state(
    @Param() { id }: WhichCase,
    @Query() { revision, recordedAt, occurredAt }: WhichState,
    @Caller() caller: RequestContext,
  ): Promise<OnRecord<AuditState>> {
    if (revision !== undefined && (recordedAt ?? occurredAt) !== undefined)
      throw misfit('/revision', 'invalid', 'Ask for a revision, or for instants.');
    const shown = stateOf(id, await this.replays.of(id, { revision, recordedBy: recordedAt, occurredBy: occurredAt }));
    return this.access.caseRead(caller, 'state', { caseId: id, revision: shown.revision }, shown);
  }

  @Get('diff')
  @ShowsPerson()
  @Operation({
    summary: 'What changed between two revisions, as a patch (RFC 6902) and as the events that made it',
    roles: ['auditor'],
    codes: ['not-found', 'purpose-missing'],
    tag: 'audit',
    operationId: 'auditDiff',
    answer: AuditDiff,
    example: {
      patch: [{ op: 'replace', path: '/status', value: 'screening' }],
      changes: [{ revision: 5, type: 'ScreeningStarted', actor: SOMEBODY, recordedAt: SOME_TIME }],
    },
  })
  async diff(
    @Param() { id }: WhichCase,
    @Query() { from, to }: WhichRevisions,
    @Caller() caller: RequestContext,
  ): Promise<OnRecord<AuditDiff>> {
    if (from > to) throw misfit('/from', 'invalid', 'Must not be after `to`.');
    const after = stateOf(id, await this.replays.of(id, { revision: to }));
    const before = stateOf(id, await this.replays.of(id, { revision: from }));
    const between = await this.histories.readSealed(id, from + 1, to);
    const answer = {
      patch: jsonPatch.compare(before.state ?? {}, after.state ?? {}),
      changes: between.map(({ revision, type, metadata }) => ({
        revision,
        type,
        actor: metadata.actor,
        recordedAt: metadata.recordedAt,
      })),
    };
    return this.access.caseRead(caller, 'diff', { caseId: id, revision: to }, answer);
  }

  @Get('dossier')
  @ShowsPerson()
  @Operation({
    summary: 'A file that proves the history of a case to somebody without access: `caseledger verify` checks it with the public key alone',
    roles: ['auditor'],
    codes: ['not-found', 'purpose-missing', 'read-model-behind'],
    tag: 'audit',
    operationId: 'auditDossier',
    answer: CaseDossier,
    example: DOSSIER,
  })
  async dossier(
    @Param() { id }: WhichCase,
    @Query() { since }: WhichDossier,
    @Caller() caller: RequestContext,
  ): Promise<OnRecord<StreamableFile>> {
    const { pieces, lastRevision } = await this.dossiers.of(id, since);
    const file = new StreamableFile(Readable.from(pieces, { objectMode: false }), { type: 'application/json; charset=utf-8' });
    return this.access.caseRead(caller, 'dossier', { caseId: id, revision: lastRevision }, file);
  }

  @Get('dossier/verdict')
  @ShowsPerson()
  @Operation({
    summary:
      'What the verifier says of the dossier of a case as it is now, held to the key of this log; who trusts nobody here verifies the file',
    roles: ['auditor'],
    codes: ['not-found', 'purpose-missing', 'read-model-behind'],
    tag: 'audit',
    operationId: 'auditDossierVerdict',
    answer: DossierVerdict,
    example: VERDICT,
  })
  async verdict(@Param() { id }: WhichCase, @Caller() caller: RequestContext): Promise<OnRecord<DossierVerdict>> {
    const { found, lastRevision: revision, key } = await this.dossiers.verdictOn(id);
    const said =
      found instanceof DossierWrong
        ? { sound: false, wrong: found.message, entries: null, opened: null, erased: null }
        : { sound: true, wrong: null, entries: found.size, opened: found.opened, erased: found.erased };
    return this.access.caseRead(caller, 'dossier', { caseId: id, revision }, { revision, publicKey: key.toString(), ...said });
  }
}

const stateOf = (caseId: string, { revision, state }: Replayed) => ({
  revision,
  state: state && caseFile({ caseId, revision }, state),
});
