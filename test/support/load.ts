import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Person } from './caseledger.js';
import { done, eventually, type Json, type Stored, type World } from './world.js';

const CASES = 12;
const USERS = 6;
const PAUSE_MS = 10;
/** Until the same is sent again, and until the next look at what fails. */
export const AGAIN_MS = 60;

interface Asked {
  readonly caseId: string;
  readonly key: string;
}
interface Acknowledged extends Asked {
  readonly events: readonly { readonly id: string; readonly type: string; readonly revision: number }[];
  readonly text: string;
}

const loads = new Set<Load>();
/** After each test, whatever became of it. */
export const endLoads = (): Promise<unknown> => Promise.all([...loads].map(load => load.end()));

/** People at work on a few cases; whoever gets no answer sends the same again. */
export class Load {
  readonly asked: Asked[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Answers that no outage explains. */
  readonly strange: string[] = [];
  unavailable = 0;
  unanswered = 0;
  private working = true;
  private readonly users: Promise<void>[];

  /** @param worker who sends the next command, to a service that may be gone by then */
  constructor(
    private readonly worker: () => Person,
    private readonly caseIds: readonly string[],
  ) {
    this.users = Array.from({ length: USERS }, (_, user) => this.work(user));
    loads.add(this);
  }

  /** Resolves when so many more were acknowledged. */
  async goesOn(more: number): Promise<void> {
    const until = this.acknowledged.length + more;
    await eventually(
      `${more} more commands are acknowledged`,
      () => ({ acknowledged: this.acknowledged.length, strange: this.strange }),
      seen => seen.acknowledged >= until || seen.strange.length > 0,
    );
  }

  async end(): Promise<void> {
    this.working = false;
    await Promise.all(this.users);
    loads.delete(this);
  }

  private async work(user: number): Promise<void> {
    for (let turn = user; this.working; turn++) {
      const caseId = this.caseIds[turn % this.caseIds.length] as string;
      const asked = { caseId, key: randomUUID() };
      this.asked.push(asked);
      const [command, body] = WORK[turn % WORK.length]?.(asked.key) ?? [];
      while (this.working && !this.heard(asked, await this.worker().post(`cases/${caseId}/${command}`, body, { key: asked.key })))
        await sleep(AGAIN_MS);
      await sleep(PAUSE_MS);
    }
  }

  /** Whether the command needs no repeating. */
  private heard(asked: Asked, { status, headers, body, text }: Answer): boolean {
    if (status === 200) this.acknowledged.push({ ...asked, events: body['events'] as Acknowledged['events'], text });
    else if (status === 0) this.unanswered++;
    else if (status === 503 && body['code'] === 'store-unavailable' && Number(headers.get('retry-after')) > 0) this.unavailable++;
    else this.strange.push(`${status} ${text.slice(0, 300)}`);
    return status !== 0 && status !== 503;
  }
}

const WORK: readonly ((key: string) => readonly [command: string, body: Json])[] = [
  key => ['add-note', { text: `note ${key}` }],
  key => ['record-evidence', { evidenceId: key, description: 'papers' }],
  () => ['record-vulnerability', { kind: 'medical-condition', detail: 'synthetic' }],
  key => ['place-hold', { holdId: key, kind: 'other' }],
];

/** Every acknowledged command once, none twice, and the shown file what the events add up to. */
export async function expectNothingLost(
  { asked, acknowledged, strange }: Load,
  auditor: Person,
  caseIds: readonly string[],
): Promise<void> {
  expect(strange).toEqual([]);
  const sent = new Map(asked.map(({ key, caseId }) => [key, caseId]));
  const stored = new Map<string, Stored[]>();
  for (const caseId of caseIds) {
    const events = await eventsOf(caseId, auditor);
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const event of events)
      if (sent.has(event.metadata.commandId))
        stored.set(event.metadata.commandId, [...(stored.get(event.metadata.commandId) ?? []), event]);
    await expectShown(caseId, auditor);
  }
  const differences = acknowledged.flatMap(({ key, caseId, events }) => {
    const found = (stored.get(key) ?? []).map(({ id, type, revision, stream }) => ({ id, type, revision, stream }));
    return JSON.stringify(found) === JSON.stringify(events.map(event => ({ ...event, stream: `case-${caseId}` })))
      ? []
      : [{ key, events, found }];
  });
  expect(differences).toEqual([]);
  // One event each; what was never acknowledged may be stored or not.
  expect([...stored.values()].filter(events => events.length !== 1)).toEqual([]);
  expect(acknowledged.length).toBe(new Set(acknowledged.map(({ key }) => key)).size);
}

export async function eventsOf(caseId: string, auditor: Person): Promise<Stored[]> {
  const all: Stored[] = [];
  for (let from: number | null = 0; from !== null;) {
    const { body } = done(await auditor.get(`/v1/audit/cases/${caseId}/events?from=${from}&limit=200`), 200) as Answer & {
      body: { events: Stored[]; next: number | null };
    };
    all.push(...body.events);
    from = body.next;
  }
  return all;
}

/** The case file of the read model is the state that the audit folds. */
export async function expectShown(caseId: string, auditor: Person): Promise<void> {
  const {
    body: { state, revision },
  } = done(await auditor.get(`/v1/audit/cases/${caseId}/state`), 200);
  const seen = await eventually(
    `the file of ${caseId} is shown at revision ${String(revision)}`,
    () => auditor.get(`/v1/cases/${caseId}`),
    ({ body }) => body['revision'] === revision,
  );
  const { possibleDuplicates: _, familyUnitId: __, ...file } = seen.body;
  expect(file).toEqual(state);
  const { body: timeline } = done(await auditor.get(`/v1/cases/${caseId}/timeline?limit=1`), 200);
  expect(timeline['rows']).toHaveLength(1);
}

export const openCases = (world: World, count = CASES): Promise<string[]> => Promise.all(Array.from({ length: count }, () => world.open()));
