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

test.each([320, 1280])('a case is opened from its form, and who may be the same person is said at once, %d wide', async width => {
  await world.open({ givenNames: 'Marta', familyName: `Opened-${width}`, birthDate: '1988-02-29', alienNumber: `A${800_000_000 + width}` });
  await world.host.calm();
  const { page, faults } = await openPage(browser, caseledger.url, '/cases', { width });
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByRole('link', { name: 'Open a case' }).click();
  await page.getByRole('heading', { name: 'Open a case', level: 1 }).waitFor();
  const form = page.locator('form.command');
  await form.locator('button[type=submit]').click();
  await form.getByText('is missing').first().waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  await form.getByRole('textbox', { name: 'Given names' }).first().fill('Marta');
  await form.getByRole('textbox', { name: 'Family name' }).first().fill(`Opened-${width}`);
  await form.getByLabel('Birth date', { exact: true }).fill('1988-02-29');
  await form
    .getByRole('textbox', { name: 'Alien number' })
    .first()
    .fill(`A${800_000_000 + width}`);
  await form.getByText('None: nationalities').click();
  await form.getByRole('textbox', { name: 'Languages' }).fill('es');
  await form.getByLabel('Accompanied by').selectOption('none');
  await form.getByRole('textbox', { name: 'At', exact: true }).fill('2020-01-12T15:00:00Z');
  await form.getByLabel('Day').fill('2020-01-12');
  await form.getByLabel('Place').fill('Paso del Norte');
  await form.getByLabel('Manner').selectOption('between-ports');
  await form.getByLabel('Documents').selectOption('none');
  await form.locator('button[type=submit]').click();
  await page.getByText('The case is opened. Another file may be of the same person').waitFor();
  await page
    .getByRole('region', { name: /^Possible duplicates/ })
    .getByText('In common:')
    .waitFor();
  const caseId = page.url().split('/').at(-1) ?? '';
  expect((await world.file(caseId))['applicant']).toMatchObject({ givenNames: 'Marta', nationalities: [] });
  expect(page.url()).toBe(`${caseledger.url}/cases/${caseId}`);
  await page.goBack();
  await page.getByRole('heading', { name: 'Caseload' }).waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});
