import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const DOCUMENT = fileURLToPath(new URL('../../dist/openapi.json', import.meta.url));
const COMMANDS = 'virtual:commands';

type Json = { readonly [name: string]: unknown };
interface Document {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}
interface Operation {
  readonly summary: string;
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Json } } };
}

/** What forms are made from: each command of a case, with the schema of its body. */
function commands(): Plugin {
  return {
    name: 'commands',
    resolveId: id => (id === COMMANDS ? `\0${COMMANDS}` : null),
    load: id =>
      id === `\0${COMMANDS}` ? `export default ${JSON.stringify(commandsOf(JSON.parse(readFileSync(DOCUMENT, 'utf8'))))}` : null,
  };
}

function commandsOf({ paths, components }: Document): Json {
  const resolved = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolved);
    if (typeof part !== 'object' || part === null) return part;
    const { $ref, ...rest } = part as Json;
    const named = typeof $ref === 'string' ? components.schemas[$ref.split('/').at(-1) ?? ''] : undefined;
    return Object.fromEntries(Object.entries({ ...named, ...rest }).map(([name, value]) => [name, resolved(value)]));
  };
  const found = Object.entries(paths).flatMap(([path, { post }]) => {
    const [, name] = /^\/v1\/cases\/\{caseId\}\/([a-z-]+)$/.exec(path) ?? [];
    if (name === undefined || post?.requestBody === undefined) return [];
    const pascal = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [[pascal, { path: name, title: post.summary, schema: resolved(post.requestBody.content['application/json'].schema) }] as const];
  });
  return Object.fromEntries(found);
}

/** The pages use the fonts of the system: those of the design system would weigh more than all else. */
const withoutFonts = (): Plugin => ({
  name: 'without-fonts',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('uswds.min.css') ? code.replaceAll(/@font-face\{[^}]*\}/g, '') : null),
});

export default defineConfig({
  plugins: [commands(), withoutFonts()],
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Packages say that they are for the browser: so is all of this.
    rollupOptions: { onwarn: (warning, warn) => void (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning)) },
    reportCompressedSize: false,
  },
});
