import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const WIDEST = 140;
// What was applied to databases stays as it was.
const APPLIED = join('src', 'database', 'migrations');

it('has no line in src or test that is wider than a window', () => {
  const files = ['src', 'test'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  );
  const code = files.filter(file => /\.(ts|mjs)$/.test(file) && !file.startsWith(APPLIED));
  const wide = code.flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => ([...line].length > WIDEST ? [`${file}:${index + 1}`] : [])),
  );
  expect(code.length).toBeGreaterThan(400);
  expect(wide).toEqual([]);
});
