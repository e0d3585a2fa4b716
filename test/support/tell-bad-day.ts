import { Config } from '../../src/config.js';
import { BadDay } from '../../src/demo/bad-day/bad-day.js';
import { staffOfBadDay, type Staff } from '../../src/demo/bad-day/cast.js';
import { Office } from '../../src/demo/office.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import type { Caseledger } from './caseledger.js';

/**
 * Tells README's bad day to an empty service.
 * @param say takes the story, line by line
 * @returns who lived it
 */
export async function tellBadDay({ app, url }: Caseledger, say: (line: string) => void = () => undefined): Promise<Staff> {
  const config = app.get(Config);
  const office = new Office([url]);
  try {
    const staff = await staffOfBadDay(async (sub, role, at) => ({
      sub,
      token: await issueLocalToken(config, { sub, roles: [role], office: at }),
    }));
    await new BadDay(office, staff, say).tell();
    return staff;
  } finally {
    office.close();
  }
}
