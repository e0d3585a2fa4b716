import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const BUILT = new URL('../../dist/', import.meta.url);

interface Document {
  readonly paths: Readonly<
    Record<string, { readonly post?: { readonly summary: string; readonly parameters: readonly { $ref?: string }[] } }>
  >;
}

test('each command of the document has a form, and those of one kind of stream are loaded apart from all else', () => {
  const { paths } = JSON.parse(readFileSync(new URL('openapi.json', BUILT), 'utf8')) as Document;
  const commands = Object.entries(paths).filter(([, { post }]) =>
    post?.parameters.some(({ $ref }) => $ref === '#/components/parameters/Idempotency-Key'),
  );
  expect(commands.length).toBeGreaterThan(80);
  const files = readdirSync(new URL('console/assets/', BUILT)).filter(name => name.endsWith('.js'));
  const texts = new Map(files.map(name => [name, readFileSync(new URL(`console/assets/${name}`, BUILT), 'utf8')]));
  for (const [path, { post }] of commands) {
    const kind = path.split('/')[2];
    const told = [...texts].filter(([, text]) => text.includes(`"${path}"`) && text.includes(post?.summary ?? '-'));
    expect({ path, in: told.map(([name]) => name.replace(/-.{8}\.js$/, '')) }).toEqual({ path, in: [kind] });
  }
});
