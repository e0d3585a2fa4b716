// Guarded in every run by console/case-forms, console/forms.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { closePage, startBrowser } from '../console/browser.js';
import { expectForms, faultsOf, MADE, openWithAll, PLACES } from '../console/every-form.js';
import { Front } from '../console/front.js';
import { COMMANDS } from '../console/sample.js';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';

/* The forms of the commands that are most: those of a case, and those that make what is new. */

let caseledger: Caseledger;
let browser: Browser;
let front: Front;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  front = await Front.before(caseledger.url);
});
afterAll(async () => {
  await browser?.close();
  await front?.stop();
  await caseledger?.stop();
});

test.each(PLACES.slice(0, 1))(
  'each command of $kind has a form on $at, each field with label, help and what is refused of it beside it',
  place => expectForms(browser, front, place),
);

test('each command that belongs to no stream on a page has a form', async () => {
  for (const [path, [at, role, button]] of Object.entries(MADE)) {
    const { page, faults, refuse } = await openWithAll(browser, front, { at, role, kind: '' });
    const details = page.getByText('For many cases at once');
    if (at === '/cases') await details.click();
    if (button !== null) await page.getByRole('button', { name: button }).first().click();
    expect(await faultsOf(page, path, COMMANDS.find(command => command.path === path)?.fields ?? [], refuse)).toEqual([]);
    expect(faults).toEqual([]);
    await closePage(page);
  }
});
