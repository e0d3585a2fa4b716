// Guarded in every run by console/console, console/case-forms.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Caseledger, startCaseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';
import { closePage, openPage, signIn, startBrowser, violationsAs, violationsOn, WIDE_AND_NARROW } from '../console/browser.js';

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

const open = async (caseId: string, how: Parameters<typeof openPage>[3] = {}) => {
  const opened = await openPage(browser, caseledger.url, `/cases/${caseId}`, how);
  await signIn(opened.page, 'sup-dina', 'Supervisor');
  return opened;
};
const begin = async (page: Page, command: string) => {
  await page.getByRole('button', { name: command, exact: true }).click();
  return page.locator('form.command');
};
const submit = 'button[type=submit]';
const behind = (code: string) => ({ status: 503, json: { code, title: 'Behind', status: 503, errors: [] } });

test('of two tabs on one case the second is told what the first did, keeps what was typed, and decides', async () => {
  const caseId = await world.open();
  const { page: one, faults } = await open(caseId);
  const form = await begin(one, 'Place hold');
  await form.getByLabel('Kind').selectOption('medical');
  await form.getByLabel('Note').fill('Cannot fly.');
  const other = await one.context().newPage();
  await other.goto(`/cases/${caseId}`);
  await signIn(other, 'sup-emil', 'Supervisor');
  const note = await begin(other, 'Add note');
  await note.getByLabel('Text').fill('From the other tab.');
  await note.locator(submit).click();
  await other.getByText('Done: ').waitFor();
  await form.locator(submit).click();
  const since = one.getByRole('region', { name: 'What changed since you opened this form' });
  await since.getByText('sup-emil').waitFor();
  expect(await since.getByRole('listitem').count()).toBe(1);
  await since.getByText('Note added').waitFor();
  expect(await form.getByLabel('Note').inputValue()).toBe('Cannot fly.');
  expect(await violationsOn(one, axe)).toEqual([]);
  // Meanwhile, once more: what nobody has looked at is not passed over.
  await world.act(world.staff.worker, caseId, 'add-note', { text: 'A third.' });
  await form.getByRole('button', { name: 'I have looked' }).click();
  await since.getByText('cw-ana').waitFor();
  await form.getByRole('button', { name: 'I have looked' }).click();
  await one.getByText('Done: ').waitFor();
  expect((await world.typesOf(caseId)).slice(1)).toEqual(['NoteAdded', 'NoteAdded', 'TransferHoldPlaced']);
  expect(faults).toEqual([]);
  await other.close();
  await closePage(one);
});

test('a form that is sent twice, or whose answer is lost, is stored once', async () => {
  const caseId = await world.open();
  const { page } = await open(caseId);
  const form = await begin(page, 'Add note');
  await form.getByLabel('Text').fill('Told once.');
  const keys: (string | undefined)[] = [];
  page.on('request', request => request.url().endsWith('/add-note') && keys.push(request.headers()['idempotency-key']));
  let isLost = false;
  await page.route(
    '**/add-note',
    async route => {
      await route.fetch();
      isLost = true;
      await route.abort();
    },
    { times: 1 },
  );
  await form.locator(submit).dblclick();
  await page.getByText('The service does not answer. It is sent again by itself, and stored once.').waitFor();
  await page.getByText('Done: ').waitFor();
  expect(isLost).toBe(true);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(await world.typesOf(caseId)).toEqual(['CaseOpened', 'NoteAdded']);
  await closePage(page);
});

test('who loses a right while a form is filled is told so in words, and keeps what was typed', async () => {
  const caseId = await world.open();
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'medical' });
  const { page } = await open(caseId);
  const form = await begin(page, 'Release hold');
  await form.getByLabel('Note').fill('Recovered.');
  // What the service says of a token that it does not take.
  await page.route('**/release-hold', route => route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer old' } }), {
    times: 1,
  });
  await form.locator(submit).click();
  await form.getByText('The service does not take this sign-in: A valid bearer token is needed.').waitFor();
  const again = page.getByRole('region', { name: 'Sign in again' });
  for (const role of ['Supervisor', 'Caseworker']) await again.locator('label').filter({ hasText: role }).click();
  await again.getByRole('button', { name: 'Sign in' }).click();
  await again.waitFor({ state: 'detached' });
  await form.locator(submit).click();
  await form.getByText('You may not do this with the roles that you have now.').waitFor();
  expect(await form.getByLabel('Note').inputValue()).toBe('Recovered.');
  expect(await violationsOn(page, axe)).toEqual([]);
  await closePage(page);
  expect(await world.typesOf(caseId)).not.toContain('TransferHoldReleased');
});

test('a service that is away is said to be, on a page and in a form, and both go on by themselves', async () => {
  await world.open({ familyName: 'Waited-for' });
  const { page } = await openPage(browser, caseledger.url, '/cases', { fresh: true });
  const parts = page.waitForResponse(/assets\/cases-/);
  await signIn(page, 'sup-dina', 'Supervisor');
  await (await parts).finished();
  const link = page.getByRole('link', { name: /Waited-for/ });
  await link.waitFor();
  await page.context().setOffline(true);
  await link.click();
  await page.getByText('The service does not answer; it is asked again by itself.').first().waitFor();
  await page.context().setOffline(false);
  await page.getByRole('heading', { name: /Waited-for/ }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Add note', exact: true }).click();
  await page.getByLabel('Text').fill('Typed while nobody answered.');
  await page.locator('form.command').locator(submit).click();
  await page.getByText('The service does not answer. It is sent again by itself, and stored once.').waitFor();
  expect(await page.getByLabel('Text').inputValue()).toBe('Typed while nobody answered.');
  expect(await violationsOn(page, axe)).toEqual([]);
  await page.context().setOffline(false);
  await page.getByText('Done: ').waitFor();
  await page.locator('.notes').getByText('Typed while nobody answered.').waitFor();
  await page.context().close();
});

test('on a slow network what is waited for is said, a form is sent once, and nothing is lost', async () => {
  const caseId = await world.open({ familyName: 'Far-away' });
  const { page, faults } = await openPage(browser, caseledger.url, `/cases/${caseId}`, { fresh: true });
  const network = await page.context().newCDPSession(page);
  // As Chromium's own 3G profile has it: in milliseconds, and bytes a second.
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: 50_000,
    uploadThroughput: 50_000,
  });
  await signIn(page, 'sup-dina', 'Supervisor');
  await page
    .getByText(/^Waiting for /)
    .first()
    .waitFor();
  await page.getByRole('heading', { name: /Far-away/ }).waitFor();
  const form = await begin(page, 'Add note');
  await form.getByLabel('Text').fill('Told from far away.');
  await form.locator(submit).dblclick();
  await page.getByRole('button', { name: 'Sending\u2026' }).waitFor();
  expect(await form.getByLabel('Text').inputValue()).toBe('Told from far away.');
  await page.getByText('Done: ').waitFor();
  await page.locator('.notes').getByText('Told from far away.').waitFor();
  expect(await world.typesOf(caseId)).toEqual(['CaseOpened', 'NoteAdded']);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('what is waited for is said in words, and asked and sent again', async () => {
  const caseId = await world.open({ familyName: 'Behind' });
  const { page } = await openPage(browser, caseledger.url, `/cases/${caseId}`);
  await page.route(`**/v1/cases/${caseId}`, route => route.fulfill(behind('read-model-behind')), { times: 1 });
  await page.route('**/add-note', route => route.fulfill(behind('safeguards-behind')), { times: 1 });
  await signIn(page, 'sup-dina', 'Supervisor');
  await page.getByText('What was recorded just now is still on its way to the pages; it is asked again by itself.').waitFor();
  await page.getByRole('heading', { name: /Behind/ }).waitFor();
  const form = await begin(page, 'Add note');
  await form.getByLabel('Text').fill('Sent once the safeguards have caught up.');
  await form.locator(submit).click();
  await form.getByText('What protects people is still being worked through; nothing is decided before that.').waitFor();
  await page.getByText('Done: ').waitFor();
  expect(await world.typesOf(caseId)).toEqual(['CaseOpened', 'NoteAdded']);
  await closePage(page);
});

test('a form that is left while it waits is not sent any more', async () => {
  const caseId = await world.open();
  const { page } = await open(caseId, { fresh: true });
  let tried = 0;
  await page.route('**/add-note', route => {
    tried++;
    return route.fulfill(behind('store-unavailable'));
  });
  await page.clock.install();
  const form = await begin(page, 'Add note');
  await form.getByLabel('Text').fill('Thought better of it.');
  await form.locator(submit).click();
  await form.getByText('The service cannot reach what it stores in.').waitFor();
  await form.getByRole('button', { name: 'Leave it' }).click();
  const sent = tried;
  // Past the moment at which it would be sent again.
  await page.clock.fastForward(60_000);
  await begin(page, 'Place hold');
  expect(tried).toBe(sent);
  await page.context().close();
});

test('what is answered late to a form that was left takes nothing from the next one', async () => {
  const caseId = await world.open();
  const { page } = await open(caseId);
  let answer = (): void => undefined;
  const isLate = new Promise<void>(resolve => {
    answer = resolve;
  });
  await page.route('**/place-hold', async route => {
    await isLate;
    await route.continue();
  });
  const hold = await begin(page, 'Place hold');
  await hold.getByLabel('Kind').selectOption('medical');
  await hold.locator(submit).click();
  await hold.getByRole('button', { name: 'Leave it' }).click();
  await page.getByText('It was already sent when you left it: look whether it was stored').waitFor();
  const note = await begin(page, 'Add note');
  await note.getByLabel('Text').fill('Typed meanwhile.');
  answer();
  await page.getByText('Held: medical').waitFor();
  expect(await note.getByLabel('Text').inputValue()).toBe('Typed meanwhile.');
  await closePage(page);
});

test('any text is shown as it is, narrow and wide: HTML, other scripts, an override of direction, 20,000 letters', async () => {
  const names = ['Ana \u0644\u064A\u0644\u0649', '\u738B\u5C0F\u660E', 'Ng\u0169g\u0129'];
  const texts = [
    '<script>globalThis.broken = 1</script><b>bold</b>',
    '\u202Erevo',
    'x'.repeat(20_000),
    '\u0928\u092E\u0938\u094D\u0924\u0947 '.repeat(500),
  ];
  const caseId = await world.open({ givenNames: names.join(' '), familyName: '<img src=x onerror="globalThis.broken=1">' });
  for (const text of texts) await world.act(world.staff.worker, caseId, 'add-note', { text });
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'other', note: `\u202E${'long '.repeat(400)}` });
  await world.host.calm();
  const { page, faults } = await open(caseId);
  for (const text of texts) await page.locator('.notes').getByText(text.trim().slice(0, 40)).first().waitFor();
  expect(await page.evaluate('globalThis.broken')).toBeUndefined();
  expect(await page.locator('img, main script, main b').count()).toBe(0);
  expect(await page.title()).toBe('Caseledger');
  // Turned round in itself alone.
  const told = "document.querySelectorAll('h1 bdi, .notes p, .in-the-way bdi')";
  const turned = await page.evaluate<string[]>(`[...${told}].map(element => getComputedStyle(element).unicodeBidi)`);
  expect(turned.length).toBeGreaterThan(texts.length);
  expect(turned.filter(way => !/isolate|plaintext/.test(way))).toEqual([]);
  expect(await violationsAs(page, axe, WIDE_AND_NARROW)).toEqual([]);
  expect(faults).toEqual([]);
  await closePage(page);
});

test('a reload of any address asks who is there and shows that page again, and back and forward go where they say', async () => {
  const caseId = await world.open({ familyName: 'Found-again' });
  const { page, faults } = await openPage(browser, caseledger.url, '/');
  for (const [path, heading] of [
    ['/', 'Caseload'],
    ['/cases', 'Caseload'],
    [`/cases/${caseId}`, 'Found-again'],
  ] as const) {
    await page.goto(path);
    await signIn(page, 'sup-dina', 'Supervisor');
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.reload();
    await signIn(page, 'sup-dina', 'Supervisor');
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  }
  await page.getByRole('link', { name: 'Caseload' }).click();
  await page.getByRole('searchbox').fill('Found-again');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByLabel('Order', { exact: true }).selectOption('familyName');
  const found = page.getByRole('link', { name: /Found-again/ });
  await found.click();
  await page.getByRole('heading', { name: /Found-again/ }).waitFor();
  await page.goBack();
  await found.waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('Found-again');
  expect(await page.getByLabel('Order', { exact: true }).inputValue()).toBe('familyName');
  await page.goForward();
  await page.getByRole('heading', { name: /Found-again/ }).waitFor();
  expect(page.url()).toBe(`${caseledger.url}/cases/${caseId}`);
  expect(faults).toEqual([]);
  await closePage(page);
});
