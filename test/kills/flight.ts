import { setTimeout as sleep } from 'node:timers/promises';
import { plusHours, weekOf } from '../../src/fields/time.js';
import type { Draw } from '../model/draw.js';
import type { Answer } from '../support/caseledger.js';
import { done, MARK, type File, type Manifest, type Partner, type World } from '../support/world.js';
import type { Crew } from './crew.js';

const POLL_MS = 150;
/** Processes may have to wait until a frozen leader is replaced. */
const SHOWN_WITHIN_MS = 120_000;

export const isDone = ({ status }: Answer): boolean => status < 300;

/** One flight, from its manifest to its arrival, with what comes between. */
export class FlightOf {
  private readonly manifestId: string;

  constructor(
    private readonly crew: Crew,
    private readonly world: World,
    private readonly draw: Draw,
    private readonly country: Partner,
  ) {
    this.manifestId = draw.uuid();
  }

  /** @returns who has arrived */
  async fly(caseIds: readonly string[]): Promise<readonly string[]> {
    const { liaison } = this.world.staff;
    const departsAt = plusHours(this.crew.now, 48);
    done(
      await liaison.post('manifests', {
        manifestId: this.manifestId,
        country: this.country,
        flight: `${this.country}${100 + this.draw.below(900)}`,
        departsAt,
        week: weekOf(departsAt),
      }),
    );
    for (const caseId of caseIds) await this.act('add-passenger', { caseId });
    if (!(await this.approve())) return this.cancel();
    for (const caseId of caseIds) await liaison.post(`cases/${caseId}/tell-destination`, { country: this.country, language: 'es' });
    await this.shown(({ passengers }) => passengers.every(({ status }) => status === 'transfer-scheduled'));
    if (this.draw.chance(0.15)) await this.protect(this.draw.of(caseIds));
    if (this.draw.chance(0.1)) await liaison.post(`cases/${this.draw.of(caseIds)}/clear-for-boarding`, { manifestId: this.manifestId });
    if (!isDone(await this.act('open-boarding'))) return this.cancel();
    const ready = await this.shown(({ passengers }) => passengers.every(({ cleared }) => cleared));
    const boarded = await this.depart(
      ready.passengers.filter(({ cleared }) => cleared).map(({ caseId }) => caseId),
      caseIds,
    );
    if (boarded.length === 0) return this.cancel();
    done(await this.act('confirm-arrival', { arrived: boarded, receivedBy: `${MARK} desk` }));
    return boarded;
  }

  private act(command: string, body: object = {}): Promise<Answer> {
    return this.world.staff.liaison.post(`manifests/${this.manifestId}/${command}`, body);
  }

  private async approve(): Promise<boolean> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const { revision, passengers } = await this.manifest();
      if (passengers.length === 0) return false;
      if (isDone(await this.world.staff.supervisor.post(`manifests/${this.manifestId}/approve`, { revision }))) return true;
      for (const { caseId, ready } of passengers) if (!ready) await this.act('remove-passenger', { caseId, reasonCode: 'not-ready' });
    }
    return false;
  }

  /** Somebody learns in the last moment, or at the same time, what must keep a person here. */
  private async depart(cleared: readonly string[], all: readonly string[]): Promise<readonly string[]> {
    const before = this.draw.chance(0.15);
    const meanwhile = !before && this.draw.chance(0.15);
    if (before) await this.protect(this.draw.of(all));
    const protecting = meanwhile ? this.protect(this.draw.of(all)) : undefined;
    const boarded = this.draw.chance(0.1) ? all : cleared;
    if (boarded.length === 0) {
      await protecting;
      return [];
    }
    const departed = await this.act('depart', { boarded });
    await protecting;
    if (isDone(departed)) return boarded;
    const { passengers } = await this.shown(({ passengers }) => passengers.every(passenger => passenger.cleared));
    const left = passengers.filter(passenger => passenger.cleared).map(({ caseId }) => caseId);
    return left.length > 0 && isDone(await this.act('depart', { boarded: left })) ? left : [];
  }

  private async protect(caseId: string): Promise<void> {
    const { supervisor, worker, otherWorker } = this.world.staff;
    const { records } = this.crew;
    await this.draw.of([
      async () => {
        const issued = await supervisor.post('hold-orders', { kind: 'court-order', reference: `${MARK} order`, caseIds: [caseId] });
        if (isDone(issued)) records.protect({ what: 'a hold order', caseIds: [caseId] });
      },
      async () => {
        if (isDone(await otherWorker.post(`cases/${caseId}/express-fear`, { country: this.country, account: `${MARK} account` })))
          records.protect({ what: 'a fear that was expressed', caseIds: [caseId] });
      },
      async () => {
        if (isDone(await worker.post(`cases/${caseId}/record-vulnerability`, { kind: 'medical-condition', detail: `${MARK} detail` })))
          records.protect({ what: 'a vulnerability', caseIds: [caseId] });
      },
      async () => {
        const holdId = this.draw.uuid();
        if (!isDone(await worker.post(`cases/${caseId}/place-hold`, { holdId, kind: 'medical' }))) return;
        const hold = records.protect({ what: 'a hold', caseIds: [caseId] });
        if (!this.draw.chance(0.3)) return;
        hold.endAskedAt = performance.now();
        await supervisor.post(`cases/${caseId}/release-hold`, { holdId });
      },
    ])();
  }

  private async cancel(): Promise<readonly string[]> {
    await this.act('cancel', { reasonCode: 'no-passengers' });
    return [];
  }

  private async manifest(): Promise<Manifest> {
    return done(await this.world.staff.liaison.get(`/v1/manifests/${this.manifestId}`)).body as unknown as Manifest;
  }

  /** The manifest once it is so, or as it is when that takes too long: a passenger may be held, or off the flight. */
  private async shown(holds: (manifest: Manifest) => boolean): Promise<Manifest> {
    const deadline = performance.now() + SHOWN_WITHIN_MS;
    for (;;) {
      const manifest = await this.manifest();
      if (holds(manifest) || performance.now() > deadline || !this.crew.working || (await this.isStuck(manifest))) return manifest;
      await sleep(POLL_MS);
    }
  }

  private async isStuck({ passengers }: Manifest): Promise<boolean> {
    for (const { caseId, ready } of passengers) {
      if (ready) continue;
      const { holds, status } = done(await this.world.staff.supervisor.get(`/v1/cases/${caseId}`)).body as unknown as File;
      if (holds.length > 0 || !status.startsWith('transfer-')) return true;
    }
    return false;
  }
}
