import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isISO31661Alpha2 } from 'class-validator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsAs, violationsOn, WIDE_AND_NARROW } from './browser.js';
import { Front } from './front.js';
import { answerTo, COMMANDS, type Field } from './sample.js';

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

const ID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
/** Where the commands of each kind of stream are sent from, and by whom: those of one that is there, and those that make one. */
const PLACES = [
  { kind: '/v1/cases/{caseId}/', at: `/cases/${ID}`, role: 'Supervisor' },
  { kind: '/v1/families/{familyUnitId}/', at: `/cases/${ID}`, role: 'Supervisor' },
  { kind: '/v1/manifests/{manifestId}/', at: `/flights/${ID}`, role: 'Liaison' },
  { kind: '/v1/agreements/{country}/', at: '/agreements', role: 'Admin' },
] as const;
const MADE = {
  '/v1/cases': ['/cases/new', 'Supervisor', null],
  '/v1/families': [`/cases/${ID}`, 'Supervisor', 'Form a family'],
  '/v1/manifests': ['/flights', 'Liaison', 'Draft a manifest'],
  '/v1/reception/{country}/declare-capacity': ['/agreements', 'Admin', 'Declare places'],
  '/v1/reassignments': ['/cases', 'Supervisor', 'Reassign the open cases of a caseworker'],
  '/v1/hold-orders': ['/cases', 'Supervisor', 'Order a hold on many cases'],
} as const;

/** The service makes an id for what is new: nobody is asked for one. */
const MADE_ID: Readonly<Record<string, string>> = {
  '/v1/cases': '/caseId',
  '/v1/cases/{caseId}/place-hold': '/holdId',
  '/v1/families': '/familyUnitId',
  '/v1/manifests': '/manifestId',
  '/v1/hold-orders': '/holdOrderId',
  '/v1/reassignments': '/reassignmentId',
};
type Refuse = (errors: readonly { readonly pointer: string; readonly message: string }[]) => void;

/** A page of which all that it asks for is there, and on which all commands of one kind may be sent. */
async function openWithAll(at: string, role: string, kind: string) {
  const allowed = COMMANDS.filter(({ path }) => path.startsWith(kind)).map(({ path }) => nameOf(path));
  const { revision } = answerTo(`/v1/cases/${ID}`) ?? {};
  const isOfKind = new RegExp(`^${kind.replaceAll(/\{[^}]*\}/g, '[^/]+')}allowed-commands$`);
  const answers = new Map<string, unknown>();
  let errors: readonly object[] = [];
  const refuse: Refuse = said => void (errors = said.map(one => ({ code: 'invalid', ...one })));
  front.answers = (method, path) => {
    if (!path.startsWith('/v1/') || path === '/v1/sign-in') return undefined;
    if (method !== 'GET') return { status: 400, json: { code: 'validation-failed', title: 'Refused', status: 400, errors } };
    if (path.endsWith('/allowed-commands')) return { json: { revision, allowed: isOfKind.test(path) ? allowed : [], refused: [] } };
    if (!answers.has(path)) answers.set(path, toActOn(answerTo(path), kind === ''));
    const json = answers.get(path);
    return json === undefined ? undefined : { json };
  };
  const opened = await openPage(browser, front.url, at);
  // What is not looked at need not be drawn, as it would be anew for every form.
  await opened.page.setViewportSize({ width: 1280, height: 100 });
  await signIn(opened.page, 'all-commands', role, role === 'Admin' ? null : 'ELP');
  return { ...opened, refuse };
}

/** With what waits to be acted on: of one who has no family yet, where one is to be formed. */
const toActOn = (answer: Record<string, unknown> | undefined, isAlone: boolean): unknown =>
  answer &&
  JSON.parse(JSON.stringify(answer), (name, value: unknown) => {
    if (name === 'answeredAt' || name === 'returnedAt' || (isAlone && name === 'familyUnitId')) return null;
    return name === 'standing' ? 'in-force' : value;
  });

const nameOf = (path: string): string =>
  (path.split('/').at(-1) ?? '').replaceAll(/(^|-)([a-z])/g, (_whole, _dash, letter: string) => letter.toUpperCase());

/** Of the form that stands open: the fields without their label or help, or without what the service says of them beside them. */
async function faultsOf(page: Page, path: string, fields: readonly Field[], refuse: Refuse): Promise<string[]> {
  const form = page.locator('form.command');
  const asked = fields.filter(({ pointer }) => MADE_ID[path] !== pointer);
  refuse([...asked.map(({ pointer }) => ({ pointer, message: `told of ${pointer}.` })), { pointer: '/nowhere/0', message: 'told on top' }]);
  await form.evaluate(fillAndSend);
  const found = await form.evaluate(lookAt, asked);
  return found.map(fault => `${path}: ${fault}`);
}

/** What is asked of an element of a page, which tests know no more of. */
interface Part {
  readonly id: string;
  readonly textContent: string;
  readonly ownerDocument: Part;
  value: string;
  querySelector(selector: string): Part | null;
  querySelectorAll(selector: string): Iterable<Part>;
  closest(selector: string): Part | null;
  getAttribute(name: string): string | null;
  click(): void;
  dispatchEvent(event: Event): void;
}

/** Presses what begins the command of this name. @returns what the form that comes is called */
async function begin(actions: Part, name: string): Promise<string | null | undefined> {
  [...actions.querySelectorAll('.allowed button')].find(({ textContent }) => textContent === name)?.click();
  const form = () => actions.ownerDocument.querySelector('form.command');
  for (let waited = 0; !form() && waited < 120_000; waited += 10) await new Promise(resolve => setTimeout(resolve, 10));
  return form()?.getAttribute('aria-label');
}

/** An element of each list, so that there is one to be pointed to; and waits for what is said on top. */
async function fillAndSend(form: Part): Promise<void> {
  // What React has put over the element itself would take it for its own doing.
  const put = (field: Part, value: string | undefined, event: string) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
    field.dispatchEvent(new Event(event, { bubbles: true }));
  };
  for (const list of form.querySelectorAll('fieldset.part'))
    if (!list.querySelector('.row-of-parts')) list.querySelector(':scope > button.usa-button--outline:enabled')?.click();
  for (const text of form.querySelectorAll('textarea:enabled')) if (text.value === '') put(text, 'one', 'input');
  for (const finder of form.querySelectorAll('fieldset.field .finder input:enabled'))
    put(finder, '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e', 'input');
  for (const select of form.querySelectorAll('.picked select:enabled'))
    put(select, select.querySelector('optgroup option')?.value, 'change');
  for (const choices of form.querySelectorAll('.field'))
    if (!choices.querySelector('input:checked')) choices.querySelector(':scope > .usa-checkbox:not(.nothing) input')?.click();
  form.querySelector('button[type=submit]')?.click();
  const isTold = () => form.textContent.includes('Nowhere 0: told on top');
  for (let waited = 0; !isTold() && waited < 120_000; waited += 10) await new Promise(resolve => setTimeout(resolve, 10));
}

/** @returns what is wrong with which field, by its pointer */
function lookAt(form: Part, fields: readonly Field[]): string[] {
  const said = [...form.querySelectorAll('.usa-error-message')];
  return fields.flatMap(({ pointer, label: title, help }) => {
    const beside = said.find(one => one.textContent.includes(`told of ${pointer}.`));
    const field = beside?.closest('.field, fieldset.part, .row-of-parts');
    if (!beside || !field) return [`nothing beside ${pointer}`];
    const label = field.querySelector('label, legend')?.textContent.toLowerCase() ?? '';
    const hint = field.querySelector('.usa-hint[id]')?.textContent ?? '';
    const isTyped = field.querySelector(':scope > input[type=text], :scope > textarea') !== null;
    return [
      !label.startsWith(title) && `${pointer} stands under ${label}`,
      /\b(ids?|code|sha256)\b/.test(label) && `${pointer} is called ${label}, which nobody chooses by`,
      !form.querySelector(`[aria-describedby~="${beside.id}"]`) && `${pointer} is not described by what is said of it`,
      ...help
        .filter(({ text, isExample }) => (isTyped || !isExample) && !hint.includes(text))
        .map(({ text }) => `${pointer} lacks ${text}`),
    ].filter(fault => fault !== false);
  });
}

test.each(PLACES)(
  'each command of $kind has a form on $at, each field with label, help and what is refused of it beside it',
  async ({ kind, at, role }) => {
    const { page, faults, refuse } = await openWithAll(at, role, kind);
    const own = COMMANDS.filter(({ path }) => path.startsWith(kind));
    expect(own.length).toBeGreaterThan(4);
    const actions = page
      .getByRole('group', { name: 'What may be done' })
      .filter({ has: page.locator('.allowed') })
      .first();
    await actions.locator('.allowed button').first().waitFor();
    const buttons = await actions.locator('.allowed button').allInnerTexts();
    expect(buttons).toHaveLength(own.length);
    const wanting: string[] = [];
    for (const button of buttons) {
      const title = await actions.evaluate(begin, button);
      const command = own.find(one => one.title === title);
      wanting.push(...(command ? await faultsOf(page, command.path, command.fields, refuse) : [`${button}: ${title}`]));
      await page.getByRole('button', { name: 'Leave it' }).evaluate((leave: Part) => leave.click());
    }
    expect(wanting).toEqual([]);
    expect(faults).toEqual([]);
    await closePage(page);
  },
);

test('each command that belongs to no stream on a page has a form, and no command is without one', async () => {
  const all = COMMANDS.map(({ path }) => path);
  expect(all.filter(path => !(path in MADE) && !PLACES.some(({ kind }) => path.startsWith(kind)))).toEqual([]);
  for (const [path, [at, role, button]] of Object.entries(MADE)) {
    const { page, faults, refuse } = await openWithAll(at, role, '');
    const details = page.getByText('For many cases at once');
    if (at === '/cases') await details.click();
    if (button !== null) await page.getByRole('button', { name: button }).first().click();
    expect(await faultsOf(page, path, COMMANDS.find(command => command.path === path)?.fields ?? [], refuse)).toEqual([]);
    expect(faults).toEqual([]);
    await closePage(page);
  }
});
