// Guarded in every run by console/sign-in, http/authentication.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { openPage, startBrowser, violationsOn } from '../console/browser.js';
import { Issuer } from '../console/issuer.js';

/* A sign-in that the issuer grants and the service does not take. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let issuer: Issuer;
let caseledger: Caseledger;
let browser: Browser;

beforeAll(async () => {
  issuer = await Issuer.start();
  [caseledger, browser] = await Promise.all([startCaseledger(issuer.settings), startBrowser()]);
  issuer.serve(caseledger.url, () => ({ roles: ['supervisor'] }));
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
  await issuer?.stop();
});

/** On the pages of the issuer. */
async function identify(page: Page, sub: string): Promise<void> {
  await page.locator('input[name=login]').fill(sub);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a sign-in that the service does not take is said to be that, and not to have run out', async () => {
  const { page } = await openPage(browser, caseledger.url, '/cases', { fresh: true });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'sup-nowhere');
  await page.getByText('The service does not take this sign-in: A valid bearer token is needed.').waitFor();
  expect(await page.getByText('run out').count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.context().close();
});
