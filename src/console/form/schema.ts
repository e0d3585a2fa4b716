/** The part of JSON Schema that bodies are described with; references are resolved when the console is built. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  /** What it is called; its name in words, unless told. */
  readonly title?: string;
  readonly description?: string;
  readonly example?: unknown;
  /** What stands there can be taken away. */
  readonly 'x-clearable'?: boolean;
  /** What people know by its name, of which there are too many for an enumeration. */
  readonly 'x-named'?: 'country' | 'language' | 'case';
}

export interface Command {
  readonly title: string;
  readonly schema: Schema;
}

export type Kind =
  | 'object'
  | 'objects'
  | 'choices'
  | 'picks'
  | 'lines'
  | 'choice'
  | 'pick'
  | 'code'
  | 'week'
  | 'yes-no'
  | 'number'
  | 'day'
  | 'instant'
  | 'day-or-instant'
  | 'text'
  | 'long-text';

const LONGEST_LINE = 500;
const DAY_OR_INSTANT = 'day-or-instant';
/** Words of small letters, joined by hyphens. */
export const CODE = '^[a-z0-9]+(-[a-z0-9]+)*$';

/** The alternative that is not null, with what is said beside it. */
export function plain(schema: Schema): Schema {
  const parts = [...(schema.allOf ?? []), ...(schema.properties ? [] : (schema.anyOf ?? []))];
  const formats = parts.map(({ format }) => format);
  const isDayOrInstant = formats.includes('date') && formats.includes('date-time');
  const told = isDayOrInstant ? { type: 'string', format: DAY_OR_INSTANT } : parts.find(({ type }) => type !== 'null');
  if (!told) return schema;
  const { title, description, example, 'x-clearable': clearable } = schema;
  return {
    ...plain(told),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    ...(clearable && { 'x-clearable': clearable }),
  };
}

export function kindOf(schema: Schema): Kind {
  const types = [schema.type].flat();
  if (schema.properties || types.includes('object')) return 'object';
  if (types.includes('array')) {
    const items = plain(schema.items ?? {});
    return items.properties ? 'objects' : items.enum ? 'choices' : items['x-named'] ? 'picks' : 'lines';
  }
  if (schema.enum) return 'choice';
  if (types.includes('boolean')) return 'yes-no';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (schema.format === 'date') return 'day';
  if (schema.format === 'date-time') return 'instant';
  if (schema.format === DAY_OR_INSTANT) return DAY_OR_INSTANT;
  if (schema['x-named']) return 'pick';
  if (schema.pattern === CODE) return 'code';
  if (schema.pattern?.includes('-W')) return 'week';
  return (schema.maxLength ?? 0) > LONGEST_LINE ? 'long-text' : 'text';
}

export const isList = (schema: Schema): boolean => [plain(schema).type].flat().includes('array');

/** How it is said that nothing is to stand in a field: to leave it empty says nothing. */
export function nothingIn(schema: Schema, required: boolean): 'take-away' | 'none' | undefined {
  if (schema['x-clearable']) return 'take-away';
  return required && isList(schema) && !schema.minItems ? 'none' : undefined;
}

/** What was typed, by JSON pointer; of a list of parts, its keys by comma; null where nothing is to stand. */
export type Typed = Readonly<Record<string, string | null>>;

/** The body that a form's fields make; what was left empty is left out, though not an object that must be there. */
export function bodyOf(given: Schema, typed: Typed, keyed = '', required = true): unknown {
  const schema = plain(given);
  if (typed[keyed] === null) return isList(schema) ? [] : null;
  const text = typed[keyed] ?? '';
  const kind = kindOf(schema);
  if (kind === 'object') {
    const parts = Object.entries(schema.properties ?? {}).map(([name, part]) => {
      const isRequired = schema.required?.includes(name) ?? false;
      return [name, bodyOf(part, typed, `${keyed}/${name}`, isRequired)] as const;
    });
    const told = parts.filter(([, value]) => value !== undefined);
    return told.length > 0 || required ? Object.fromEntries(told) : undefined;
  }
  if (text.trim() === '') return undefined;
  if (kind === 'objects') return keysOf(text).map(key => bodyOf(schema.items ?? {}, typed, `${keyed}/${key}`));
  if (kind === 'choices') return text.split('\n');
  if (kind === 'picks') return linesOf(text);
  if (kind === 'lines') return linesOf(text).map(line => (plain(schema.items ?? {}).pattern === CODE ? codeOf(line) : line));
  if (kind === 'code') return codeOf(text);
  if (kind === 'yes-no') return text === 'yes';
  // What is no number goes as it is: the service says what is wrong with it.
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  return text;
}

/** What a form begins with where this stands already: what `bodyOf` makes a body of again. */
export function typedOf(given: Schema, value: unknown, keyed = ''): Typed {
  if (value === null || value === undefined) return {};
  const schema = plain(given);
  const kind = kindOf(schema);
  if (kind === 'object') return partsOf(value, name => schema.properties?.[name], keyed);
  if (kind === 'yes-no') return { [keyed]: value === true ? 'yes' : 'no' };
  if (!Array.isArray(value)) return { [keyed]: kind === 'code' ? String(value).replaceAll('-', ' ') : String(value) };
  if (kind !== 'objects') return { [keyed]: value.join('\n') };
  return { [keyed]: Object.keys(value).join(','), ...partsOf(value, () => schema.items, keyed) };
}

const partsOf = (value: unknown, schemaOf: (name: string) => Schema | undefined, keyed: string): Typed =>
  Object.assign(
    {},
    ...Object.entries(value ?? {}).map(([name, part]) => {
      const schema = schemaOf(name);
      return schema && typedOf(schema, part, `${keyed}/${name}`);
    }),
  ) as Typed;

/** Of a body what is not as it was, a list whole; what was emptied is taken away or, where it cannot be, refused by the service. */
export function changesOf(given: Schema, was: unknown, is: unknown): unknown {
  const schema = plain(given);
  if (kindOf(schema) !== 'object') return JSON.stringify(was) === JSON.stringify(is) ? undefined : (is ?? emptied(given));
  const changed = Object.entries(schema.properties ?? {}).map(
    ([name, part]) => [name, changesOf(part, partOf(was, name), partOf(is, name))] as const,
  );
  const told = changed.filter(([, value]) => value !== undefined);
  return told.length > 0 ? Object.fromEntries(told) : undefined;
}

const partOf = (value: unknown, name: string): unknown => (value as Readonly<Record<string, unknown>> | undefined)?.[name];

const emptied = (schema: Schema): unknown => (isList(schema) ? [] : plain(schema)['x-clearable'] ? null : '');

export const keysOf = (text: string): string[] => text.split(',').filter(Boolean);

/** The lines of a list as they are sent: empty ones are left out. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);

/** What was typed as words is sent as the code that it stands for; what has no word in it goes as it is, to be refused. */
const codeOf = (text: string): string => {
  const letters = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return letters.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || text;
};
