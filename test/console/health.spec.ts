import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Database } from '../../src/database/database.js';
import { HealthRegistry } from '../../src/http/health.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsOn } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PROCESS = 'when-arrived-follow-up';

let caseledger: Caseledger;
let world: World;
let browser: Browser;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  await world.caseAt('submitted');
  await world.host.calm();
  await caseledger.app.get(Database).query(
    `INSERT INTO ledger.process_refusals (process, trigger_id, step, target_stream, command, codes, refused_at)
     VALUES ($1, $2::uuid, 'follow', 'case-' || $2::uuid, 'Follow', '{wrong-status}', now())`,
    [PROCESS, '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e'],
  );
});
afterAll(async () => {
  await browser?.close();
  await caseledger?.stop();
});

const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^(Read model |Process )?${name}$`) }) });

test('an admin sees what the service depends on, what follows it and what was refused', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/');
  await signIn(page, 'adm-hal', 'Admin', null);
  await page.getByRole('heading', { name: 'Health' }).waitFor();
  await page.getByText('All that the service depends on is up.').waitFor();
  expect(await rowOf(page, 'Case file').getByRole('cell').allInnerTexts()).toEqual(['In step', '0', '0', '0']);
  expect(await rowOf(page, 'Follow up on who arrived').getByRole('cell').allInnerTexts()).toEqual(['In step', '0', '0', '0', '0', '1']);
  // Each process has a name in words.
  expect(await page.getByRole('rowheader', { name: /^When / }).count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Newest signed head' }).count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  // What is down is named by itself, and so is that it is up again; how that looks, and when nobody answers, a drill shows.
  const registry = caseledger.app.get(HealthRegistry);
  const database = registry.get('database') as NonNullable<ReturnType<HealthRegistry['get']>>;
  registry.add('database', async () => ({ up: false }));
  await page.getByText('Down: database.').waitFor();
  registry.add('database', database);
  await page.getByText('All that the service depends on is up.').waitFor();
  await closePage(page);
});

test('a supervisor finds no health page', async () => {
  const { page } = await openPage(browser, caseledger.url, '/health');
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByRole('heading', { name: 'Nothing here for your roles' }).waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await closePage(page);
});

test('every page of a training copy says so, and an admin moves its time, forwards alone', async () => {
  const { page, faults } = await openPage(browser, caseledger.url, '/health');
  const training = page.getByRole('region', { name: 'Training copy' });
  await training.getByText(`Its time is ${world.now.slice(0, 10)}`).waitFor();
  expect(await training.getByRole('button').count()).toBe(0);
  await signIn(page, 'adm-hal', 'Admin', null);
  const time = training.getByLabel('Move it to (UTC)');
  await time.fill(world.in(-48).slice(0, 16));
  // Browsers hold it back already: what they let through is refused by the service.
  await training.getByRole('form').evaluate(form => Object.assign(form, { noValidate: true }));
  await training.getByRole('button', { name: 'Move the time' }).click();
  await training.getByRole('status').getByText(/./).waitFor();
  await time.fill('2020-02-01T08:00');
  await training.getByRole('button', { name: 'Move the time' }).click();
  await training.getByText('Its time is 2020-02-01 08:00 UTC').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});
