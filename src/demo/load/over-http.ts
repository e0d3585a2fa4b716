import type { PartnerCountry } from '../../agreements/agreement.events.js';
import type { Config } from '../../config.js';
import { plusHours } from '../../fields/time.js';
import { issueLocalToken } from '../../http/authentication.js';
import { kebabCase } from '../../http/command-routes.js';
import type { Role } from '../../http/roles.js';
import { Office, type Person, Refused } from '../office.js';
import { agreed, FROM, idOfLoad, lifeOf, type Life, STAGES, type Step } from './life.js';

const LIFETIME_S = 24 * 3_600;
/** An agreement that stands already has nothing to be agreed any more. */
const STANDS_ALREADY = [409, 422];

export interface LoadOverHttp {
  readonly cases: number;
  readonly seed: number;
  readonly concurrency: number;
  readonly urls: readonly string[];
  readonly progress: (cases: number) => void;
}

export interface Loaded {
  readonly commands: number;
  readonly seconds: number;
  /** Milliseconds from a command to its answer. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** Answers that were no success, by code, and requests without an answer as `no-answer`. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Lets invented people begin their cases at a running service, as far as to the partner country's reply. The same seed sends the same
 * commands with the same keys.
 * @throws Refused where no agreement can be brought into force; Error where the service is not there
 */
export async function loadOverHttp(config: Config, { cases, seed, concurrency, urls, progress }: LoadOverHttp): Promise<Loaded> {
  const office = new Office(urls, { patienceMs: 0, sockets: concurrency });
  try {
    return await new Load(config, office, seed).run(cases, concurrency, progress);
  } finally {
    office.close();
  }
}

class Load {
  private readonly people = new Map<string, Promise<Person>>();
  private readonly latencies: number[] = [];
  private readonly errors: Record<string, number> = {};

  constructor(
    private readonly config: Config,
    private readonly office: Office,
    private readonly seed: number,
  ) {}

  async run(cases: number, concurrency: number, progress: LoadOverHttp['progress']): Promise<Loaded> {
    for (const country of Object.keys(FROM) as PartnerCountry[]) await this.agree(country);
    // They were met before, whatever time the service has.
    const now = await this.office.now();
    const began = performance.now();
    let begun = 0;
    const worker = async (): Promise<void> => {
      for (let number = begun++; number < cases; number = begun++) {
        await this.live(lifeOf(this.seed, number, plusHours(now, STAGES.intake)));
        progress(1);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, cases) }, worker));
    const sorted = this.latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return {
      commands: sorted.length,
      seconds: (performance.now() - began) / 1_000,
      latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 },
      errors: this.errors,
    };
  }

  private async agree(country: PartnerCountry): Promise<void> {
    const admin = await this.person('adm-load', 'admin', 'HQ');
    for (const [command, body] of agreed(country)) {
      const key = idOfLoad(this.seed, `${country} ${command}`);
      await this.office.command(admin, `/v1/agreements/${country}/${kebabCase(command)}`, body, key, STANDS_ALREADY);
    }
  }

  /** Whoever is refused something goes no further. */
  private async live(life: Life): Promise<void> {
    for (const stage of ['intake', 'screening', 'review', 'request', 'reply', 'preparation'] as const)
      for (const [at, step] of life.steps[stage].entries()) if (!(await this.step(life, step, `${stage} ${at}`))) return;
  }

  private async step({ caseId, office, caseworker }: Life, { by, command, body }: Step, name: string): Promise<boolean> {
    const person = await this.person(by === 'caseworker' ? caseworker : `${by}-${office.toLowerCase()}`, by, office);
    const opens = command === 'OpenCase';
    const path = opens ? '/v1/cases' : `/v1/cases/${caseId}/${kebabCase(command)}`;
    try {
      const sent = typeof body === 'function' ? body(await this.determinationOf(person, caseId)) : body;
      const began = performance.now();
      await this.office.command(person, path, opens ? { ...sent, caseId } : sent, idOfLoad(this.seed, `${caseId} ${name}`));
      this.latencies.push(performance.now() - began);
      return true;
    } catch (error) {
      const code = error instanceof Refused ? String(error.answer.body['code'] ?? error.answer.status) : 'no-answer';
      this.errors[code] = (this.errors[code] ?? 0) + 1;
      return false;
    }
  }

  private async determinationOf(person: Person, caseId: string): Promise<string> {
    const { body } = await this.office.query(person, `/v1/cases/${caseId}`);
    const { screening } = body as { screening?: { determination?: { determinationId: string } } };
    return screening?.determination?.determinationId ?? '';
  }

  private person(sub: string, role: Role, office: string): Promise<Person> {
    const known = this.people.get(sub);
    if (known) return known;
    const person = issueLocalToken(this.config, { sub, roles: [role], office, lifetime: LIFETIME_S }).then(token => ({ sub, token }));
    this.people.set(sub, person);
    return person;
  }
}
