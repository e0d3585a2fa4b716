import type { Browser } from 'playwright-core';
import { openPage, signIn, startBrowser } from '../console/browser.js';
import { median, times, type Row } from './table.js';

const LOADS = 5;
const LIMIT_KB = 200;
const LIMIT_MS = 1_000;

/** What a browser that was never here fetches, compressed, and how long until somebody can do something. */
export interface FirstLoad {
  /** Until the page to sign in is there. */
  readonly usableMs: number;
  /** From signing in until the caseload stands. */
  readonly caseloadMs: number;
  /** Of all that was fetched until somebody could sign in. */
  readonly kb: number;
}

/** The console of a service of the local issuer, several times in a browser that has nothing kept. */
export async function measureFirstLoad(url: string): Promise<FirstLoad> {
  const browser = await startBrowser();
  try {
    const loads: FirstLoad[] = [];
    // The first one wakes the browser.
    for (let at = 0; at <= LOADS; at++) loads.push(await load(browser, url));
    const of = (figure: keyof FirstLoad): number => median(loads.slice(1).map(one => one[figure]));
    return { usableMs: of('usableMs'), caseloadMs: of('caseloadMs'), kb: of('kb') };
  } finally {
    await browser.close();
  }
}

async function load(browser: Browser, url: string): Promise<FirstLoad> {
  const { page } = await openPage(browser, 'about:blank', 'about:blank');
  const network = await page.context().newCDPSession(page);
  let bytes = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await network.send('Network.enable');
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.getByLabel('Name', { exact: true }).waitFor();
  const usableMs = performance.now() - begun;
  const firstKb = bytes / 1024;
  const signing = performance.now();
  await signIn(page, 'sup-bench', 'Supervisor');
  await page.getByRole('region', { name: 'Cases' }).waitFor();
  const caseloadMs = performance.now() - signing;
  await page.context().close();
  return { usableMs, caseloadMs, kb: firstKb };
}

export const firstLoadRow = ({ usableMs, caseloadMs, kb }: FirstLoad): Row => ({
  what: 'first load of the console, in a browser: compressed; until somebody can sign in',
  bar: `< ${LIMIT_KB} KB, < 1 s`,
  figure: `${kb.toFixed(0)} KB, ${usableMs.toFixed(0)} ms (signing in until the caseload stands: ${caseloadMs.toFixed(0)} ms)`,
  ratio: `${times(kb / LIMIT_KB)} ${LIMIT_KB} KB, ${times(usableMs / LIMIT_MS)} 1 s`,
  met: kb < LIMIT_KB && usableMs < LIMIT_MS,
});
