import { cp, mkdtemp, rm, symlink, writeFile, appendFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();

/** The names of the rules that a checkout breaks. */
async function brokenIn(checkout: string): Promise<string[]> {
  const { stdout } = await run(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      'src',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
    ],
    { cwd: checkout, maxBuffer: 64 << 20 },
  ).catch((error: { stdout: string }) => error);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}

/** A wrong import for each arrow, planted where it would do harm. */
const planted: readonly (readonly [rule: string, file: string, line: string])[] = [
  ['no-cycle', 'src/cases/case.state.ts', "export { caseStream } from './case.stream.js';"],
  ['pure-knows-no-package', 'src/cases/intake.rules.ts', "import 'node:fs';"],
  ['pure-knows-only-pure', 'src/cases/transfer.rules.ts', "import '../database/database.js';"],
  ['facts-are-pure', 'src/reception/reception.facts.ts', "import '../event-store/ledger.js';"],
  ['stream-asks-through-facts', 'src/reception/reception.rules.ts', "import '../manifests/manifest.state.js';"],
  ['stream-knows-no-reader', 'src/manifests/manifest.use-cases.ts', "import '../read-models/manifests/manifests.query.js';"],
  ['read-model-stands-alone', 'src/read-models/timeline/timeline.query.ts', "import '../caseload/caseload.query.js';"],
  ['read-model-decides-nothing', 'src/read-models/caseload/caseload.query.ts', "import '../../cases/case.use-cases.js';"],
  ['process-knows-events-commands-facts', 'src/processes/when-transfer-ends-free-seat.ts', "import '../cases/case.state.js';"],
  ['audit-knows-events-and-state', 'src/audit/case-history.ts', "import '../cases/case.use-cases.js';"],
  ['foundation-knows-no-feature', 'src/projecting/projector.ts', "import '../cases/case.events.js';"],
  ['fields-knows-none-above-it', 'src/fields/time.ts', "import '../http/roles.js';"],
  ['database-knows-none-above-it', 'src/database/clock.ts', "import type { EventStore } from '../event-store/event-store.js';"],
  ['personal-data-knows-none-above-it', 'src/personal-data/sealing.ts', "import type { EventStore } from '../event-store/event-store.js';"],
  ['event-store-knows-none-above-it', 'src/event-store/rule.ts', "import '../http/roles.js';"],
  ['projecting-knows-none-above-it', 'src/projecting/pipeline.ts', "import type { Process } from '../reacting/process.js';"],
  ['reacting-knows-none-above-it', 'src/reacting/process.ts', "import '../http/roles.js';"],
  ['http-knows-none-above-it', 'src/http/roles.ts', "import type { Repair } from '../operating/repair.js';"],
  ['eventstoredb-client-in-one-place', 'src/audit/access-records.ts', "import '@eventstore/db-client';"],
  ['connections-in-one-place', 'src/audit/access-records.ts', "import 'pg';"],
  ['console-stands-alone', 'src/console/api/session.ts', "import '../../http/roles.js';"],
  ['nothing-knows-the-console', 'src/http/roles.ts', "import '../console/shell/words';"],
  ['ships-nothing-of-the-tests', 'src/config.ts', "import 'fast-check';"],
];

describe('the arrows of the architecture', () => {
  let checkout: string;

  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'arrows-'));
    for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs', '.oxlintrc.json'])
      await cp(join(root, name), join(checkout, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  });
  afterAll(() => rm(checkout, { recursive: true, force: true }));

  test('each is seen to break where a wrong import is planted', async () => {
    for (const [, file, line] of planted) await appendFile(join(checkout, file), `\n${line}\n`);
    expect(await brokenIn(checkout)).toEqual([...new Set(planted.map(([rule]) => rule))].sort());
  });

  test('every rule of the configuration has a planted import', async () => {
    const { forbidden } = ((await import(join(root, '.dependency-cruiser.cjs'))) as { default: { forbidden: { name: string }[] } }).default;
    expect(forbidden.map(({ name }) => name).sort()).toEqual([...new Set(planted.map(([rule]) => rule))].sort());
  });

  test('events, states and rules ask no clock and no chance: lint sees them do it', async () => {
    const file = join(checkout, 'src/cases/impure.rules.ts');
    await writeFile(file, 'export const late = (): boolean => Date.now() > 0 && Math.random() > 0;\n');
    const { stdout } = await run(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '--config', '.oxlintrc.json', 'src/cases/impure.rules.ts'],
      { cwd: checkout },
    ).catch((error: { stdout: string }) => error);
    expect(stdout).toContain('no-restricted-globals');
    expect(stdout).toContain('no-restricted-properties');
  });
});
