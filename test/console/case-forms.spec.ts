import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isISO31661Alpha2 } from 'class-validator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsAs, violationsOn, WIDE_AND_NARROW } from './browser.js';
import { Front } from './front.js';
import { expectForms, MADE, PLACES } from './every-form.js';
import { COMMANDS } from './sample.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let caseledger: Caseledger;
let world: World;
let browser: Browser;
let front: Front;

beforeAll(async () => {
  [caseledger, browser] = await Promise.all([startCaseledger(), startBrowser()]);
  world = await World.in(caseledger);
  front = await Front.before(caseledger.url);
});
afterAll(async () => {
  await browser?.close();
  await front?.stop();
  await caseledger?.stop();
});

test('what was told wrongly is taken away, and what is left empty stays as it is', async () => {
  const caseId = await world.open({ contact: 'A shelter.', otherNames: [{ givenNames: 'Lucha' }], nationalities: ['HN', 'NI'] });
  const before = (await world.file(caseId))['applicant'];
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByRole('button', { name: 'Correct applicant' }).click();
  const form = page.getByRole('form', { name: /^Correct/ });
  // It begins with what stands in the file.
  expect(await form.getByRole('textbox', { name: 'Contact' }).inputValue()).toBe('A shelter.');
  const nationalities = form.getByRole('combobox', { name: /^Nationalities/ });
  expect(await nationalities.evaluateAll((all: { value: string }[]) => all.map(({ value }) => value))).toEqual(['HN', 'NI']);
  expect(await form.getByRole('group', { name: 'Other names 1' }).getByLabel('Given names').inputValue()).toBe('Lucha');
  const sent = page.waitForRequest('**/correct-applicant');
  for (const field of ['contact', 'other names', 'birth date estimated'])
    await form.getByText(`Take away what stands in the file: ${field}`).click();
  expect(await form.getByRole('textbox', { name: 'Contact' }).isDisabled()).toBe(true);
  expect(await form.innerText()).not.toContain('null');
  expect(await violationsOn(page, axe)).toEqual([]);
  await form.getByLabel('Reason').fill('typing-error');
  await form.locator('button[type=submit]').click();
  await page.getByText('Done: ').waitFor();
  expect((await sent).postDataJSON()).toEqual({
    applicant: { contact: null, otherNames: [], birthDateEstimated: null },
    reasonCode: 'typing-error',
  });
  const after = (await world.file(caseId))['applicant'];
  expect(before).toMatchObject({ contact: 'A shelter.', otherNames: [{ givenNames: 'Lucha' }] });
  const { contact: _, ...rest } = before as Record<string, unknown>;
  expect(after).toEqual({ ...rest, otherNames: [] });
  expect(faults).toEqual([]);
  await closePage(page);
});

test('a case is opened from its form, and who may be the same person is said at once, narrow and wide', async () => {
  const alike = { familyName: 'Opened', birthDate: '1988-02-29', alienNumber: 'A800000320' };
  await world.open({ ...alike, givenNames: 'Marta' });
  await world.host.calm();
  const { page, faults } = await openPage(browser, caseledger.url, '/cases');
  await signIn(page, 'cw-ana', 'Caseworker');
  await page.getByRole('link', { name: 'Open a case' }).click();
  await page.getByRole('heading', { name: 'Open a case', level: 1 }).waitFor();
  const form = page.locator('form.command');
  // Countries are those of the service, by name; who finds no language writes its tag.
  const countries: { value: string; label: string }[] = await form
    .getByRole('combobox', { name: 'Nationalities 1' })
    .locator('optgroup option')
    .evaluateAll((all: { value: string; label: string }[]) => all.map(({ value, label }) => ({ value, label })));
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const known = letters.flatMap(a => letters.map(b => a + b)).filter(code => isISO31661Alpha2(code));
  expect(countries.map(({ value }) => value).sort()).toEqual(known);
  expect(countries).toContainEqual({ value: 'HN', label: 'Honduras' });
  const languages = form.getByRole('combobox', { name: /^Languages/ });
  await languages.first().selectOption({ label: 'Spanish' });
  await form.getByRole('button', { name: 'Add to languages' }).click();
  await form.getByRole('button', { name: 'Add to languages' }).click();
  await languages.nth(2).selectOption({ label: 'Another, by its tag' });
  await form.getByRole('textbox', { name: 'The tag of another language' }).fill('no tag');
  // Half a date is not as good as none: nothing is sent.
  let isSent = false;
  page.on('request', request => void (isSent ||= request.method() === 'POST' && request.url().endsWith('/v1/cases')));
  await form.getByLabel('Birth date', { exact: true }).pressSequentially('05');
  await form.locator('button[type=submit]').click();
  expect(await form.getByLabel('Birth date', { exact: true }).and(page.locator(':focus')).count()).toBe(1);
  expect(isSent).toBe(false);
  await form.getByLabel('Birth date', { exact: true }).fill('');
  await form.getByRole('button', { name: 'Add to other names' }).click();
  const other = form.getByRole('group', { name: 'Other names 1' });
  await other.getByLabel('Family name').fill('x'.repeat(500));
  await form.locator('button[type=submit]').click();
  await form.getByText('is missing').first().waitFor();
  // Of an element of a list it is said which one, and of a part it stands in that part.
  await form.locator('.field', { hasText: 'Languages' }).getByText('\u201Cno tag\u201D must be').waitFor();
  await other.locator('.usa-form-group--error', { hasText: 'Family name' }).waitFor();
  expect(await violationsAs(page, axe, WIDE_AND_NARROW)).toEqual([]);
  await form.getByRole('button', { name: 'Take away other names 1' }).click();
  await form.getByRole('textbox', { name: 'Given names' }).first().fill('Marta');
  await form.getByRole('textbox', { name: 'Family name' }).first().fill(alike.familyName);
  await form.getByLabel('Birth date', { exact: true }).fill(alike.birthDate);
  await form.getByRole('textbox', { name: 'Alien number' }).first().fill(alike.alienNumber);
  await form.getByText('None: nationalities').click();
  await form.getByRole('button', { name: 'Take away no tag' }).click();
  await form.getByLabel('Accompanied by').selectOption('none');
  await form.getByLabel('Time', { exact: true }).fill('2020-01-12T15:00');
  await form.getByLabel('Day').fill('2020-01-12');
  await form.getByLabel('Place').fill('Paso del Norte');
  // A code is typed as its words.
  await form.getByLabel('Held at').fill('County jail');
  await form.getByLabel('Manner').selectOption('between-ports');
  await form.getByLabel('Documents').selectOption('none');
  await form.locator('button[type=submit]').click();
  await page.getByText('The case is opened. Another file may be of the same person').waitFor();
  await page
    .getByRole('region', { name: /^Possible duplicates/ })
    .getByText('In common:')
    .waitFor();
  const caseId = page.url().split('/').at(-1) ?? '';
  expect((await world.file(caseId))['applicant']).toMatchObject({
    givenNames: 'Marta',
    nationalities: [],
    languages: ['es'],
    heldAt: 'county-jail',
  });
  expect(page.url()).toBe(`${caseledger.url}/cases/${caseId}`);
  await page.goBack();
  await page.getByRole('heading', { name: 'Caseload' }).waitFor();
  expect(faults).toEqual([]);
  await closePage(page);
});

test('what was meant for one hold is sent of no other, and what was typed outlives another hand and another page', async () => {
  const caseId = await world.open({ familyName: 'Held-twice' });
  for (const kind of ['medical', 'court-order']) await world.act(world.staff.supervisor, caseId, 'place-hold', { kind });
  await world.host.calm();
  const { holds } = await world.file(caseId);
  const holdId = (kind: string) => holds.find(hold => hold.kind === kind)?.holdId;
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await signIn(page, 'sup-dina', 'Supervisor');
  const begin = () => page.getByRole('button', { name: 'Release hold' }).click();
  await begin();
  const form = page.locator('form.command');
  const hold = form.getByRole('combobox', { name: 'Hold' });
  await hold.selectOption(holdId('medical') ?? '');
  await form.getByLabel('Reference').fill('The letter of the doctor.');
  const { secondSupervisor } = world.staff;
  await world.act(secondSupervisor, caseId, 'release-hold', { holdId: holdId('medical') });
  await form.locator('button[type=submit]').click();
  const anyway = form.getByRole('button', { name: 'I have looked: send it all the same' });
  await anyway.waitFor();
  await form.getByText('What was chosen here is there no longer.').waitFor();
  expect(await violationsOn(page, axe)).toEqual([]);
  await anyway.click();
  await anyway.waitFor({ state: 'detached' });
  await form.getByText('What was chosen here is there no longer.').waitFor();
  expect((await world.file(caseId)).holds.map(({ kind }) => kind)).toEqual(['court-order']);
  // Nothing is left that could be released: the form still stands.
  await hold.selectOption(holdId('court-order') ?? '');
  await world.act(secondSupervisor, caseId, 'release-hold', { holdId: holdId('court-order'), reference: 'The order of the court.' });
  await form.locator('button[type=submit]').click();
  await anyway.waitFor();
  await page.locator('.history').getByText('Hold released').nth(1).waitFor();
  expect(await form.getByLabel('Reference').inputValue()).toBe('The letter of the doctor.');
  await world.act(secondSupervisor, caseId, 'place-hold', { kind: 'other' });
  // What is chosen anew is for whoever types to say, also when they come back.
  await page.getByRole('link', { name: 'Caseload' }).click();
  await page.getByRole('link', { name: /Held-twice/ }).click();
  await begin();
  await form.getByText('What you typed before you left this form is here again.').waitFor();
  expect(await form.getByLabel('Reference').inputValue()).toBe('The letter of the doctor.');
  expect(await hold.inputValue()).toBe('');
  const asked = page.waitForEvent('dialog');
  await page.evaluate('void setTimeout(() => location.reload())');
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await form.getByRole('button', { name: 'Leave it' }).click();
  await begin();
  expect(await form.getByLabel('Reference').inputValue()).toBe('');
  await form.getByRole('button', { name: 'Leave it' }).click();
  expect(faults).toEqual([]);
  await closePage(page);
});

test.each(PLACES.slice(1))(
  'each command of $kind has a form on $at, each field with label, help and what is refused of it beside it',
  place => expectForms(browser, front, place),
);

test('no command is without a form', () => {
  const all = COMMANDS.map(({ path }) => path);
  expect(all.filter(path => !(path in MADE) && !PLACES.some(({ kind }) => path.startsWith(kind)))).toEqual([]);
});
