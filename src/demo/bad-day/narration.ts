import type { Answer } from '../office.js';
import { EVERYBODY, type Applicant } from './cast.js';

/** What the story looks at of a case file. */
export type Shown = Readonly<{
  status: string;
  holds: readonly { readonly kind: string }[];
  transfer: { readonly manifestId: string | null } | null;
}>;

interface Seen {
  readonly status: string;
  readonly holds: readonly string[];
  readonly seat: boolean;
}

export const FLIGHT = 'GT204';

/** The lines of the story: what each did, what was answered, and what has changed in the files since. */
export class Narration {
  private readonly seen = new Map<Applicant, Seen>();

  /**
   * @param say takes the story, line by line @param now of what follows, RFC 3339 UTC
   * @param read the file of somebody; undefined before it is opened
   */
  constructor(
    private readonly say: (line: string) => void,
    public now: string,
    private readonly read: (applicant: Applicant) => Promise<Shown | undefined>,
  ) {}

  /** Reads every file, and tells what is different from the last time. */
  async watch(because: string): Promise<void> {
    const changes: string[] = [];
    for (const applicant of EVERYBODY) {
      const before = this.seen.get(applicant);
      const file = await this.read(applicant);
      if (!file) continue;
      const now = seenIn(file);
      this.seen.set(applicant, now);
      if (JSON.stringify(before) !== JSON.stringify(now)) changes.push(`${applicant.givenNames}: ${inWords(now)}`);
    }
    if (because) this.line('', because, '');
    for (const change of changes) this.say(`${' '.repeat(32)}${change}`);
  }

  tellOf(role: string, what: string, { status, body }: Answer): void {
    const codes = (body['errors'] as { code: string }[] | undefined)?.map(({ code }) => code);
    const events = (body['events'] as { type: string }[] | undefined)?.map(({ type }) => type);
    this.line(role, what, codes ? `${status}: ${codes.join(', ')}` : (events ?? []).join(', '));
  }

  line(role: string, what: string, outcome: string): void {
    this.say(`${this.now.slice(0, 16).replace('T', ' ')}  ${role.padEnd(12)}  ${what}${outcome && ` → ${outcome}`}`);
  }
}

const seenIn = ({ status, holds, transfer }: Shown): Seen => ({
  status,
  holds: holds.map(({ kind }) => kind),
  seat: (transfer?.manifestId ?? null) !== null,
});

const inWords = ({ status, holds, seat }: Seen): string =>
  [status, seat ? `on ${FLIGHT}` : '', holds.length > 0 ? `held: ${holds.join(', ')}` : ''].filter(Boolean).join(', ');

export const names = (people: readonly Applicant[]): string => people.map(({ givenNames }) => givenNames).join(', ');
