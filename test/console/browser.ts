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
}

/** A page that fails the test where the browser finds fault with what it is given. */
export async function openPage(
  browser: Browser,
  url: string,
  path: string,
  { width = 1280, dark = false }: How = {},
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    // A picture is of what stands, not of what moves.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
  });
  await page.goto(path);
  return { page, faults };
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
export async function violationsOn(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await (globalThis as typeof globalThis & { axe: Checker }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`);
  });
}

interface Checker {
  run(options: object): Promise<{ readonly violations: readonly Violation[] }>;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
