import type { Type } from '@nestjs/common';
import * as agreements from '../../src/agreements/agreement.commands.js';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import * as intake from '../../src/cases/intake.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import type { Act, Receipt } from '../../src/event-store/act.js';
import { uuidV5 } from '../../src/event-store/command-identity.js';
import type { Actor } from '../../src/event-store/event-store.js';
import type { StreamKind } from '../../src/event-store/stream-kind.js';
import { plusHours, weekOf } from '../../src/fields/time.js';
import * as families from '../../src/families/family.commands.js';
import { familyStream } from '../../src/families/family.state.js';
import * as manifests from '../../src/manifests/manifest.commands.js';
import { manifestStream, type Manifest } from '../../src/manifests/manifest.state.js';
import { DeclareCapacity } from '../../src/reception/reception.commands.js';
import { person } from './given.js';
import { Durable, InMemoryCaseledger } from './in-memory-caseledger.js';

const worker = person('cw-ana', 'caseworker');
const supervisor = person('sup-dina', 'supervisor');
const liaison = person('li-gus', 'liaison');
const admin = person('adm-hal', 'admin');

const NAMES = 'a3d1f6a4-5c1b-4f7e-9a55-2f3f0f6f7c11';
const STAGES = ['opened', 'screening', 'awaiting-review', 'amenable', 'requested', 'accepted'] as const;
type Stage = (typeof STAGES)[number];

/** People at work on a service in memory: the same calls make the same ids. All applicants are invented. */
export class InMemoryOffice {
  static readonly staff = { worker, supervisor, liaison, admin };
  private commands = 0;

  constructor(public service = new InMemoryCaseledger(new Durable())) {}

  static id(name: string): string {
    return uuidV5(name, NAMES);
  }

  get now(): string {
    return this.service.durable.now;
  }

  /** @throws DomainError */
  act<C extends Act>(by: Actor, command: Type<C>, streamId: string, body: Partial<C>): Promise<Receipt> {
    const commandId = InMemoryOffice.id(`command ${++this.commands}`);
    const context = { actor: by, commandId, correlationId: commandId, causationId: commandId, now: this.now };
    return this.service.send(Object.assign(new command(), body, { streamId, context }));
  }

  async bringIntoForce(country: PartnerCountry, places = 5): Promise<void> {
    await this.act(admin, agreements.Sign, country, { on: '2019-07-26' });
    await this.act(admin, agreements.PublishRules, country, {
      replyDays: 14,
      acceptanceValidDays: 60,
      clearanceValidHours: 48,
      followUp: ['PT72H', 'P30D'],
    });
    await this.act(admin, agreements.AgreeImplementationPlan, country, { on: '2019-07-27' });
    await this.act(admin, agreements.BringIntoForce, country, { from: '2019-11-15' });
    await this.act(admin, DeclareCapacity, country, { week: weekOf(this.departsAt), places });
  }

  get departsAt(): string {
    return plusHours('2020-01-13T15:00:00Z', 24);
  }

  /** A case, taken on from one stage to another. */
  async caseAt(name: string, to: Stage, from?: Stage, applicant: object = {}): Promise<string> {
    const caseId = InMemoryOffice.id(name);
    const steps: Readonly<Record<Stage, () => Promise<unknown>>> = {
      opened: () =>
        this.act(worker, intake.OpenCase, caseId, {
          applicant: {
            givenNames: name,
            familyName: 'Synthetic',
            birthDate: '1990-05-17',
            nationalities: ['HN'],
            languages: ['es'],
            accompaniedBy: 'none',
            ...applicant,
          },
          encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'port-of-entry' },
          documents: 'none',
        }),
      screening: async () => {
        await this.act(worker, intake.RecordProtectionClaim, caseId, { protection: 'asylum' });
        await this.act(worker, intake.AssignCase, caseId, { caseworkerId: worker.id });
        await this.act(worker, screening.StartScreening, caseId, { country: 'GT', language: 'es' });
        await this.act(worker, screening.ServeNotice, caseId, { notice: 'transfer', language: 'es', readBack: true });
        await this.act(worker, screening.RecordFearInquiry, caseId, { fearsPartnerCountry: false, language: 'es' });
      },
      'awaiting-review': () => this.act(worker, screening.SubmitDetermination, caseId, { outcome: 'amenable', reasons: 'reasons' }),
      amenable: async () => {
        const {
          screening: { determination },
        } = (await this.file(caseId)) as { screening: NonNullable<AsylumCase['screening']> };
        await this.act(supervisor, screening.ConfirmDetermination, caseId, { determinationId: determination?.determinationId });
      },
      requested: () => this.act(liaison, transfer.RequestTransfer, caseId, { country: 'GT' }),
      accepted: async () => {
        await this.act(liaison, transfer.RecordTransferReply, caseId, { reply: 'accepted', reference: 'GT-1' });
        await this.act(liaison, transfer.TellDestination, caseId, { country: 'GT', language: 'es' });
      },
    };
    for (const stage of STAGES.slice(from ? STAGES.indexOf(from) + 1 : 0, STAGES.indexOf(to) + 1)) await steps[stage]();
    return caseId;
  }

  async family(name: string, caseIds: readonly string[]): Promise<string> {
    const familyUnitId = InMemoryOffice.id(name);
    await this.act(worker, families.FormFamilyUnit, familyUnitId, {});
    for (const caseId of caseIds) await this.act(worker, families.AddMember, familyUnitId, { caseId, relationshipCode: 'parent' });
    return familyUnitId;
  }

  /** A manifest with these passengers, drafted or approved. */
  async flight(name: string, caseIds: readonly string[], approved = true): Promise<string> {
    const manifestId = InMemoryOffice.id(name);
    await this.act(liaison, manifests.DraftManifest, manifestId, {
      country: 'GT',
      flight: 'GT101',
      departsAt: this.departsAt,
      week: weekOf(this.departsAt),
    });
    for (const caseId of caseIds) await this.act(liaison, manifests.AddPassenger, manifestId, { caseId });
    if (approved) await this.approve(manifestId);
    return manifestId;
  }

  /** Onto a flight that is approved again with the passenger on it. */
  async board(manifestId: string, caseId: string): Promise<void> {
    await this.act(liaison, manifests.AddPassenger, manifestId, { caseId });
    await this.approve(manifestId);
  }

  async approve(manifestId: string): Promise<void> {
    await this.act(supervisor, manifests.Approve, manifestId, { revision: (await this.manifest(manifestId)).revision });
  }

  openBoarding(manifestId: string): Promise<Receipt> {
    return this.act(liaison, manifests.OpenBoarding, manifestId, {});
  }

  depart(manifestId: string, boarded: readonly string[]): Promise<Receipt> {
    return this.act(liaison, manifests.Depart, manifestId, { boarded: [...boarded] });
  }

  settle(): Promise<number> {
    return this.service.settle();
  }

  file(caseId: string): Promise<AsylumCase> {
    return this.state(caseStream, caseId);
  }

  manifest(manifestId: string): Promise<Manifest> {
    return this.state(manifestStream, manifestId);
  }

  /** The newest proposal of a separation. */
  async proposal(familyUnitId: string): Promise<string> {
    return (await this.state(familyStream, familyUnitId)).separations.at(-1)?.proposalId ?? '';
  }

  private async state<S>(kind: StreamKind<S, never>, id: string): Promise<S> {
    return (await this.service.ledger.read(kind, id)).state;
  }
}
