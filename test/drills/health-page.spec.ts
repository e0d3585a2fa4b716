// Guarded in every run by console/health, audit/dossier.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { HealthRegistry } from '../../src/http/health.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, sideways, signIn, startBrowser, violationsOn } from '../console/browser.js';

/* The page of health while something is down, or nobody answers. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  await world.caseAt('submitted');
  await world.host.calm();
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^(Read model |Process )?${name}$`) }) });

test('an auditor keeps the newest head of the log; what is down is named, a service that is away is said, and both pass', async () => {
  const { page } = await openPage(browser, caseledger.url, '/health', { width: 320, dark: true });
  await signIn(page, 'aud-ivy', 'Auditor', null);
  await page.getByRole('textbox', { name: 'Purpose' }).fill('the yearly look');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('All that the service depends on is up.').waitFor();
  const { body } = await world.staff.auditor.get('/v1/audit/log/checkpoint');
  await page.locator('.head').getByText(String(body['publicKey']), { exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Keep this head' }).click()]);
  expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({ publicKey: body['publicKey'] });
  expect(await sideways(page)).toEqual([]);
  expect(await violationsOn(page, axe)).toEqual([]);
  const registry = caseledger.app.get(HealthRegistry);
  const database = registry.get('database');
  registry.add('database', async () => ({ up: false }));
  await page.getByText('Down: database.').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  registry.add('database', database ?? (async () => ({ up: true })));
  await page.getByText('All that the service depends on is up.').waitFor();
  await page.route('**/health/ready', route => route.abort());
  await page.getByText('Does not answer').waitFor();
  await rowOf(page, 'Case file').waitFor();
  await page.unroute('**/health/ready');
  await page.getByText('All that the service depends on is up.').waitFor();
  await closePage(page);
});
