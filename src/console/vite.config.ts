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
  readonly parameters: readonly { readonly $ref?: string }[];
  readonly requestBody: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
interface Content {
  readonly content: { readonly 'application/json': { readonly schema: Json } };
}
interface Body {
  readonly properties: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}
/** Of each kind of stream, its commands by path. */
type Kinds = ReadonlyMap<string, Json>;

/** What forms are made from: each command, with the schema of its body; those of one kind of stream are loaded together. */
function commands(): Plugin {
  const kinds = () => commandsOf(JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Document);
  return {
    name: 'commands',
    resolveId: id => (id.startsWith(COMMANDS) ? `\0${id}` : null),
    load(id) {
      if (id === `\0${COMMANDS}`) return loaders(kinds());
      return id.startsWith(`\0${COMMANDS}/`) ? `export default ${JSON.stringify(kinds().get(id.split('/').at(-1) ?? ''))}` : null;
    },
  };
}

function loaders(kinds: Kinds): string {
  const all = [...kinds].map(([kind, commandsOfIt], index) => ({ load: `load${index}`, kind, paths: Object.keys(commandsOfIt) }));
  const functions = all.map(({ load, kind }) => `const ${load} = () => import('${COMMANDS}/${kind}').then(found => found.default);`);
  const lines = all.flatMap(({ load, paths }) => paths.map(path => `'${path}': ${load}`));
  return `${functions.join('\n')}\nexport default { ${lines.join(', ')} };`;
}

function commandsOf({ paths, components }: Document): Kinds {
  const resolved = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolved);
    if (typeof part !== 'object' || part === null) return part;
    const { $ref, ...rest } = part as Json;
    const named = typeof $ref === 'string' ? components.schemas[$ref.split('/').at(-1) ?? ''] : undefined;
    return Object.fromEntries(Object.entries({ ...named, ...rest }).map(([name, value]) => [name, resolved(value)]));
  };
  const kinds = new Map<string, Json>();
  for (const [path, { post }] of Object.entries(paths)) {
    if (!post?.parameters.some(({ $ref }) => $ref?.endsWith('/Idempotency-Key'))) continue;
    const kind = path.split('/')[2] ?? '';
    const schema = withoutIds(resolved(post.requestBody.content['application/json'].schema) as Body);
    kinds.set(kind, { ...kinds.get(kind), [path]: { title: post.summary, schema } });
  }
  return kinds;
}

/** The service makes an id for what is new, where none is given: nobody is asked for one. */
const withoutIds = ({ properties, ...schema }: Body): Body => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(properties).filter(([name, { format }]) => format !== 'uuid' || schema.required?.includes(name)),
  ),
});

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
