import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/* Two tiers: `npm test`, and `npm run test:drills` beside it. No spec is in neither, and no drill stands alone. */

const DRILLS = 'test/drills';
const { scripts, jest } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<'test' | 'test:drills', string>;
  jest: { testMatch: readonly string[] };
};
const specs = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map(name => join('/test', name))
  .filter(name => name.endsWith('.spec.ts'));

it('every spec belongs to one tier', () => {
  expect(jest.testMatch).toEqual(['**/*.spec.ts']);
  const leftOut = /--testPathIgnorePatterns=(\S+)$/.exec(scripts.test)?.[1] ?? '';
  const asked = /specs -- (\S+)$/.exec(scripts['test:drills'])?.[1] ?? '';
  const tiersOf = (name: string): number => Number(!new RegExp(leftOut).test(name)) + Number(new RegExp(asked).test(name));
  expect(specs.filter(name => tiersOf(name) !== 1)).toEqual([]);
  expect(specs.filter(name => new RegExp(asked).test(name)).length).toBeGreaterThan(20);
});

it.each(readdirSync(DRILLS))('%s says which specs of every run guard the same code', name => {
  const [, guards = ''] = /^\/\/ Guarded in every run by (.*)\.$/m.exec(readFileSync(join(DRILLS, name), 'utf8')) ?? [];
  expect(guards).not.toBe('');
  for (const guard of guards.split(', ')) expect([guard, existsSync(join('test', `${guard}.spec.ts`))]).toEqual([guard, true]);
  expect(name).toMatch(/\.spec\.ts$/);
  expect(guards).not.toContain('drills/');
});
