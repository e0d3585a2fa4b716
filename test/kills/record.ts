import type { Answer } from '../support/caseledger.js';

/** Something is not as it must be. */
export class Wrong extends Error {}

export interface Stored {
  readonly id: string;
  readonly type: string;
  readonly revision: number;
}

/** One command, however often it was sent. Times are in milliseconds of `performance.now()`. */
export interface Command {
  readonly key: string;
  readonly path: string;
  readonly by: string;
  readonly body: unknown;
  readonly firstSentAt: number;
  /** What was answered at last: nothing where the run ended first. */
  answered?: {
    readonly at: number;
    readonly status: number;
    readonly code: string | null;
    readonly stream: string;
    readonly events: readonly Stored[];
  };
}

/** What protects somebody, from when it was acknowledged until somebody asked to end it. */
export interface Safeguard {
  readonly what: string;
  readonly caseIds: readonly string[];
  readonly country?: string;
  readonly acknowledgedAt: number;
  endAskedAt?: number;
}

/** All that people sent and heard. */
export class Records {
  readonly commands: Command[] = [];
  readonly safeguards: Safeguard[] = [];
  /** Journeys from the border to the arrival. */
  journeys = 0;
  acknowledged = 0;
  unanswered = 0;
  /** By code. */
  readonly refused = new Map<string, number>();
  readonly unavailable = new Map<string, number>();
  /** What no outage explains; the first ends the run. */
  wrong?: Wrong;

  begin(command: Command): void {
    this.commands.push(command);
  }

  /** @returns whether it was an answer at all, or the command has to be sent again */
  hear(command: Command | undefined, asked: string, { status, headers, body, text }: Answer): boolean {
    const code = typeof body['code'] === 'string' ? body['code'] : null;
    if (status === 0) this.unanswered++;
    else if (status === 503 && code !== null && WAITS.includes(code) && Number(headers.get('retry-after')) > 0)
      count(this.unavailable, code);
    else {
      if (status >= 500 || (status >= 400 && !REFUSALS.includes(status)))
        this.wrong ??= new Wrong(`${asked} was answered ${status} ${text.slice(0, 500)}`);
      if (command) this.keep(command, status, code, body);
      return true;
    }
    return false;
  }

  protect(safeguard: Omit<Safeguard, 'acknowledgedAt'>): Safeguard {
    const kept = { ...safeguard, acknowledgedAt: performance.now() };
    this.safeguards.push(kept);
    return kept;
  }

  private keep(command: Command, status: number, code: string | null, body: Answer['body']): void {
    if (status < 300) this.acknowledged++;
    else count(this.refused, code ?? String(status));
    command.answered = {
      at: performance.now(),
      status,
      code,
      stream: streamOf(command.path, body),
      events: (body['events'] ?? []) as readonly Stored[],
    };
  }
}

const count = (counts: Map<string, number>, code: string): void => {
  counts.set(code, (counts.get(code) ?? 0) + 1);
};

/** What a service says that cannot do it now. */
const WAITS = ['store-unavailable', 'read-model-behind', 'safeguards-behind'];
/** A rule refused, or the manifest is not the one that was seen. */
const REFUSALS = [409, 412];

const CATEGORIES: Readonly<Record<string, readonly [category: string, id: string]>> = {
  cases: ['case', 'caseId'],
  manifests: ['manifest', 'manifestId'],
  agreements: ['agreement', 'country'],
  reception: ['reception', 'country'],
  families: ['family', 'familyUnitId'],
  'hold-orders': ['order', 'holdOrderId'],
  reassignments: ['reassignment', 'reassignmentId'],
};

function streamOf(path: string, body: Answer['body']): string {
  const [route = '', id = ''] = path.split('/');
  const [category = route, name = ''] = CATEGORIES[route] ?? [];
  return `${category}-${String(body[name] ?? id)}`;
}
