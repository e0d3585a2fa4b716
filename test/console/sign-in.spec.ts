import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { openPage, startBrowser, violationsOn } from './browser.js';
import { Issuer } from './issuer.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CLAIMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'sup-dina': { roles: ['supervisor'], office: 'ELP' },
  'rep-jon': { roles: ['reporting'] },
  'new-nora': {},
  'sup-nowhere': { roles: ['supervisor'] },
};

let issuer: Issuer;
let caseledger: Caseledger;
let browser: Browser;

beforeAll(async () => {
  issuer = await Issuer.start();
  [caseledger, browser] = await Promise.all([startCaseledger(issuer.settings), startBrowser()]);
  issuer.serve(caseledger.url, sub => CLAIMS[sub] ?? {});
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

/** The issuer's own pages ask for a font elsewhere. */
const faultsOfOurs = (faults: readonly string[]): string[] => faults.filter(fault => !fault.includes('net::ERR_'));

const kept = (page: Page): Promise<unknown> => page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]');

test('an analyst signs in at the issuer, comes back to the page asked for, and no token is kept anywhere', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/reports/workload', { fresh: true });
  await page.getByText(`You sign in at ${new URL(issuer.url).host}.`).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'rep-jon');
  await page.getByRole('heading', { name: 'Reports: workload' }).waitFor();
  await page.getByText('rep-jon: reporting').waitFor();
  await page.getByText('Nothing was counted on these days.').waitFor();
  expect(page.url()).toBe(`${caseledger.url}/reports/workload`);
  expect(await kept(page)).toEqual([0, 0, '']);
  const answer = await page.request.get(caseledger.url);
  expect(answer.headers()['content-security-policy']?.split(';')).toContain(`connect-src 'self' ${issuer.url}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  // Nobody who comes after finds it open, here or at the issuer.
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('input[name=login]').waitFor();
  expect(faultsOfOurs(faults)).toEqual([]);
  await page.context().close();
});

test('a token that ends is signed in for again in another tab, and nothing on the page is lost', async () => {
  const { page } = await openPage(browser, caseledger.url, '/cases', { fresh: true });
  await page.getByRole('button', { name: 'Sign in' }).click();
  issuer.lifetime = 1;
  await identify(page, 'sup-dina');
  const again = page.getByRole('region', { name: 'Sign in again' });
  const typed = page.getByRole('searchbox');
  for (let asked = 0; !(await again.isVisible()); asked++) {
    expect(asked).toBeLessThan(100);
    await typed.fill(`typed before the end ${asked}`);
    await typed.press('Enter');
    await page.waitForTimeout(200);
  }
  await again.getByText('The sign-in has run out.').waitFor();
  const text = await typed.inputValue();
  expect(await violationsOn(page, axe)).toEqual([]);
  issuer.lifetime = 600;
  await again.getByRole('button', { name: 'Sign in' }).click();
  await again.waitFor({ state: 'detached' });
  expect(await typed.inputValue()).toBe(text);
  await page.getByText('No case fits.').waitFor();
  expect(await kept(page)).toEqual([0, 0, '']);
  await page.context().close();
});

test('who has no role is told so, and who comes back unasked signs in anew', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/', { fresh: true });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'new-nora');
  await page.getByRole('heading', { name: 'You have no role here' }).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faultsOfOurs(faults)).toEqual([]);
  await page.goto('/signed-in?code=stolen&state=of-another-tab');
  await page.getByText('Signing in did not come to an end.').waitFor();
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

test('a sign-in that the service does not take is said to be that, and not to have run out', async () => {
  const { page } = await openPage(browser, caseledger.url, '/cases', { fresh: true });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'sup-nowhere');
  await page.getByText('The service does not take this sign-in: A valid bearer token is needed.').waitFor();
  expect(await page.getByText('run out').count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.context().close();
});
