import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { codeAt } from './code.mjs';

let cache;

export function initialize(given) {
  ({ cache } = given);
  mkdirSync(cache, { recursive: true });
}

export async function resolve(specifier, context, nextResolve) {
  if (specifier === '@jest/globals')
    return { url: new URL(`./globals.mjs${new URL(context.parentURL).search}`, import.meta.url).href, shortCircuit: true };
  if (/^\.{1,2}\/.*\.js$/.test(specifier)) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, shortCircuit: true };
  }
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  const { pathname } = new URL(url);
  if (!pathname.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url.replace(/\?.*/, ''));
  const source = readFileSync(filename, 'utf8');
  const kept = codeAt(cache, filename, source);
  if (!existsSync(`${kept}.js`)) {
    const { code, map } = await transform(source, { filename, sourceMaps: true });
    keep(`${kept}.map`, map);
    keep(`${kept}.js`, code);
  }
  return { format: 'module', source: readFileSync(`${kept}.js`, 'utf8'), shortCircuit: true };
}

/** Whole or not at all: another worker may be reading. */
function keep(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
