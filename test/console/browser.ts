import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { program } from './program.js';

/** The Chromium that a package carries. @throws Error that says by name what cannot run here */
export async function startBrowser(): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath: await program(),
      args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
      headless: true,
    });
  } catch (error) {
    throw new Error('The Chromium of @sparticuz/chromium cannot run here: pages are tried on Linux x64.', { cause: error });
  }
}

interface How {
  readonly width?: number;
  readonly dark?: boolean;
  /** For who takes what cannot be given back, as the page's clock or network, or leaves something in the browser. */
  readonly fresh?: boolean;
}

/** What is waited for on a page comes later on a machine that has no time for it. */
export const PATIENCE_MS = 120_000;

/** What a page is to fit into. */
export const WIDE_AND_NARROW: readonly How[] = [{ width: 1280 }, { width: 320 }];

/** Pages whose test is over: the console's scripts and styles are in them already. */
const atRest = new WeakMap<Browser, Page[]>();

/** A page that fails the test where the browser finds fault with what it is given. */
export async function openPage(
  browser: Browser,
  url: string,
  path: string,
  { width = 1280, dark = false, fresh = false }: How = {},
): Promise<{ page: Page; faults: string[] }> {
  const pages = atRest.get(browser) ?? [];
  const place = fresh ? -1 : pages.findIndex(page => page.url().startsWith(url));
  const [rested] = place < 0 ? [] : pages.splice(place, 1);
  // A picture is of what stands, not of what moves.
  const page = rested ?? (await (await browser.newContext({ baseURL: url, reducedMotion: 'reduce' })).newPage());
  // Other specs run beside: what takes long on a busy machine has not failed.
  page.setDefaultTimeout(120_000);
  page.context().setDefaultTimeout(PATIENCE_MS);
  await showAs(page, { width, dark });
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
  });
  await page.goto(path);
  return { page, faults };
}

/** The next test may have it, as if nobody had been there. Not called where a test fails: nobody else has that page. */
export async function closePage(page: Page): Promise<void> {
  for (const event of ['pageerror', 'console', 'request'] as const) page.removeAllListeners(event);
  await page.unrouteAll();
  await page.emulateMedia({ media: null });
  const browser = page.context().browser();
  if (browser) atRest.set(browser, [...(atRest.get(browser) ?? []), page]);
}

async function showAs(page: Page, { width = 1280, dark = false }: How): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
}

/** Who signs in as the local issuer's page lets them. */
export async function signIn(page: Page, sub: string, role: string, office: string | null = 'ELP'): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(sub);
  await page.locator('label').filter({ hasText: role }).click();
  if (office !== null) await page.getByLabel('Office').fill(office);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Goes on by keyboard until the focus stands there. @throws Error where it takes more than so many presses */
export async function tabTo(page: Page, there: Locator, most: number, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let pressed = 0; pressed < most; pressed++) {
    await page.keyboard.press(key);
    if ((await there.and(page.locator(':focus')).count()) > 0) return;
    passed.push(await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 100)'));
  }
  throw new Error(`${String(there)} is not among the next ${most} by ${key}: ${passed.join(' | ')}`);
}

/** @param axe the source of axe-core */
export async function violationsOn(page: Page, axe: string, { colours = true } = {}): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe);
  return page.evaluate(async enabled => {
    const found = await (globalThis as typeof globalThis & { axe: Checker }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: { 'color-contrast': { enabled } },
      // Half of its time goes into the places in the document of what is right.
      resultTypes: ['violations'],
    });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`);
  }, colours);
}

/**
 * The same in each of these ways, the last of which stays; and what is to be scrolled sideways.
 * What takes longest by far are colours: once in each theme, which are the same at every width.
 */
export async function violationsAs(page: Page, axe: string, ways: readonly How[]): Promise<string[]> {
  const found: string[] = [];
  const themes = new Set<boolean>();
  for (const { width = 1280, dark = false } of ways) {
    await showAs(page, { width, dark });
    const violations = await violationsOn(page, axe, { colours: !themes.has(dark) });
    found.push(...violations.map(violation => `${width} wide: ${violation}`));
    found.push(...(await sideways(page)).map(part => `${width} wide, to be scrolled sideways: ${part}`));
    themes.add(dark);
  }
  return found;
}

/** What of a page is wider than its place: the page itself, and what is scrolled within it. */
export const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(`[document.documentElement, ...document.querySelectorAll('main *')]
    .filter(one => one.scrollWidth > one.clientWidth && (one.matches(':root') || /auto|scroll/.test(getComputedStyle(one).overflowX)))
    .map(one => one.cloneNode().outerHTML)`);

interface Checker {
  run(options: object): Promise<{ readonly violations: readonly Violation[] }>;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
