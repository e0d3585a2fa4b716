import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { tellBadDay } from '../support/tell-bad-day.js';
import { World } from '../support/world.js';
import { openPage, signIn, startBrowser } from './browser.js';

/* `npm run console:pictures`: each page at two widths, light and dark, into a folder that Git passes over; and those that README shows. */

const FOLDER = 'pictures';
const KEPT = join('src', 'console', 'pictures');

interface Sight {
  readonly name: string;
  readonly role: 'Supervisor' | 'Liaison' | 'Auditor' | 'Admin' | 'Reporting' | null;
  readonly path: string;
  /** Takes the page to what is shown, and waits for it. */
  readonly go: (page: Page) => Promise<unknown>;
}

const heading =
  (name: string | RegExp) =>
  (page: Page): Promise<unknown> =>
    page.getByRole('heading', { name }).first().waitFor();
const link = (page: Page, name: string | RegExp): Promise<unknown> => page.getByRole('link', { name }).first().click();
const chart = (page: Page): Promise<unknown> => page.locator('.plot').first().waitFor();

/** Of anybody's data; the newest case is the one that the list shows first. */
const SIGHTS: readonly Sight[] = [
  { name: 'sign-in', role: null, path: '/', go: page => page.getByLabel('Name', { exact: true }).waitFor() },
  { name: 'caseload', role: 'Supervisor', path: '/cases', go: heading('Caseload') },
  { name: 'new-case', role: 'Supervisor', path: '/cases/new', go: page => page.getByLabel('Given names').first().waitFor() },
  { name: 'flights', role: 'Liaison', path: '/flights', go: heading(/^Week/) },
  {
    name: 'flight',
    role: 'Liaison',
    path: '/flights',
    go: async page => {
      await link(page, /^GT\d+$/);
      await heading('History of the flight')(page);
    },
  },
  { name: 'agreements', role: 'Admin', path: '/agreements', go: heading('Guatemala') },
  ...['outcomes', 'screening', 'safeguards', 'workload'].map((name): Sight => ({
    name,
    role: 'Reporting',
    path: `/reports/${name}`,
    go: chart,
  })),
  { name: 'health', role: 'Auditor', path: '/health', go: page => page.locator('.head').waitFor() },
];

const ofCase = (caseId: string): readonly Sight[] => [
  { name: 'case', role: 'Supervisor', path: `/cases/${caseId}`, go: heading('History') },
  {
    name: 'form',
    role: 'Supervisor',
    path: `/cases/${caseId}`,
    go: async page => {
      await page.getByRole('button', { name: 'Place hold' }).click();
      await page.getByLabel('Kind').first().waitFor();
    },
  },
  {
    name: 'replay',
    role: 'Auditor',
    path: `/audit/cases/${caseId}`,
    go: async page => {
      await page.getByRole('button', { name: 'Last' }).click();
      await heading(/^The case at revision [1-9]/)(page);
    },
  },
];

async function show(page: Page, { role, go }: Sight): Promise<void> {
  if (role !== null) await signIn(page, `${role.toLowerCase()}-pictures`, role, role === 'Supervisor' || role === 'Liaison' ? 'ELP' : null);
  if (role === 'Auditor') {
    await page.getByRole('textbox', { name: 'Purpose' }).fill('a complaint');
    await page.getByRole('button', { name: 'Go on' }).click();
  }
  await go(page);
  await page.waitForLoadState('networkidle');
  while ((await page.getByText(/^Waiting for /).count()) > 0) await page.waitForTimeout(100);
}

/** Somebody with the longest names, held, and blocked at a departure. */
async function worst(caseledger: Caseledger): Promise<string> {
  const world = await World.in(caseledger);
  const caseId = await world.caseAt('scheduled', {
    familyName: `Synthetic-${'García-Hernández '.repeat(10).trim()}`,
    givenNames: 'Ana \u0644\u064A\u0644\u0649',
  });
  await world.act(world.staff.supervisor, caseId, 'place-hold', { kind: 'medical', note: 'Cannot fly.' });
  await world.staff.liaison.post(`cases/${caseId}/record-departure`, { flight: 'GT118' });
  return caseId;
}

/** README's bad day. @returns the case of whoever was cleared and did not fly */
async function badDay(caseledger: Caseledger): Promise<string> {
  const { supervisor } = await tellBadDay(caseledger);
  const { body } = await (await caseledger.person(supervisor.sub, 'supervisor')).get('/v1/cases?q=Sorto');
  return (body['rows'] as readonly { readonly caseId: string }[])[0]?.caseId ?? '';
}

mkdirSync(FOLDER, { recursive: true });
const [training, day, browser] = await Promise.all([startCaseledger(), startCaseledger(), startBrowser()]);
try {
  for (const [of, { url }, caseId] of [
    ['worst', training, await worst(training)],
    ['bad-day', day, await badDay(day)],
  ] as const)
    for (const sight of [...SIGHTS, ...ofCase(caseId)]) {
      for (const width of [320, 1280])
        for (const dark of [false, true]) {
          const { page } = await openPage(browser, url, sight.path, { width, dark });
          await show(page, sight);
          await page.screenshot({ path: join(FOLDER, `${of}-${sight.name}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
          await page.context().close();
        }
      if (of !== 'bad-day' || !['sign-in', 'case', 'flight', 'replay', 'outcomes'].includes(sight.name)) continue;
      const { page } = await openPage(browser, url, sight.path, { width: 1000 });
      await show(page, sight);
      await page.screenshot({ path: join(KEPT, `${sight.name}.png`), clip: { x: 0, y: 0, width: 1000, height: 640 } });
      await page.context().close();
    }
} finally {
  await browser.close();
  await Promise.all([training.stop(), day.stop()]);
}
