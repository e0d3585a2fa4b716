import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { tellBadDay } from '../support/tell-bad-day.js';

let caseledger: Caseledger;
const lines: string[] = [];
const tell = (): Promise<unknown> => tellBadDay(caseledger, line => lines.push(line));

beforeAll(async () => {
  caseledger = await startCaseledger();
});
afterAll(() => caseledger.stop());

it('is told word for word as README tells it: each protection counts, in whatever order it comes', async () => {
  await tell();
  expect(lines.length).toBeGreaterThan(40);
  expect(readFileSync('README.md', 'utf8')).toContain(`\n${lines.join('\n')}\n`);
});

it('is told to an empty service only', async () => {
  await expect(tell()).rejects.toThrow('empty service');
});
