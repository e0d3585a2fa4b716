import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { tellBadDay } from '../support/tell-bad-day.js';
import { closePage, openPage, signIn, startBrowser, violationsAs } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let browser: Browser;
const lines: string[] = [];

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  await tellBadDay(caseledger, line => lines.push(line));
  await caseledger.settled();
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

test('the bad day is told word for word as README tells it: each protection counts, in whatever order it comes', () => {
  expect(lines.length).toBeGreaterThan(40);
  expect(readFileSync('README.md', 'utf8')).toContain(`\n${lines.join('\n')}\n`);
});

test('it is told to an empty service only', async () => {
  await expect(tellBadDay(caseledger)).rejects.toThrow('empty service');
});

test('a liaison sees on one page why nobody flew, with a keyboard alone, wide and light, narrow and dark', async () => {
  const ways = [{ width: 1280 }, { width: 375, dark: true }];
  const { page, faults } = await openPage(browser, caseledger.url, '/flights');
  await signIn(page, 'li-gus', 'Liaison');
  const flight = page.getByRole('link', { name: 'GT204' });
  await flight.waitFor();
  await page.getByText('Nobody flew; 3 were on it').waitFor();
  await page.getByText(/^Guatemala: \d+ of 20 places taken/).waitFor();
  expect(await violationsAs(page, axe, ways)).toEqual([]);
  await flight.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Why nobody flew' }).waitFor();
  await page.getByText('As it was at 2019-12-12 11:40 UTC, the moment before the flight was cancelled.').waitFor();
  const told = async (name: RegExp) => (await page.getByRole('row', { name }).innerText()).replaceAll(/\s+/g, ' ');
  const rosa = await told(/Rosa Elvira/);
  expect(rosa).toContain('Taken off 2019-12-12 11:10 UTC');
  expect(rosa).toContain('The person has told of a fear of Guatemala; nobody has assessed it');
  expect(await told(/Denis/)).toContain('Held: court order');
  expect(await told(/Mateo/)).toContain('Held: family');
  const elsa = await told(/Elsa Marina/);
  expect(elsa).toContain('The agreement is suspended or not in force');
  expect(elsa).toContain('Held: agreement suspended');
  expect(elsa).toContain(
    'An attempt to move this person was blocked 2019-12-12 11:40 UTC: not cleared, agreement not in force, hold standing',
  );
  await page.locator('.history').getByText('Flight cancelled: agreement suspended, with 3 people on it').waitFor();
  expect(await violationsAs(page, axe, ways)).toEqual([]);
  const all = page.getByRole('row', { name: /Denis/ }).getByText(/^All 13 checks/);
  await all.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /Denis/ }).getByText('The determination is confirmed').waitFor();
  // What Guatemala accepted before is not to be taken for an acceptance that counts.
  const caseOf = async (name: RegExp, transfer: string) => {
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name: transfer, exact: true, level: 3 }).waitFor();
    await page.goBack();
  };
  await caseOf(/Rosa Elvira/, 'Transfer, which has ended and counts for nothing');
  await caseOf(/Elsa Marina/, 'Transfer');
  expect([page.url(), await page.title()].filter(text => /Denis|Elsa|Rosa/.test(text))).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});

test('whoever may not read a case is led to none', async () => {
  const { page } = await openPage(browser, caseledger.url, '/flights');
  await signIn(page, 'sup-lu', 'Supervisor', 'LRD');
  await page.getByRole('link', { name: 'GT204' }).click();
  await page.getByText('A person whose name is not shown to you').first().waitFor();
  expect(await page.locator('main a[href^="/cases/"]').count()).toBe(0);
  await closePage(page);
});
