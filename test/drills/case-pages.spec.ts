// Guarded in every run by console/case-pages, console/case-forms, journeys/families.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsAs, violationsOn, WIDE_AND_NARROW } from '../console/browser.js';

/* What a case's page has much of: members of a family, notes, paper. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Of A4, between margins of 15 mm, in CSS pixels. */
const PAPER_WIDTH = Math.floor(((210 - 30) / 25.4) * 96);

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

test('a family is formed, and its twelve members stand on the page of each, with what they are and what may be done', async () => {
  const parent = await world.open({ givenNames: 'Rosa', familyName: 'Of-Twelve' });
  const worker = await open(`/cases/${parent}`, ['cw-ana', 'Caseworker']);
  const family = worker.page.getByRole('region', { name: /^Family/ });
  await family.getByRole('button', { name: 'Form a family' }).click();
  await family.locator('button[type=submit]').click();
  await family.getByLabel('Relationship').fill('parent');
  await family.locator('button[type=submit]').click();
  await family.getByText('This person belongs to a family.').waitFor();
  const first = await world.open({ givenNames: 'Found', familyName: 'Of-Twelve', birthDate: '2012-05-17', accompaniedBy: 'parent' });
  const second = await world.open({ givenNames: 'Pasted', familyName: 'Of-Twelve', birthDate: '2012-05-17', accompaniedBy: 'parent' });
  await world.host.calm();
  await addToFamily(worker.page, async person => {
    const { keyboard } = worker.page;
    await person.fill('nobody of this name');
    await keyboard.press('Enter');
    await family.getByText('Nobody found.').waitFor();
    // Whoever was searched for and not chosen is not left out in silence.
    await family.locator('button[type=submit]').click();
    expect(await person.and(worker.page.locator(':focus')).count()).toBe(1);
    await person.fill('of-twelve');
    let answer = () => {};
    const answered = new Promise<void>(resolve => (answer = resolve));
    await worker.page.route('**/v1/cases/search', async route => {
      await answered;
      await route.continue();
    });
    await keyboard.press('Enter');
    await family.getByText('Searching').waitFor();
    answer();
    const found = family.getByRole('listbox').getByRole('option');
    await found.first().waitFor();
    expect(await found.count()).toBe(3);
    for (let pressed = 0; (await family.getByRole('option', { name: /^Found/, selected: true }).count()) === 0; pressed++) {
      expect(pressed).toBeLessThan(3);
      await keyboard.press('ArrowDown');
    }
    expect(await violationsAs(worker.page, axe, WIDE_AND_NARROW)).toEqual([]);
    await keyboard.press('Enter');
    await family.getByRole('listbox').waitFor({ state: 'detached' });
    expect(await person.inputValue()).toContain('Found Of-Twelve');
  });
  await addToFamily(worker.page, person => person.fill(` ${second.toUpperCase()} `));
  expect(worker.faults).toEqual([]);
  await closePage(worker.page);
  const familyUnitId = String((await world.file(parent))['familyUnitId']);
  const children: string[] = [first, second];
  for (let child = 3; child < 12; child++) {
    const caseId = await world.open(
      {
        givenNames: `Child ${child}`,
        familyName: `Of-Twelve ${'Garc\u00EDa-Hern\u00E1ndez '.repeat(child).trim()}`,
        birthDate: '2012-05-17',
        accompaniedBy: 'parent',
      },
      child === 11 ? world.staff.workerElsewhere : world.staff.worker,
    );
    await world.staff.worker.post(`families/${familyUnitId}/add-member`, { caseId, relationshipCode: 'child' });
    children.push(caseId);
  }
  const { page, faults } = await open(`/cases/${children[0]}`);
  await page.getByRole('heading', { name: 'Family (12)' }).waitFor();
  const members = page.getByRole('region', { name: /^Family/ }).getByRole('listitem');
  await members.filter({ hasText: 'a file of another office' }).waitFor();
  await members.filter({ hasText: 'Rosa Of-Twelve' }).getByText('Parent').waitFor();
  expect(await members.filter({ hasText: 'Under 18' }).count()).toBe(9);
  expect(await violationsAs(page, axe, [{ width: 1280 }, { width: 320, dark: true }])).toEqual([]);
  await page.getByRole('button', { name: 'Propose a separation' }).click();
  const form = page.locator('form.command');
  await form.getByText(/^Rosa Of-Twelve, parent/).click();
  await form.getByLabel('Reasons').fill('A court said so.');
  await form.locator('button[type=submit]').click();
  await form.getByText('A minor would be left without a parent or legal guardian.').waitFor();
  await form.getByRole('button', { name: 'Leave it' }).click();
  await page.getByRole('link', { name: 'Rosa Of-Twelve' }).click();
  await page.getByRole('heading', { name: 'Rosa Of-Twelve', level: 1 }).waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

/** Opens the form, has somebody put into it, and sends it: a child of the family. */
async function addToFamily(page: Page, put: (person: Locator) => Promise<void>): Promise<void> {
  await page.getByRole('button', { name: 'Add somebody to the family' }).click();
  const form = page.locator('form.command');
  await put(form.getByRole('combobox', { name: 'Person' }));
  await form.getByLabel('Relationship').fill('child');
  await form.locator('button[type=submit]').click();
  await page.getByText(/^Done: /).waitFor();
}

test('of 101 notes the newest stand on the page and the rest behind it, and on paper nothing is cut off', async () => {
  const caseId = await world.caseAt('submitted', { familyName: `Paper ${'Garc\u00EDa-Hern\u00E1ndez '.repeat(9).trim()}` });
  for (let note = 1; note <= 100; note++) await world.act(world.staff.worker, caseId, 'add-note', { text: `Note ${note} of many.` });
  await world.act(world.staff.worker, caseId, 'add-note', { text: `Long: ${'word '.repeat(2_000)}${'x'.repeat(500)} the end` });
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'medical', note: 'Cannot fly.' });
  const { page, faults } = await open(`/cases/${caseId}`, undefined, { dark: true });
  const notes = page.getByRole('region', { name: 'Notes (101)' });
  await notes.getByText('Note 82 of many.').waitFor();
  expect(await notes.getByRole('listitem').count()).toBe(20);
  await notes.getByRole('button', { name: 'Show all 101 notes' }).click();
  for (const last of [50, 100]) {
    await notes.getByText(`Note ${last} of many.`).waitFor();
    await notes.getByRole('button', { name: 'More notes' }).click();
  }
  await notes.getByText(/^Long:/).waitFor();
  expect(await notes.getByRole('listitem').count()).toBe(101);
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: PAPER_WIDTH, height: 1000 });
  const wide = `[...document.querySelectorAll('main *')].filter(one => {
    const isCut = one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflow === 'hidden';
    const isSeen = one.getClientRects().length > 0 && one.closest('.usa-sr-only') === null;
    return isSeen && (isCut || one.getBoundingClientRect().right > ${PAPER_WIDTH} + 1);
  }).map(one => one.outerHTML.slice(0, 100))`;
  expect(await page.evaluate(wide)).toEqual([]);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0);
  const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(pages).toBeGreaterThan(3);
  // Two lines a note at the most, and no page of nothing.
  expect(pages).toBeLessThan(20);
  expect(faults).toEqual([]);
  await closePage(page);
});
