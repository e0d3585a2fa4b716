import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { openPage, signIn, startBrowser, violationsOn } from './browser.js';

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

test('what was told wrongly is taken away, and what is left empty stays as it is', async () => {
  const caseId = await world.open({ contact: 'A shelter.', otherNames: [{ givenNames: 'Lucha' }], nationalities: ['HN', 'NI'] });
  const before = (await world.file(caseId))['applicant'];
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByRole('button', { name: 'Correct applicant' }).click();
  const form = page.getByRole('form', { name: /^Correct/ });
  for (const field of ['contact', 'other names', 'birth date estimated'])
    await form.getByText(`Take away what stands in the file: ${field}`).click();
  expect(await form.getByRole('textbox', { name: 'Contact' }).isDisabled()).toBe(true);
  expect(await form.innerText()).not.toContain('null');
  expect(await violationsOn(page, axe)).toEqual([]);
  await form.getByLabel('Reason code').fill('typing-error');
  await form.locator('button[type=submit]').click();
  await page.getByText('Done: ').waitFor();
  const after = (await world.file(caseId))['applicant'];
  expect(before).toMatchObject({ contact: 'A shelter.', otherNames: [{ givenNames: 'Lucha' }] });
  const { contact: _, ...rest } = before as Record<string, unknown>;
  expect(after).toEqual({ ...rest, otherNames: [] });
  expect(faults).toEqual([]);
  await page.context().close();
});
