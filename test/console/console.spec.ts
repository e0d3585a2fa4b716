import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, tabTo, violationsOn } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;
let caseId: string;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  caseId = await world.caseAt('submitted', {
    familyName: 'Synthetic <img src=x onerror=alert(1)>',
    givenNames: 'Ana \u0644\u064A\u0644\u0649',
  });
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

test('a supervisor with a keyboard alone goes from signing in to a confirmed determination', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/');
  const { keyboard } = page;
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await tabTo(page, page.getByLabel('Name', { exact: true }), 1);
  await keyboard.type('sup-dina');
  await tabTo(page, page.getByRole('checkbox', { name: 'Supervisor' }), 2);
  await keyboard.press('Space');
  await tabTo(page, page.getByLabel('Office'), 8);
  await keyboard.type('ELP');
  await keyboard.press('Enter');
  const found = page.getByRole('link', { name: /Synthetic/ });
  await found.waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  // Back over what is above the page, where the first stop skips all of it.
  const skip = page.getByRole('link', { name: 'Skip to the page' });
  await tabTo(page, skip, 10, 'Shift+Tab');
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Open a case' }), 1);
  await tabTo(page, found, 15);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: /awaiting review/ }).waitFor();
  const confirm = page.getByRole('button', { name: 'Confirm determination' });
  const form = page.getByRole('form', { name: /^Confirm/ });
  await confirm.waitFor();
  await tabTo(page, confirm, 15);
  await keyboard.press('Enter');
  await form.waitFor();
  await tabTo(page, form.getByLabel('Determination'), 1);
  expect(await violationsOn(page, axe)).toEqual([]);
  // Whoever leaves a form is where they came from.
  await tabTo(page, form.getByRole('button', { name: 'Leave it' }), 10);
  await keyboard.press('Enter');
  await tabTo(page, confirm, 15);
  await keyboard.press('Enter');
  await form.waitFor();
  await tabTo(page, form.getByRole('button', { name: /^Confirm/ }), 10);
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Where the procedure stands: amenable' }).waitFor();
  await page.getByText('Done: ').waitFor();
  await tabTo(page, page.locator('.allowed button').first(), 1);
  expect(faults).toEqual([]);
  await closePage(page);
});

test('what the service refuses stands beside its field, what was typed stays, and texts are never HTML', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByRole('heading', { name: 'Ana ليلى Synthetic <img src=x onerror=alert(1)>' }).waitFor();
  expect(await page.locator('img').count()).toBe(0);
  await page.getByRole('button', { name: 'Add note' }).click();
  const text = page.getByLabel('Text');
  const send = page.locator('form.command button[type=submit]');
  const asked: string[] = [];
  page.on('request', request => request.url().includes('/v1/') && asked.push(request.url()));
  await send.click();
  await page.locator('.field .usa-error-message').getByText(/./).waitFor();
  // What does not fit was compared with nothing: the page stands as it was.
  expect(asked).toEqual([expect.stringMatching(/\/add-note$/)]);
  expect(await text.getAttribute('aria-invalid')).toBe('true');
  expect(await violationsOn(page, axe)).toEqual([]);
  await text.fill('<b>Called the shelter.</b>');
  // Somebody else was there meanwhile.
  await world.act(world.staff.worker, caseId, 'add-note', { text: 'Meanwhile.' });
  await send.click();
  await page.getByText('This was changed meanwhile').waitFor();
  expect(await text.inputValue()).toBe('<b>Called the shelter.</b>');
  await page.getByText('Meanwhile.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'I have looked: send it all the same' }).click();
  await page.getByText('<b>Called the shelter.</b>').waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

test('searches without naming anybody in an address, and shows why each waits', async () => {
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'medical' });
  const { page, faults } = await openPage(browser, caseledger.url, '/', { width: 320, dark: true });
  await signIn(page, 'li-gus', 'Liaison');
  await page.getByText('Held: medical').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  await page.getByRole('searchbox').fill('nobody of this name');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('No case fits.').waitFor();
  expect(asked.length).toBeGreaterThan(0);
  expect([...asked, page.url()].filter(address => address.includes('nobody'))).toEqual([]);
  // A page that was seen already is not taken for what is so now while nobody answers.
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: /Synthetic/ }).click();
  await page.getByRole('heading', { name: 'Holds and deadlines' }).waitFor();
  await page.route('**/v1/cases/search', route => route.fulfill({ status: 502, body: 'Bad gateway' }), { times: 1 });
  await page.goBack();
  const old = page.getByText('Perhaps out of date This page shows what was last known. The service does not answer.');
  await old.waitFor();
  await page.getByText('Held: medical').waitFor();
  expect(await page.getByRole('region', { name: 'Training copy' }).count()).toBe(1);
  expect(await violationsOn(page, axe)).toEqual([]);
  await old.waitFor({ state: 'detached' });
  expect(faults.filter(fault => !fault.includes('status of 502'))).toEqual([]);
  await closePage(page);
});

test('an auditor says what for before anything is read, and a reporting job has no cases to see', async () => {
  const { page } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Nothing, for your roles.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'rep-jon', 'Reporting', null);
  await page.getByRole('heading', { name: 'Nothing here for your roles' }).waitFor();
  await closePage(page);
});

test('an auditor steps by keyboard through all that happened, and sees what changed marked', async () => {
  const events = await world.typesOf(caseId);
  const { page, faults } = await openPage(browser, caseledger.url, '/audit');
  await signIn(page, 'aud-ivy', 'Auditor', null);
  // A header would not take it as it is.
  await page.getByRole('textbox', { name: 'Purpose' }).fill('the family\u2019s complaint \u2013 \u0644\u064A\u0644\u0649');
  await page.keyboard.press('Enter');
  const found = page.getByLabel('Case', { exact: true });
  await found.fill(caseId.slice(0, 13));
  await page.keyboard.press('Enter');
  await page.getByRole('option').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await found.inputValue()).toContain('Synthetic');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Case opened' }).waitFor();
  await page.getByRole('slider').focus();
  for (let pressed = 0; !(await page.getByRole('heading', { name: 'Screening started' }).isVisible()); pressed++) {
    expect(pressed).toBeLessThan(20);
    await page.keyboard.press('ArrowRight');
  }
  const status = page.locator('.leaves .changed').filter({ has: page.locator('dt', { hasText: /^Status$/ }) });
  await status.getByText('before: opened').waitFor();
  expect(await status.innerText()).toContain('screening');
  const revision = Number(await page.getByRole('slider').inputValue());
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('heading', { name: `The case at revision ${revision - 1}`, exact: true }).waitFor();
  await status.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Play' }).press('Enter');
  await page.getByRole('heading', { name: `The case at revision ${revision}`, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).press('Enter');
  await page.getByRole('button', { name: 'Read this list anew' }).click();
  await page
    .locator('.history')
    .getByText(/The case as it was at revision .*\. Purpose: the family\u2019s complaint \u2013 \u0644\u064A\u0644\u0649/)
    .first()
    .waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the dossier' }).click()]);
  expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({ caseId });
  const [verdict] = await Promise.all([
    page.waitForResponse('**/dossier/verdict'),
    page.getByRole('button', { name: 'Have it verified' }).click(),
  ]);
  await page.getByText(`Its ${events.length} events are those of the log`).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  // As if somebody had altered what is stored.
  const altered = { ...((await verdict.json()) as object), sound: false, wrong: 'revision 1 is not what the log has: it was altered' };
  await page.route('**/dossier/verdict', route => route.fulfill({ json: altered }));
  await page.getByRole('button', { name: 'Have it verified' }).click();
  await page.getByText('revision 1 is not what the log has: it was altered').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});

test('a page of what is not there says so, under a heading, and fits a narrow page', async () => {
  const id = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
  const { page } = await openPage(browser, caseledger.url, `/audit/cases/${id}`, { width: 320 });
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('alert').getByText('There is no such case.').waitFor();
  for (const [path, heading] of [
    [`/audit/cases/${id}`, 'Replay'],
    [`/cases/${id}`, 'Case'],
    [`/flights/${id}`, 'Flight'],
  ]) {
    await page.evaluate(`history.pushState({}, '', '${path}')`);
    await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Ask again' }).waitFor();
    expect(await violationsOn(page, axe)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  }
  await closePage(page);
});
