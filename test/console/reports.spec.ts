import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, sideways, signIn, startBrowser, violationsOn } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  await world.caseAt('transferred', { nationalities: ['HN'] });
  const held = await world.caseAt('accepted', { nationalities: ['SV', 'HN'] });
  await world.act(world.staff.supervisor, held, 'place-hold', { kind: 'court-order' });
  await world.staff.liaison.post(`cases/${held}/record-departure`, { flight: 'GT118' });
  await world.host.calm();
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

const charts = (page: Page) => page.getByRole('img');
/** The row of the table with this head; on a narrow page its column stands before it. */
const rowOf = (page: Page, head: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^(What |Office )?${head}$`) }) });

test('a reporting job finds outcomes drawn, with a table, a source and a file of the same figures', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/');
  await signIn(page, 'rep-jon', 'Reporting', null);
  await page.getByRole('heading', { name: 'Reports: outcomes' }).waitFor();
  await page.locator('.plot').first().waitFor();
  expect(await charts(page).first().getAttribute('aria-label')).toBe(
    'Transfers requested, requests: 2 in 2020-01. The table has each figure.',
  );
  expect(await violationsOn(page, axe)).toEqual([]);
  const { body } = await world.staff.reporting.get('/v1/reports/outcomes');
  await page.getByText(`as of position ${String(body['asOfPosition'])}`).waitFor();
  await page.getByLabel('Group by').selectOption('nationality');
  await rowOf(page, 'Honduras and El Salvador').waitFor();
  expect(await rowOf(page, 'Honduras').getByRole('cell').allInnerTexts()).toEqual([
    '1',
    '1',
    '0',
    '0',
    '1',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
  ]);
  await page.locator('.plot .bars rect').first().waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'The same as CSV' }).click()]);
  const csv = await world.staff.reporting.get('/v1/reports/outcomes?by=nationality', { headers: { accept: 'text/csv' } });
  expect(readFileSync(await file.path(), 'utf8')).toBe(csv.text);
  // On paper, which is not scrolled, all fourteen columns have room.
  await page.setViewportSize({ width: 690, height: 900 });
  await page.emulateMedia({ media: 'print' });
  const right = (table: { getBoundingClientRect(): { right: number } }): number => table.getBoundingClientRect().right;
  expect(await page.locator('.figures').evaluate(right)).toBeLessThanOrEqual(690);
  await page.emulateMedia({ media: null });
  await page.getByLabel('Agreement').selectOption('HN');
  await page.getByText('Nothing was counted on these days.').waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

test('small figures are hidden as for the public, and a report that is not published says so', async () => {
  const { page } = await openPage(browser, caseledger.url, '/reports/outcomes');
  await signIn(page, 'rep-jon', 'Reporting', null);
  await page.locator('.plot').first().waitFor();
  await page.locator('label').filter({ hasText: 'As for the public' }).click();
  await page.getByText('— is a figure of 1 to 4').waitFor();
  expect((await rowOf(page, '2020-01').getByRole('cell').allInnerTexts())[0]).toBe('—');
  await page.getByLabel('Group by').selectOption('office');
  await page.getByRole('alert').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await closePage(page);
});

test('an analyst reads what was screened, held and is at work, on a narrow dark page', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/reports', { width: 320, dark: true });
  await signIn(page, 'rep-jon', 'Reporting', null);
  for (const [report, told] of [
    ['Screening', 'Screening: screenings begun'],
    ['Safeguards', 'Holds placed, by kind: court order'],
    ['Workload', 'ELP'],
    ['Outcomes', '2020-01'],
  ] as const) {
    await page.getByRole('link', { name: report, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Reports: ${report.toLowerCase()}` }).waitFor();
    await rowOf(page, told).first().waitFor();
    await page.locator('.plot').first().waitFor();
    expect(await violationsOn(page, axe)).toEqual([]);
    expect(await sideways(page)).toEqual([]);
  }
  await page.goBack();
  await page.getByRole('heading', { name: 'Reports: workload' }).waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

test('a report that is lost on the way is asked for again by itself; a caseworker finds none', async () => {
  const { page } = await openPage(browser, caseledger.url, '/');
  await page.route('**/v1/reports/safeguards', route => route.abort(), { times: 1 });
  await signIn(page, 'rep-jon', 'Reporting', null);
  await page.getByRole('link', { name: 'Safeguards' }).click();
  await page.getByText('The service does not answer; it is asked again by itself.').waitFor();
  await rowOf(page, 'Departures blocked, by failed check: hold standing').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByRole('heading', { name: 'Nothing here for your roles' }).waitFor();
  await closePage(page);
});
