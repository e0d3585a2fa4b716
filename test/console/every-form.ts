import { expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { closePage, openPage, signIn } from './browser.js';
import type { Front } from './front.js';
import { answerTo, COMMANDS, type Field } from './sample.js';

/* The forms of all commands of the document, each with all of its fields refused at once. */

const ID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
/** Where the commands of each kind of stream are sent from, and by whom: those of one that is there, and those that make one. */
export const PLACES = [
  { kind: '/v1/cases/{caseId}/', at: `/cases/${ID}`, role: 'Supervisor' },
  { kind: '/v1/families/{familyUnitId}/', at: `/cases/${ID}`, role: 'Supervisor' },
  { kind: '/v1/manifests/{manifestId}/', at: `/flights/${ID}`, role: 'Liaison' },
  { kind: '/v1/agreements/{country}/', at: '/agreements', role: 'Admin' },
] as const;
export const MADE = {
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
export async function openWithAll(
  browser: Browser,
  front: Front,
  { at, role, kind }: { readonly at: string; readonly role: string; readonly kind: string },
) {
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
export async function faultsOf(page: Page, path: string, fields: readonly Field[], refuse: Refuse): Promise<string[]> {
  const form = page.locator('form.command');
  const asked = fields.filter(({ pointer }) => MADE_ID[path] !== pointer);
  refuse([...asked.map(({ pointer }) => ({ pointer, message: `told of ${pointer}.` })), { pointer: '/nowhere/0', message: 'told on top' }]);
  await form.evaluate(fillAndSend);
  const found = await form.evaluate(lookAt, asked);
  return found.map(fault => `${path}: ${fault}`);
}

/** What is asked of an element of a page, which tests know no more of. */
export interface Part {
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
export async function begin(actions: Part, name: string): Promise<string | null | undefined> {
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

/** Each command of this kind of stream has a form here, each field with label, help and what is refused of it beside it. */
export async function expectForms(browser: Browser, front: Front, { kind, at, role }: (typeof PLACES)[number]): Promise<void> {
  const { page, faults, refuse } = await openWithAll(browser, front, { at, role, kind });
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
}
