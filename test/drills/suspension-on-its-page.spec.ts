// Guarded in every run by console/agreements, journeys/flight-checks.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsOn } from '../console/browser.js';

/* What a suspension does is told before it is sent. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

const form = (page: Page) => page.locator('form.command');
const send = async (page: Page): Promise<void> => {
  await form(page).locator('button[type=submit]').click();
  await page.getByText(/^Done: /).waitFor();
};

test('an admin is told how many cases a suspension will hold before it is sent, and how many its end releases', async () => {
  await world.caseAt('screening');
  await world.caseAt('accepted');
  await caseledger.settled();
  const { page, faults } = await openPage(browser, caseledger.url, '/agreements', { width: 375 });
  await signIn(page, 'adm-hal', 'Admin', null);
  const guatemala = page.getByRole('region', { name: 'Guatemala' });
  await guatemala.locator('.standings').getByText('In force from 2019-11-15').waitFor();
  await page.getByRole('region', { name: 'Honduras' }).getByText('Unsigned').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
  await guatemala.getByRole('button', { name: 'Suspend' }).click();
  const { rows } = await world.read<{ rows: { cases: number }[] }>(world.staff.admin, '/v1/agreements/GT/cases');
  const count = rows.reduce((total, { cases }) => total + cases, 0);
  expect(count).toBeGreaterThan(1);
  await guatemala.getByText(`As things are now, this holds ${count} cases`).waitFor();
  const sent: unknown[] = [];
  page.on('request', request => request.method() === 'POST' && sent.push((request.postDataJSON() as { from?: unknown }).from));
  const from = form(page).getByRole('group', { name: 'From' });
  await from.getByLabel('Day').fill(world.now.slice(0, 10));
  await form(page).getByLabel('Reason').fill('consultation');
  expect(await violationsOn(page, axe)).toEqual([]);
  // A day alone, with something else left out; then with a time, in UTC.
  await form(page).locator('button[type=submit]').click();
  await form(page).locator('.usa-alert--error').waitFor();
  await from.getByLabel('Time, in UTC').fill(world.now.slice(11, 16));
  await form(page).getByLabel('Scope').selectOption('transfers');
  await send(page);
  expect(sent).toEqual([world.now.slice(0, 10), world.now]);
  await guatemala
    .locator('.standings')
    .getByText(/Transfers suspended from/)
    .waitFor();
  await caseledger.settled();
  await guatemala.getByRole('button', { name: 'Reinstate' }).click();
  await from.getByLabel('Day').fill(world.now.slice(0, 10));
  await from.getByLabel('Time, in UTC').fill(world.now.slice(11, 16));
  await guatemala.getByText(`As things are now, this releases ${count} cases`).waitFor();
  await send(page);
  await guatemala.getByText('History (6)').waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});
