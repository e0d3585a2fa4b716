// Guarded in every run by console/console, console/sign-in, console/replay.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsOn } from '../console/browser.js';

/* What the console does with a token that ends, a late answer, and what is written twice, erased or not there. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;
let caseId: string;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  caseId = await world.caseAt('amenable', {
    familyName: 'Synthetic <img src=x onerror=alert(1)>',
    givenNames: 'Ana \u0644\u064A\u0644\u0649',
  });
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'medical' });
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

test('a token that ends while a form is filled takes nothing with it', async () => {
  const { page } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByRole('button', { name: 'Add note' }).click();
  await page.getByLabel('Text').fill('Typed before the end.');
  await page.route(
    '**/add-note',
    route => route.fulfill({ status: 401, json: { code: 'unauthenticated', title: 'Unauthenticated', status: 401, errors: [] } }),
    {
      times: 1,
    },
  );
  await page.locator('form.command button[type=submit]').click();
  await page.getByRole('region', { name: 'Sign in again' }).getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByLabel('Text').inputValue()).toBe('Typed before the end.');
  await page.locator('form.command button[type=submit]').click();
  await page.locator('.notes').getByText('Typed before the end.').waitFor();
  expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
  await closePage(page);
});

test('a list that still answers the question before opens nobody', async () => {
  for (const familyName of ['Moved-Abad', 'Moved-Zuniga']) await world.open({ familyName });
  await world.host.calm();
  const { page, faults } = await openPage(browser, caseledger.url, '/');
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByRole('searchbox').fill('Moved');
  await page.getByRole('button', { name: 'Search' }).click();
  const order = page.getByLabel('Order', { exact: true });
  await order.selectOption('-familyName');
  const rows = page.getByRole('region', { name: 'Cases' }).locator('tbody').getByRole('link');
  await rows.nth(1).filter({ hasText: 'Abad' }).waitFor();
  const first = await page.locator('tbody a').first().boundingBox();
  let answer = () => {};
  const answered = new Promise<void>(resolve => (answer = resolve));
  await page.route('**/v1/cases/search', async route => {
    await answered;
    await route.continue();
  });
  await order.selectOption('familyName');
  await page.mouse.click((first?.x ?? 0) + 5, (first?.y ?? 0) + 5);
  expect(await page.locator('tbody a').allInnerTexts()).toEqual([expect.stringContaining('Zuniga'), expect.stringContaining('Abad')]);
  expect(new URL(page.url()).pathname).toBe('/cases');
  answer();
  await rows.first().filter({ hasText: 'Abad' }).click();
  await page.getByRole('heading', { name: /Abad/, level: 1 }).waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

test('what protects is a new one, whatever stands already, and a fear may be of any country', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByText('Held: medical').waitFor();
  const send = page.locator('form.command button[type=submit]');
  await page.getByRole('button', { name: 'Place hold' }).click();
  await page.getByLabel('Kind').selectOption('medical');
  await send.click();
  await page.getByText('Done: ').waitFor();
  for (const description of ['A letter.', 'Another one.']) {
    await page.getByRole('button', { name: 'Record evidence' }).click();
    await page.getByLabel('Description').fill(description);
    await send.click();
    await page.getByText('Done: ').waitFor();
  }
  await page.getByRole('button', { name: 'Express fear' }).click();
  await page.getByRole('combobox', { name: 'Country' }).selectOption('SV');
  await send.click();
  await page.getByText('Done: ').waitFor();
  await page.getByRole('button', { name: 'Assign case' }).click();
  await page.getByRole('textbox', { name: 'Caseworker' }).fill('cw-ana');
  await send.click();
  await page.getByText('Nothing was stored').waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
  const { holds, evidence } = await world.file(caseId);
  expect(holds).toMatchObject([{ kind: 'medical' }, { kind: 'medical' }]);
  expect(evidence).toHaveLength(2);
  const { body } = await world.staff.auditor.get(`/v1/audit/cases/${caseId}/events`);
  expect(body['events']).toContainEqual(
    expect.objectContaining({ type: 'FearExpressed', data: expect.objectContaining({ country: 'SV' }) }),
  );
});

test('a replay fits a narrow dark page, and is for auditors alone', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, `/audit/cases/${caseId}`, { width: 320, dark: true });
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByRole('heading', { name: 'Nothing here for your roles' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'The case at revision 0' }).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  expect(faults).toEqual([]);
  await closePage(page);
});

test('a replay of an erased person shows what was done, and says what can be read no more', async () => {
  const erased = await world.caseAt('opened', { familyName: 'Forgotten' });
  const { body } = await world.staff.auditor.get(`/v1/audit/cases/${erased}/events`);
  const events = body['events'] as readonly { readonly metadata: { readonly keyId?: string } }[];
  await caseledger.app.get(DataKeys).destroy(events.flatMap(({ metadata: { keyId } }) => keyId ?? []));
  const { page, faults } = await openPage(browser, caseledger.url, `/audit/cases/${erased}`);
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Case opened' }).waitFor();
  await page.getByText('This person was erased').waitFor();
  await page.getByText('What is personal in this event was erased').waitFor();
  expect(await page.getByText('Forgotten').count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});
