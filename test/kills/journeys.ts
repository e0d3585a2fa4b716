import { setTimeout as sleep } from 'node:timers/promises';
import { plusDays, plusHours, weekOf } from '../../src/fields/time.js';
import { Draw } from '../model/draw.js';
import { done, MARK, type File, type Partner, type Stage, type World } from '../support/world.js';
import type { Crew } from './crew.js';
import { FlightOf, isDone } from './flight.js';

/** Two agreements: one is suspended and reinstated again and again. */
const STEADY: Partner = 'GT';
const SUSPENDED: Partner = 'HN';
const WEEKS = 30;
const STAGES: readonly Stage[] = ['screening', 'submitted', 'amenable', 'requested', 'accepted'];
/** Longer than any suspension lasts here. */
const PATIENCE_MS = 120_000;

/** Both agreements in force, and room for everybody. */
export async function prepare(world: World, now: string): Promise<void> {
  for (const country of [STEADY, SUSPENDED]) {
    await world.bringIntoForce(country);
    for (let week = 0; week < WEEKS; week++) await world.declare(country, weekOf(plusDays(now, 7 * week)), 100_000);
  }
}

/** Families and single people on their whole way, one after the other, until the crew stops. */
export class Journeys {
  private people = 0;
  private readonly known: string[] = [];

  constructor(
    private readonly crew: Crew,
    private readonly world: World,
    private readonly draw: Draw,
    private readonly name: number,
  ) {}

  async goOn(): Promise<void> {
    while (this.crew.working) {
      await this.journey().catch((error: unknown) => {
        if (this.crew.records.wrong) throw this.crew.records.wrong;
        if (!/^expected \S+, got 4(09|12)/.test((error as Error).message)) throw error;
      });
    }
  }

  private async journey(): Promise<void> {
    const { draw, crew } = this;
    const country = draw.weighted<Partner>([
      [2, STEADY],
      [1, SUSPENDED],
    ]);
    const caseIds: string[] = [];
    for (let left = draw.of([1, 1, 2, 3]); left > 0; left--) caseIds.push(await this.open());
    if (caseIds.length > 1 && draw.chance(0.5)) await this.makeFamily(caseIds);
    const going: string[] = [];
    for (const caseId of caseIds) if (await this.take(caseId, country)) going.push(caseId);
    for (let flights = 0; flights < 2 && going.length > 0 && crew.working; flights++) {
      const arrived = await new FlightOf(crew, this.world, draw, country).fly(going);
      crew.records.journeys += arrived.length;
      for (const caseId of arrived) await this.afterwards(caseId, country);
      if (arrived.length > 0) return;
    }
  }

  private async open(): Promise<string> {
    const number = ++this.people;
    const applicant = {
      nationalities: ['NI'],
      alienNumber: `A${String(this.name + 1).padStart(3, '0')}${String(number).padStart(6, '0')}`,
      familyName: `Synthetic-${MARK}-${this.name}-${number}`,
    };
    const caseId = await this.world.open(applicant);
    const { worker, liaison } = this.world.staff;
    this.known.push(caseId);
    await worker.post(`cases/${caseId}/add-note`, { text: `${MARK} note` });
    if (this.draw.chance(0.5)) await liaison.post(`cases/${this.draw.of(this.known)}/add-note`, { text: `${MARK} later note` });
    if (this.draw.chance(0.2)) {
      const evidenceId = this.draw.uuid();
      await worker.post(`cases/${caseId}/record-evidence`, { evidenceId, description: `${MARK} papers` });
      await worker.post(`cases/${caseId}/return-evidence`, { evidenceId });
    }
    return caseId;
  }

  private async makeFamily(caseIds: readonly string[]): Promise<void> {
    const { worker } = this.world.staff;
    const familyUnitId = this.draw.uuid();
    done(await worker.post('families', { familyUnitId }));
    for (const [index, caseId] of caseIds.entries())
      done(await worker.post(`families/${familyUnitId}/add-member`, { caseId, relationshipCode: index === 0 ? 'parent' : 'child' }));
  }

  /** @returns whether the transfer was accepted */
  private async take(caseId: string, country: Partner): Promise<boolean> {
    const { liaison, worker } = this.world.staff;
    let from: Stage = 'opened';
    for (const stage of STAGES) {
      if (stage === 'accepted' && this.draw.chance(0.1)) {
        // Nobody answers, and the request lapses; or the answer is no.
        if (this.draw.chance(0.5))
          await liaison.post(`cases/${caseId}/record-transfer-reply`, { reply: 'refused', reference: `${MARK}-REPLY` });
        return false;
      }
      if (stage === 'requested' && this.draw.chance(0.05)) {
        await worker.post(`cases/${caseId}/withdraw-claim`, { voluntary: true, language: 'es' });
        return false;
      }
      if (!(await this.patiently(() => this.world.take(caseId, stage, { from, country })))) return false;
      from = stage;
    }
    return true;
  }

  /** Tries again what a rule refuses now, such as a suspension. */
  private async patiently(act: () => Promise<unknown>): Promise<boolean> {
    for (const deadline = performance.now() + PATIENCE_MS; this.crew.working && performance.now() < deadline; await sleep(500)) {
      try {
        await act();
        return true;
      } catch (error) {
        if (this.crew.records.wrong || !/^expected \S+, got 409/.test((error as Error).message)) throw error;
      }
    }
    return false;
  }

  /** Some apply for asylum there; of the others nothing is heard, and their milestones pass. */
  private async afterwards(caseId: string, country: Partner): Promise<void> {
    const { liaison, supervisor } = this.world.staff;
    if (!this.draw.chance(0.5)) return;
    for (const deadline = performance.now() + PATIENCE_MS; this.crew.working && performance.now() < deadline; await sleep(200)) {
      const { status } = done(await supervisor.get(`/v1/cases/${caseId}`)).body as unknown as File;
      if (status !== 'transferred') continue;
      await liaison.post(`cases/${caseId}/record-asylum-intention`, { country });
      await liaison.post(`cases/${caseId}/record-asylum-application`, {
        country,
        authority: 'national asylum office',
        reference: `${MARK}-APPLICATION`,
      });
      return;
    }
  }
}

/** Suspends an agreement and reinstates it, until the crew stops; at the end it is in force. */
export async function suspendAndReinstate(crew: Crew, world: World, draw: Draw): Promise<void> {
  const { admin } = world.staff;
  while (crew.working) {
    await sleep(2_000 + draw.below(8_000));
    const from = crew.now;
    const suspended = await admin.post(`agreements/${SUSPENDED}/suspend`, {
      from,
      scope: draw.of(['transfers', 'all']),
      reasonCode: 'public-order',
    });
    const safeguard = isDone(suspended) ? crew.records.protect({ what: 'a suspension', caseIds: [], country: SUSPENDED }) : undefined;
    await sleep(1_000 + draw.below(5_000));
    if (safeguard) safeguard.endAskedAt = performance.now();
    done(await admin.post(`agreements/${SUSPENDED}/reinstate`, { from: crew.now }));
  }
}

/** Moves the clock on, so that what is due in hours and weeks comes within the run. */
export async function passTime(crew: Crew, draw: Draw): Promise<void> {
  while (crew.working) {
    await sleep(1_500);
    await crew.moveClock(plusHours(crew.now, 1 + draw.below(4)));
  }
}
