import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from '@jest/globals';

/* What is installed is what was tried, and runs where the README says. */

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly engines?: { readonly node?: string } | readonly string[];
}
const { satisfies } = createRequire(import.meta.url)('semver') as { satisfies(version: string, range: string): boolean };
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const locked = Object.entries(packages).filter(([path]) => path !== '');
const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  string,
  object
>;

it('every package of the lock has its integrity', () => {
  expect(locked.length).toBeGreaterThan(500);
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
});

it.each(['20.20.0', '24.15.0'])('every package takes Node %s', version => {
  const node = ({ engines }: Locked): string => (engines !== undefined && 'node' in engines ? (engines.node ?? '*') : '*');
  expect(locked.filter(([, entry]) => !satisfies(version, node(entry))).map(([path, entry]) => `${path} ${node(entry)}`)).toEqual([]);
});

it('names exact versions', () => {
  const versions = (wanted: object): string[] =>
    Object.values(wanted).flatMap(version => (typeof version === 'string' ? [version] : versions(version as object)));
  const named = [dependencies, devDependencies, optionalDependencies, overrides].flatMap(wanted => versions(wanted ?? {}));
  expect(named.filter(version => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});
