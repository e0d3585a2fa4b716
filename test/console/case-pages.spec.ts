import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsAs, violationsOn, WIDE_AND_NARROW } from './browser.js';
import { Front } from './front.js';
import { sampleOf, withOther, writtenAs, type Leaf } from './sample.js';

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

const open = async (path: string, [sub, role] = ['sup-dina', 'Supervisor'], how: Parameters<typeof openPage>[3] = {}) => {
  await world.host.calm();
  const opened = await openPage(browser, caseledger.url, path, how);
  await signIn(opened.page, sub, role);
  return opened;
};

test('two files of alike people stand side by side, what differs marked, and are told apart there, wide and narrow', async () => {
  const alienNumber = 'A900000320';
  const one = await world.open({ alienNumber, givenNames: 'Ana Mar\u00EDa', birthDate: '1990-05-17', birthDateEstimated: true });
  await world.open({ alienNumber, givenNames: 'Ana', birthDate: '1991-05-17', sex: 'female' }, world.staff.workerElsewhere);
  const { page, faults } = await open(`/cases/${one}`);
  const pair = page.getByRole('region', { name: /^Possible duplicates/ });
  await pair.getByText('In common: alien number').waitFor();
  const marked = await pair.locator('.differs th').allInnerTexts();
  expect(marked.map(text => text.replace('Differs', '').trim())).toEqual(expect.arrayContaining(['Given names', 'Born', 'Sex', 'Office']));
  expect(marked.join()).not.toContain('Alien number');
  // That a day differs says less where one of the two is a guess.
  await pair.getByText('1990-05-17 (a guess)', { exact: true }).waitFor();
  expect(await violationsAs(page, axe, WIDE_AND_NARROW)).toEqual([]);
  await pair.getByRole('button', { name: 'These are two people' }).click();
  const form = page.locator('form.command');
  await form.getByLabel('Reason').fill('another-person');
  expect(await form.getByRole('combobox').locator('option').allInnerTexts()).toEqual(['Choose', expect.stringContaining('Ana Synthetic')]);
  await form.locator('button[type=submit]').click();
  await page.getByText('Done: ').waitFor();
  await pair.waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  await closePage(page);
});

test('an erased person is said to be, and what was personal is nowhere', async () => {
  const caseId = await world.open({ familyName: 'Forgotten' });
  await world.act(world.staff.worker, caseId, 'add-note', { text: 'Forgotten too.' });
  const { body } = await world.staff.auditor.get(`/v1/audit/cases/${caseId}/events`);
  const events = body['events'] as readonly { readonly metadata: { readonly keyId?: string } }[];
  await caseledger.app.get(DataKeys).destroy(events.flatMap(({ metadata: { keyId } }) => keyId ?? []));
  const { page, faults } = await open(`/cases/${caseId}`);
  await page.getByRole('heading', { name: 'Erased person' }).waitFor();
  await page.getByText('can be read by nobody any more').waitFor();
  await page.locator('.notes').getByText('Erased.').waitFor();
  expect(await page.getByText('Forgotten').count()).toBe(0);
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});

/** What is asked of a browser's window, which tests know no more of. */
interface Shown {
  readonly document: {
    querySelector(selector: string): { readonly innerText: string; readonly textContent: string } | null;
    querySelectorAll(selector: string): Iterable<{ readonly href: string }>;
  };
  readonly history: { pushState(state: object, title: string, address: string): void };
  dispatchEvent(event: Event): boolean;
}

/** Goes to the page of this case, in the page itself. @returns all that is to be read there, and where its links lead */
async function readCase(caseId: string): Promise<string> {
  const shown = globalThis as unknown as Shown;
  const { document, history } = shown;
  history.pushState({}, '', `/cases/${caseId}`);
  shown.dispatchEvent(new Event('popstate'));
  const isThere = () =>
    document.querySelector('main')?.textContent.includes(`Case ${caseId}`) && document.querySelector('[aria-labelledby=duplicates] table');
  for (let waited = 0; !isThere() && waited < 120_000; waited += 10) await new Promise(resolve => setTimeout(resolve, 10));
  return `${document.querySelector('main')?.innerText}${[...document.querySelectorAll('main a')].map(({ href }) => href).join()}`;
}

test('whatever the file of a case can hold stands on its page', async () => {
  const { value: file, leaves } = sampleOf('ShownCaseFile');
  const { value: alike } = sampleOf('ShownLookAlike');
  let shown = file;
  const front = await Front.before(caseledger.url);
  front.answers = (_method, path) => {
    if (/\/v1\/cases\/0b8e2c1a-[^/]*$/.test(path)) return { json: shown };
    if (path.endsWith('/allowed-commands')) return { json: { revision: shown['revision'], allowed: [], refused: [] } };
    const [caseId] = shown['possibleDuplicates'] as string[];
    return path.endsWith('/possible-duplicates') ? { json: { rows: [{ ...alike, caseId, standing: 'open' }] } } : undefined;
  };
  const { page, faults } = await openPage(browser, front.url, '/cases/new');
  await signIn(page, 'sup-dina', 'Supervisor');
  let asked = 0;
  const read = async (document: Record<string, unknown>): Promise<string> => {
    shown = { ...document, caseId: `0b8e2c1a-5d0f-4c55-9d0e-${String(++asked).padStart(12, '0')}` };
    const text = await page.evaluate(readCase, String(shown['caseId']));
    return text.toLowerCase().replaceAll('-', ' ').replaceAll(',', '').replaceAll(String(shown['caseId']).replaceAll('-', ' '), '');
  };
  const text = await read(file);
  const nowhere = ({ path }: Leaf): string => path.join('.');
  const own = leaves.filter(({ path }) => path[0] !== 'caseId');
  expect(own.length).toBeGreaterThan(140);
  // What is shown in words is no code.
  expect(text).not.toMatch(/ code\b/);
  expect(own.filter(leaf => leaf.other === undefined && !text.includes(writtenAs(leaf))).map(nowhere)).toEqual([]);
  const same: string[] = [];
  for (const leaf of own.filter(({ other }) => other !== undefined))
    if ((await read(withOther(file, leaf))) === text) same.push(nowhere(leaf));
  expect(same).toEqual([]);
  await read(file);
  expect(await violationsOn(page, axe)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
  await front.stop();
});
