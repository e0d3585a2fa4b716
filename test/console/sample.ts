import { readFileSync } from 'node:fs';

/* A document made from a schema of the API's own description: every field told, every value to be told from every other. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly format?: string;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly title?: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly 'x-clearable'?: boolean;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

type Path = readonly (string | number)[];

/** A value of the document, and how it may be told: as it is, or by another one that is to make a difference. */
export interface Leaf {
  readonly path: Path;
  readonly value: unknown;
  /** Where the value is one of a few, which others would look the same elsewhere on a page. */
  readonly other?: unknown;
}

const COUNTRIES = ['HN', 'NI', 'CU', 'VE', 'BR', 'HT', 'EC'];
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly { readonly $ref?: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, { readonly content?: { readonly 'application/json'?: { readonly schema: Schema } } }>>;
}

const { components, paths } = JSON.parse(readFileSync(new URL('../../dist/openapi.json', import.meta.url), 'utf8')) as {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, { readonly get?: Operation; readonly post?: Operation }>>;
};

/** A field of a body by its pointer, as a form is to show it. */
export interface Field {
  readonly pointer: string;
  /** What it is called, in small letters. */
  readonly label: string;
  /** What the document says of it, and how it may look. */
  readonly help: readonly { readonly text: string; readonly isExample: boolean }[];
}

/** Each command of the document: its path, what it is called, and the fields of its body, those within others too. */
export const COMMANDS = Object.entries(paths).flatMap(([path, { post }]) => {
  if (!post?.parameters?.some(({ $ref }) => $ref?.endsWith('/Idempotency-Key'))) return [];
  const { schema } = post.requestBody?.content['application/json'] ?? {};
  return [{ path, title: post.summary, fields: fieldsOf(schema ?? {}, '') }];
});

function resolved({ $ref, ...schema }: Schema): Schema {
  const named = $ref === undefined ? {} : resolved(components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  const told = [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]
    .map(resolved)
    .find(({ properties, items, type }) => properties ?? items ?? type);
  return { ...named, ...((named.properties ?? schema.properties) ? {} : told), ...schema };
}

/** It is typed as words. */
function isCode({ pattern }: Schema): boolean {
  return pattern === '^[a-z0-9]+(-[a-z0-9]+)*$';
}

/** Of a list the field of its first element too, which stands beside the list, or in the first of its parts. */
function fieldsOf(schema: Schema, at: string): Field[] {
  return Object.entries(resolved(schema).properties ?? {}).flatMap(([name, given]) => {
    const field = resolved(given);
    const pointer = `${at}/${name}`;
    const label = field.title?.toLowerCase() ?? name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
    const items = resolved(field.items ?? {});
    const isTyped = !(field.properties ?? field.enum ?? items.properties ?? items.enum) && field.type !== 'boolean';
    const example = [field.example].flat()[0];
    const help = [
      ...(field.description === undefined || field['x-clearable']
        ? []
        : [{ text: field.description.replaceAll('`', ''), isExample: false }]),
      ...(isTyped && ['string', 'number'].includes(typeof example) && example !== 'text'
        ? [{ text: isCode(field) || isCode(items) ? String(example).replaceAll('-', ' ') : String(example), isExample: true }]
        : []),
    ];
    const element = field.items && !items.properties ? [{ pointer: `${pointer}/0`, label, help: [] }] : [];
    return [{ pointer, label, help }, ...element, ...fieldsOf(field, pointer), ...fieldsOf(items, `${pointer}/0`)];
  });
}

/** What a GET of this address answers, every field of it told; undefined where the document has no such address. */
export function answerTo(address: string): Record<string, unknown> | undefined {
  const fits = Object.keys(paths).filter(path => new RegExp(`^${path.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`).test(address));
  const found = fits.sort((a, b) => a.split('{').length - b.split('{').length)[0];
  const name = paths[found ?? '']?.get?.responses['200']?.content?.['application/json']?.schema.$ref?.split('/').at(-1);
  return name === undefined ? undefined : sampleOf(name).value;
}

/** @param name of a schema of the document */
export function sampleOf(name: string): { readonly value: Record<string, unknown>; readonly leaves: readonly Leaf[] } {
  const leaves: Leaf[] = [];
  const leaf = (path: Path, value: unknown, other?: unknown): unknown => {
    leaves.push({ path, value, ...(other !== undefined && { other }) });
    return value;
  };
  const make = (schema: Schema, path: Path): unknown => {
    if (schema.$ref !== undefined) return make(components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, path);
    const told = schema.anyOf?.find(({ type }) => type !== 'null');
    if (told) return make(told, path);
    if (schema.properties)
      return Object.fromEntries(Object.entries(schema.properties).map(([part, of]) => [part, make(of, [...path, part])]));
    if (schema.items) return [make(schema.items, [...path, 0])];
    const types = [schema.type].flat();
    const at = leaves.length;
    if (schema.enum) return leaf(path, ...(schema.enum.filter(value => value !== null) as [string, string]));
    if (types.includes('boolean')) return leaf(path, true, false);
    if (types.includes('integer')) return leaf(path, 1_000 + at);
    return leaf(path, textOf(schema, at));
  };
  return { value: make({ $ref: name }, []) as Record<string, unknown>, leaves };
}

function textOf({ format, pattern }: Schema, at: number): string {
  const number = String(at).padStart(4, '0');
  if (format === 'uuid') return `0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b${number}`;
  if (format === 'date') return new Date(Date.UTC(1950, 0, 1 + at)).toISOString().slice(0, 10);
  if (format === 'date-time') return new Date(Date.UTC(2020, 0, 1 + at, 3, 4)).toISOString();
  if (format === 'duration') return `P${at}D`;
  if (pattern === '^[A-Z]{2}$') return COUNTRIES[at % COUNTRIES.length] ?? '';
  if (pattern?.includes('-W')) return `20${String(at % 100).padStart(2, '0')}-W05`;
  return `told-${number}`;
}

/** The document with another value in one place. */
export function withOther(document: Record<string, unknown>, { path, other }: Leaf): Record<string, unknown> {
  const copy = structuredClone(document);
  const parent = path.slice(0, -1).reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], copy);
  (parent as Record<string | number, unknown>)[path.at(-1) ?? ''] = other;
  return copy;
}

const countries = new Intl.DisplayNames('en', { type: 'region' });

/** As a page may write it, in small letters. */
export function writtenAs({ value }: Leaf): string {
  const text = String(value);
  if (/^[A-Z]{2}$/.test(text)) return (countries.of(text) ?? text).toLowerCase();
  if (/^P\d+D$/.test(text)) return `${text.slice(1, -1)} days`;
  if (/^\d{4}-W\d\d$/.test(text)) return `week ${Number(text.slice(6))} of ${text.slice(0, 4)}`;
  return (/T03:04/.test(text) ? `${text.slice(0, 10)} 03:04 UTC` : text).toLowerCase().replaceAll('-', ' ');
}
