import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Config } from '../../src/config.js';
import { BadDay } from '../../src/demo/bad-day/bad-day.js';
import { staffOfBadDay } from '../../src/demo/bad-day/cast.js';
import { Office } from '../../src/demo/office.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';

let caseledger: Caseledger;
let office: Office;
const lines: string[] = [];

async function tell(): Promise<void> {
  const config = caseledger.app.get(Config);
  const staff = await staffOfBadDay(async (sub, role, at) => ({
    sub,
    token: await issueLocalToken(config, { sub, roles: [role], office: at }),
  }));
  await new BadDay(office, staff, line => lines.push(line)).tell();
}

beforeAll(async () => {
  caseledger = await startCaseledger();
  office = new Office([caseledger.url]);
});
afterAll(async () => {
  office.close();
  await caseledger.stop();
});

it('is told word for word as README tells it: each protection counts, in whatever order it comes', async () => {
  await tell();
  expect(lines.length).toBeGreaterThan(40);
  expect(readFileSync('README.md', 'utf8')).toContain(`\n${lines.join('\n')}\n`);
});

it('is told to an empty service only', async () => {
  await expect(tell()).rejects.toThrow('empty service');
});
