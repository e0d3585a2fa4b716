import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { planted } from './planted-arrows.js';

interface Side {
  readonly path?: string;
  readonly pathNot?: string | readonly string[];
}
interface Rule {
  readonly name: string;
  readonly from: Side;
  readonly to: Side;
}

const root = process.cwd();
const { forbidden } = ((await import(join(root, '.dependency-cruiser.cjs'))) as { default: { forbidden: readonly Rule[] } }).default;

/** What the side of a rule has to say of this file, by its paths alone. */
function matches({ path, pathNot = [] }: Side, file: string, group = ''): boolean {
  const fits = (pattern: string): boolean => new RegExp(pattern.replaceAll('$1', group)).test(file);
  return (path === undefined || fits(path)) && ![pathNot].flat().some(fits);
}

describe('the arrows of the architecture', () => {
  test('every rule of the configuration has a planted import', () => {
    expect(forbidden.map(({ name }) => name).sort()).toEqual([...new Set(planted.map(([rule]) => rule))].sort());
  });

  // That the import is found, too, a drill shows.
  test.each(planted)('%s forbids, by its paths, what is planted in %s', (name, file, line) => {
    const { from, to } = forbidden.find(rule => rule.name === name) as Rule;
    const [, target = ''] = /'(.*)'/.exec(line) ?? [];
    const imported = target.startsWith('.') ? join(dirname(file), target).replace(/[.]js$/, '.ts') : `node_modules/${target}/index.js`;
    expect(existsSync(file)).toBe(true);
    expect(matches(from, file)).toBe(true);
    expect(matches(to, imported, new RegExp(from.path ?? '').exec(file)?.[1])).toBe(true);
  });

  test('events, states and rules ask no clock and no chance: lint sees them do it', async () => {
    const checkout = await mkdtemp(join(tmpdir(), 'arrows-'));
    try {
      await cp(join(root, '.oxlintrc.json'), join(checkout, '.oxlintrc.json'));
      await mkdir(join(checkout, 'src/cases'), { recursive: true });
      const file = 'src/cases/impure.rules.ts';
      await writeFile(join(checkout, file), 'export const late = (): boolean => Date.now() > 0 && Math.random() > 0;\n');
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(root, 'node_modules/oxlint/bin/oxlint'), '--config', '.oxlintrc.json', file],
        { cwd: checkout },
      ).catch((error: { stdout: string }) => error);
      expect(stdout).toContain('no-restricted-globals');
      expect(stdout).toContain('no-restricted-properties');
    } finally {
      await rm(checkout, { recursive: true, force: true });
    }
  });
});
