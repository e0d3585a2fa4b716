import cliProgress from 'cli-progress';
import type { Config } from '../config.js';
import { issueLocalToken } from '../http/authentication.js';
import type { Role } from '../http/roles.js';
import { BadDay, staffOfBadDay } from './bad-day.js';
import { Office, type Person } from './office.js';
import { staffOf, Story } from './story.js';

/** Tokens outlive the longest telling. */
const LIFETIME_S = 24 * 3600;

export interface DemoOptions {
  /** Of the service's processes; HOST and PORT unless given. */
  readonly urls?: readonly string[];
  readonly story: 'cohort' | 'bad-day';
  /** Of the cohort. */
  readonly seed: number;
}

/**
 * Tells a story to a running service: the cohort with a progress bar on a terminal and lines elsewhere, the bad day in words.
 * @throws Refused where the service says no to what the story needs
 */
export async function runDemo(config: Config, { urls, story: told, seed }: DemoOptions): Promise<void> {
  const office = new Office(urls?.map(url => url.replace(/\/$/, '')) ?? [`http://${config.host}:${config.port}`]);
  const person = async (sub: string, role: Role, at: string): Promise<Person> => ({
    sub,
    token: await issueLocalToken(config, { sub, roles: [role], office: at, lifetime: LIFETIME_S }),
  });
  const shown = progressOf('people');
  try {
    if (told === 'bad-day') {
      await new BadDay(office, await staffOfBadDay(person), line => process.stdout.write(`${line}\n`)).tell();
      return;
    }
    const story = new Story(office, await staffOf(person), seed, people => shown.add(people));
    shown.begin(story.people);
    await story.tell();
    shown.end();
  } finally {
    office.close();
  }
}

interface Progress {
  begin(total: number): void;
  add(count: number): void;
  end(): void;
}

function progressOf(unit: string): Progress {
  if (process.stdout.isTTY) {
    const bar = new cliProgress.SingleBar(
      { format: `{bar} {value} of {total} ${unit}, {duration_formatted}` },
      cliProgress.Presets.shades_classic,
    );
    return { begin: total => bar.start(total, 0), add: count => bar.increment(count), end: () => bar.stop() };
  }
  let done = 0;
  let all = 0;
  const line = (): void => {
    process.stdout.write(`${done} of ${all} ${unit}\n`);
  };
  return {
    begin: total => {
      all = total;
    },
    add: count => {
      done += count;
      line();
    },
    end: () => undefined,
  };
}
