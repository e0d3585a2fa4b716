import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { openPage, signIn, startBrowser, violationsOn } from './browser.js';
import { sampleOf } from './sample.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;
let caseId: string;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  caseId = await world.caseAt('opened');
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

async function replayed(page: Page): Promise<void> {
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'The case at revision 0' }).waitFor();
}

test('what was entered late counts from one time on one axis, and from another on the other', async () => {
  const happened = world.now;
  await world.pass({ days: 2 });
  await world.act(world.staff.supervisor, caseId, 'record-protection-claim', { protection: 'withholding', occurredAt: happened });
  const { page, faults } = await openPage(browser, caseledger.url, `/audit/cases/${caseId}`, { width: 320, dark: true });
  await replayed(page);
  await page.getByRole('button', { name: 'Choose two times' }).press('Enter');
  const [recordedBy, happenedBy] = [page.getByRole('slider', { name: 'Recorded by' }), page.getByRole('slider', { name: 'Happened by' })];
  const claimed = page
    .locator('[aria-labelledby=two-times] .leaves > div')
    .filter({ has: page.getByText('Claim › Protection', { exact: true }) });
  await claimed.getByText('withholding', { exact: true }).waitFor();
  await page.getByText('The file is as it is now.').waitFor();
  await happenedBy.press('Home');
  await claimed.getByText('withholding', { exact: true }).waitFor();
  await recordedBy.press('Home');
  await claimed.getByText('now: withholding').waitFor();
  expect(await claimed.innerText()).toContain('Not yet');
  expect(await recordedBy.getAttribute('aria-valuetext')).toContain(happened.slice(0, 10));
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('no code is shown as it is, and what somebody wrote is shown as they wrote it', async () => {
  const { value, leaves } = sampleOf('CaseFile');
  const { page } = await openPage(browser, caseledger.url, `/audit/cases/${caseId}`);
  await page.route('**/state?*', route => route.fulfill({ json: { revision: 0, state: value } }));
  await page.route('**/events?*', async route => {
    const { events } = (await (await route.fetch()).json()) as { readonly events: readonly object[] };
    const data = { milestone: 'PT72H', toCountry: 'HN', language: 'es', expiresAt: '2019-12-13T11:00:01.5Z', fields: ['applicant.sex'] };
    await route.fulfill({ json: { events: [{ ...events[0], data, personal: null }], next: null } });
  });
  await replayed(page);
  const said = await page.locator('.leaves dd').allInnerTexts();
  const told = leaves.flatMap(({ value: text }) => (String(text).startsWith('told-') ? [String(text)] : []));
  const codes = leaves.flatMap(leaf => (typeof leaf.value === 'string' && leaf.other !== undefined ? [leaf.value] : []));
  const words = said.map(text => text.replace(/^New\s*/, ''));
  expect(codes.filter(code => /[-A-Z]/.test(code) && words.includes(code))).toEqual([]);
  expect(words.filter(text => /\dT\d|^[A-Z]{2}$|^PT?\d/.test(text))).toEqual([]);
  // In some fields stands what people write and codes alike.
  expect(told.filter(text => !words.includes(text) && !words.includes(text.replace('-', ' ')))).toEqual([]);
  expect(words).toContain(told[0]);
  const event = page.locator('[aria-labelledby=event]');
  for (const text of ['72 hours', 'Honduras', 'Spanish', '2019-12-13 11:00:01.5 UTC', 'sex'])
    await event.getByText(text, { exact: true }).waitFor();
  await page.context().close();
});
