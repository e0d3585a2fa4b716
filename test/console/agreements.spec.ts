import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsOn } from './browser.js';

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

test('a flight goes from its draft to its arrival through the pages alone, approved as it was seen', async () => {
  const [ana, ben] = [await world.caseAt('accepted', { givenNames: 'Ana' }), await world.caseAt('accepted', { givenNames: 'Ben' })];
  await world.declare('GT', '2020-W03', 10);
  await caseledger.settled();
  const { page: liaison, faults } = await openPage(browser, caseledger.url, '/flights');
  await signIn(liaison, 'li-gus', 'Liaison');
  await liaison.getByText('No flight has been drafted.').waitFor();
  await liaison.getByRole('button', { name: 'Draft a manifest' }).click();
  await form(liaison).getByLabel('Country').selectOption('GT');
  await form(liaison).getByLabel('Flight').fill('GT7');
  await form(liaison).getByLabel('Departs at').fill('2020-01-15T15:00');
  await form(liaison).getByLabel('Week').fill('2020-W03');
  expect(await violationsOn(liaison, axe)).toEqual([]);
  await form(liaison).locator('button[type=submit]').click();
  await liaison.getByRole('heading', { name: 'Flight GT7 to Guatemala' }).waitFor();
  for (const name of [/Ana/, /Ben/]) {
    await liaison.getByRole('button', { name: 'Add passenger' }).click();
    const choices = form(liaison).getByRole('combobox', { name: 'Person' });
    const value = await choices.locator('option').filter({ hasText: name }).getAttribute('value');
    await choices.selectOption(value);
    await send(liaison);
    await liaison.getByRole('row', { name }).getByText('Ready').waitFor();
  }
  await liaison.getByText('Open boarding may not be done now: The manifest is not approved as it stands.').waitFor();

  const { page: supervisor } = await openPage(browser, caseledger.url, new URL(liaison.url()).pathname);
  await signIn(supervisor, 'sup-dina', 'Supervisor');
  await supervisor.getByRole('button', { name: 'Approve' }).click();
  await form(supervisor).getByLabel('Revision').waitFor();
  expect(await violationsOn(supervisor, axe)).toEqual([]);
  // Ben is taken off while the supervisor looks.
  await liaison.getByRole('button', { name: 'Remove passenger' }).click();
  await form(liaison).getByRole('combobox', { name: 'Person' }).selectOption(ben);
  await form(liaison).getByLabel('Reason').fill('ill');
  await send(liaison);
  await form(supervisor).locator('button[type=submit]').click();
  await supervisor.getByText('This was changed meanwhile').waitFor();
  await supervisor.getByRole('row', { name: /Ben/ }).getByText('Taken off the flight').waitFor();
  await supervisor.getByRole('button', { name: 'I have looked: send it all the same' }).click();
  await supervisor.getByText(/^Done: /).waitFor();
  await closePage(supervisor);

  await caseledger.settled();
  await world.tell(ana);
  await world.moveTo('2020-01-15T12:00:00Z');
  await liaison.getByRole('button', { name: 'Check again' }).click();
  await liaison.getByText(/revision 4$/).waitFor();
  await liaison.getByRole('button', { name: 'Open boarding' }).click();
  await send(liaison);
  await caseledger.settled();
  await world.moveTo('2020-01-15T15:00:00Z');
  await liaison.getByRole('button', { name: 'Check again' }).click();
  await liaison.getByRole('row', { name: /Ana/ }).getByText('until 2020-01-16 12:00 UTC').waitFor();
  await liaison.getByRole('button', { name: 'Depart' }).click();
  await form(liaison)
    .getByText(/^Ana|Ana /)
    .first()
    .click();
  await send(liaison);
  await liaison.getByRole('heading', { name: 'Who flew' }).waitFor();
  await liaison.getByRole('button', { name: 'Confirm arrival' }).click();
  await form(liaison).getByText(/Ana /).click();
  await form(liaison).getByLabel('Received by').fill('the desk');
  await send(liaison);
  await liaison.getByText('Yes, and arrived').waitFor();
  expect(await violationsOn(liaison, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(liaison);
  await caseledger.settled();
  expect(await world.statusOf(ana)).toBe('transferred');
  expect(await world.statusOf(ben)).toBe('transfer-accepted');
});

test('whoever reads them may not change them, and a flight is nothing for a caseworker', async () => {
  // Those that come next stand there, however many are declared.
  for (let week = 2; week <= 12; week++) await world.declare('GT', `2020-W${String(week).padStart(2, '0')}`, 10);
  await caseledger.settled();
  await world.moveTo('2020-01-16T12:00:00Z');
  const { page: reader } = await openPage(browser, caseledger.url, '/agreements');
  await signIn(reader, 'li-gus', 'Liaison');
  const weeks = reader.getByRole('region', { name: 'Guatemala' }).locator('.weeks li strong');
  await weeks.first().waitFor();
  expect(await weeks.allInnerTexts()).toEqual([3, 4, 5, 6, 7, 8, 9, 10].map(week => `Week ${week} of 2020`));
  await closePage(reader);
  const { page } = await openPage(browser, caseledger.url, '/agreements');
  await signIn(page, 'rep-jon', 'Reporting', null);
  await page.getByRole('region', { name: 'Guatemala' }).getByText('Time to reply to a request').waitFor();
  expect(await page.getByRole('button', { name: 'Suspend' }).count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  await closePage(page);
  const { page: other } = await openPage(browser, caseledger.url, '/flights');
  await signIn(other, 'cw-ana', 'Caseworker');
  await other.getByRole('heading', { name: 'Nothing here for your roles' }).waitFor();
  await closePage(other);
});
