import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { openPage, signIn, startBrowser } from './browser.js';

/* `npm run console:pictures`: each page at two widths, light and dark, into a folder that Git passes over. */

const FOLDER = 'pictures';
const SIGHTS: readonly (readonly [name: string, go: (page: Page) => Promise<unknown>])[] = [
  ['caseload', page => page.getByRole('heading', { name: 'Caseload' }).waitFor()],
  [
    'case',
    async page => {
      await page
        .getByRole('link', { name: /Synthetic/ })
        .first()
        .click();
      await page.getByRole('heading', { name: 'History' }).waitFor();
    },
  ],
  [
    'form',
    async page => {
      await page.getByRole('button', { name: 'Correct applicant' }).click();
      await page.getByLabel('Given names').first().waitFor();
    },
  ],
];

/** Small ones that the README shows. */
const KEPT = 'src/console/pictures';
const IN_README: readonly (readonly [name: string, role: string | null, path: (caseId: string) => string, shown: string])[] = [
  ['sign-in', null, () => '/', 'This is no real sign-in'],
  ['case', 'Supervisor', caseId => `/cases/${caseId}`, 'What may be done now'],
  ['flights', 'Liaison', () => '/flights', 'GT101'],
];

for (const folder of [FOLDER, KEPT]) mkdirSync(folder, { recursive: true });
const [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
try {
  const world = await World.in(caseledger);
  const flown = await world.caseAt('scheduled');
  await world.act(world.staff.supervisor, flown, 'place-hold', { kind: 'medical', note: 'Cannot fly.' });
  await world.staff.liaison.post(`cases/${flown}/record-departure`, { flight: 'GT118' });
  await world.caseAt('submitted', {
    familyName: `Synthetic-${'García-Hernández '.repeat(10).trim()}`,
    givenNames: 'Ana \u0644\u064A\u0644\u0649',
  });
  for (const width of [320, 1280])
    for (const dark of [false, true]) {
      const { page } = await openPage(browser, caseledger.url, '/', { width, dark });
      const take = (name: string) =>
        page.screenshot({ path: join(FOLDER, `${name}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      await page.getByLabel('Name', { exact: true }).waitFor();
      await take('sign-in');
      await signIn(page, 'sup-dina', 'Supervisor');
      for (const [name, go] of SIGHTS) {
        await go(page);
        await page.waitForLoadState('networkidle');
        await take(name);
      }
      await page.context().close();
    }
  for (const width of [320, 1280])
    for (const dark of [false, true]) {
      const { page } = await openPage(browser, caseledger.url, '/flights', { width, dark });
      const take = async (name: string) => {
        while ((await page.getByText(/^Waiting for /).count()) > 0) await page.waitForTimeout(100);
        await page.screenshot({ path: join(FOLDER, `${name}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      };
      await signIn(page, 'li-gus', 'Liaison');
      await page.getByRole('heading', { name: /^Week/ }).waitFor();
      await take('flights');
      await page.getByRole('link', { name: 'GT101' }).click();
      await page.getByRole('heading', { name: 'History of the flight' }).waitFor();
      await take('flight');
      await page.getByRole('link', { name: 'Agreements' }).click();
      await page.getByRole('heading', { name: 'Guatemala' }).waitFor();
      await take('agreements');
      await page.context().close();
    }
  for (const width of [320, 1920])
    for (const dark of [false, true]) {
      const { page } = await openPage(browser, caseledger.url, `/audit/cases/${flown}`, { width, dark });
      await signIn(page, 'aud-ivy', 'Auditor', null);
      await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Last' }).click();
      await page.getByRole('heading', { name: /^The case at revision [1-9]/ }).waitFor();
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: join(FOLDER, `replay-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      await page.context().close();
    }
  for (const width of [320, 1280])
    for (const dark of [false, true]) {
      const { page } = await openPage(browser, caseledger.url, '/reports/outcomes', { width, dark });
      await signIn(page, 'aud-ivy', 'Auditor', null);
      await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
      await page.getByRole('button', { name: 'Go on' }).click();
      for (const report of ['Outcomes', 'Screening', 'Safeguards', 'Workload']) {
        await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name: report }).click();
        await page.locator('.plot').first().waitFor();
        await page.screenshot({ path: join(FOLDER, `${report.toLowerCase()}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      }
      await page.getByRole('link', { name: 'Health' }).click();
      await page.locator('.head').waitFor();
      await page.screenshot({ path: join(FOLDER, `health-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      await page.context().close();
    }
  for (const [name, role, path, shown] of IN_README) {
    const { page } = await openPage(browser, caseledger.url, path(flown), { width: 1000 });
    if (role !== null) await signIn(page, 'x-picture', role, 'ELP');
    await page.getByText(shown).first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(KEPT, `${name}.png`), clip: { x: 0, y: 0, width: 1000, height: 640 } });
    await page.context().close();
  }
} finally {
  await browser.close();
  await caseledger.stop();
}
