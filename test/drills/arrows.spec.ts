// Guarded in every run by architecture/arrows.
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { planted } from '../architecture/planted-arrows.js';

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

test('each arrow of the architecture is seen to break where a wrong import is planted', async () => {
  const checkout = await mkdtemp(join(tmpdir(), 'arrows-'));
  try {
    for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
      await cp(join(root, name), join(checkout, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
    for (const [, file, line] of planted) await appendFile(join(checkout, file), `\n${line}\n`);
    expect(await brokenIn(checkout)).toEqual([...new Set(planted.map(([rule]) => rule))].sort());
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
});
