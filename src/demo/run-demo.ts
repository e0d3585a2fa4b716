import type { Config } from '../config.js';
import { issueLocalToken } from '../http/authentication.js';
import type { Role } from '../http/roles.js';
import { BadDay } from './bad-day/bad-day.js';
import { staffOfBadDay } from './bad-day/cast.js';
import { Office, type Person } from './office.js';
import { progressOf } from './progress.js';
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

/** Where the service is: as told, else as the settings say. */
export const urlsOf = ({ host, port }: Pick<Config, 'host' | 'port'>, urls?: readonly string[]): readonly string[] =>
  urls?.map(url => url.replace(/\/$/, '')) ?? [`http://${host}:${port}`];

/**
 * Tells a story to a running service: the cohort with a progress bar on a terminal and lines elsewhere, the bad day in words.
 * @throws Refused where the service says no to what the story needs
 */
export async function runDemo(config: Config, { urls, story: told, seed }: DemoOptions): Promise<void> {
  const office = new Office(urlsOf(config, urls));
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
