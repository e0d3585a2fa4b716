import { setTimeout as sleep } from 'node:timers/promises';
import { isAfter } from '../../src/fields/time.js';
import type { Role } from '../../src/http/roles.js';
import type { Answer, Person, SendOptions } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { Draw } from '../model/draw.js';
import { Records, Wrong, type Command } from './record.js';
import type { Service } from './services.js';

/** Beyond any fault of a run. */
const PATIENCE_MS = 240_000;
const PAUSE_MS = 100;

/** People at work through several service processes: whoever gets no answer sends the same again, to another. */
export class Crew {
  readonly records = new Records();
  working = true;

  /** @param now where the clock stands, RFC 3339 */
  constructor(
    readonly services: readonly Service[],
    private readonly draw: Draw,
    public now: string,
  ) {}

  /** Moves the clock, if somebody hears of it; else nothing is known but where it stands now. */
  async moveClock(to: string): Promise<void> {
    const admin = await this.draw.of(this.services).person('adm-hal', 'admin', 'ELP');
    const { status } = await admin.put('/v1/clock', { now: to });
    const standing = status === 200 ? to : (await admin.get('/v1/agreements/GT')).headers.get('x-training-copy');
    if (standing !== null && isAfter(standing, this.now)) this.now = standing;
  }

  /** For one of several who work at the same time. */
  world(services = this.services): Promise<World> {
    const draw = new Draw(this.draw.below(2 ** 31));
    // What is read shows what the reader has heard of.
    const seen = { token: undefined as string | undefined };
    return World.of(
      {
        person: async (sub, roles, office = 'ELP') => this.person(services, [sub, [roles].flat()[0] as Role, office], draw, seen),
        calm: async () => seen.token,
      },
      this.now,
    );
  }

  private person(
    services: readonly Service[],
    [sub, role, office]: readonly [string, Role, string],
    draw: Draw,
    seen: { token: string | undefined },
  ): Person {
    const ask = async (asked: string, send: (person: Person) => Promise<Answer>, command?: Command): Promise<Answer> => {
      const deadline = performance.now() + PATIENCE_MS;
      for (let service = draw.of(services); ; service = services.find(other => other !== service) ?? service) {
        const answer = await send(await service.person(sub, role, office));
        if (this.records.hear(command, asked, answer)) {
          seen.token = answer.headers.get('consistency-token') ?? seen.token;
          return answer;
        }
        if (performance.now() > deadline)
          this.records.wrong ??= new Wrong(
            `${asked} got no answer in ${PATIENCE_MS / 1000} s; the last was ${answer.status} ${answer.text.slice(0, 300)}`,
          );
        if (this.records.wrong) throw this.records.wrong;
        await sleep(PAUSE_MS);
      }
    };
    return {
      sub,
      office,
      get: (path, options) => ask(`GET ${path}`, person => person.get(path, { token: seen.token, ...options })),
      put: (path, body, options) => ask(`PUT ${path}`, person => person.put(path, body, options)),
      post: (path, body = {}, options: SendOptions = {}) => {
        const key = options.key ?? draw.uuid();
        const command: Command = { key, path, by: sub, body, firstSentAt: performance.now() };
        this.records.begin(command);
        return ask(`POST /v1/${path}`, person => person.post(path, body, { ...options, key }), command);
      },
    };
  }
}
