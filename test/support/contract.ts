import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Json = Readonly<Record<string, unknown>>;
interface Header {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema: { readonly pattern?: string };
}
interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** What a client sees of an answer. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Headers of every answer, which say nothing of what is answered: each other one must be told of. */
const OF_ANY_ANSWER = new Set([
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'keep-alive',
  'origin-agent-cluster',
  'referrer-policy',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);

/** Holds answers against the OpenAPI document that the service gives; what it does not tell of is a fault. */
export class Contract {
  // That the document's schemas are such is seen by the linters of documents.
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  private readonly routes: readonly { readonly pattern: RegExp; readonly path: string }[];
  private readonly validators = new Map<string, ValidateFunction>();
  /** Of this run, by settings: what it has compiled serves the next spec file of this worker too. */
  private static readonly made = new Map<string, Promise<Contract>>();

  private constructor(private readonly document: Document) {
    formats.default(this.ajv);
    this.ajv.addSchema({ $id: 'document', components: { schemas: closed(document.components.schemas) } });
    // What is written out is asked before what anything may stand for.
    const paths = Object.keys(document.paths).sort((a, b) => a.split('{').length - b.split('{').length);
    this.routes = paths.map(path => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));
  }

  /**
   * @param settings what the document depends on: it is made once in a run for all services that have the same, as that takes as long as
   * all else of a start
   */
  static of(url: string, settings: string): Promise<Contract> {
    const { SPECS_RUN } = process.env;
    const fetched = async (): Promise<string> => (await fetch(`${url}/openapi.json`)).text();
    const contract = async (text: Promise<string>): Promise<Contract> => new Contract(JSON.parse(await text) as Document);
    if (!SPECS_RUN) return contract(fetched());
    const made = Contract.made.get(settings) ?? contract(kept(join(SPECS_RUN, `${settings}.json`), fetched));
    Contract.made.set(settings, made);
    made.catch(() => Contract.made.delete(settings));
    return made;
  }

  /** @throws Error that names what the document does not tell */
  check(method: string, address: string, seen: Seen): void {
    const [path = ''] = address.split('?');
    const route = this.routes.find(({ pattern }) => pattern.test(path))?.path;
    const operation = route === undefined ? undefined : this.document.paths[route]?.[method.toLowerCase()];
    if (!operation) return;
    const faults = this.faultsOf(`${method} ${route}`, operation.responses[seen.status], seen);
    if (faults.length > 0) throw new Error(`${method} ${path} answered ${seen.status}, not as the document says: ${faults.join('; ')}`);
  }

  private faultsOf(operation: string, told: Response | undefined, { status, headers, text }: Seen): string[] {
    const response = this.resolved(told, this.document.components.responses);
    if (!response) return ['the status is not told'];
    const [type = ''] = (headers.get('content-type') ?? '').split(';');
    const content = response.content?.[type];
    if (!content) return [`the media type ${type} is not told`];
    const faults = this.headerFaults(response.headers ?? {}, headers);
    const { contentSchema, ...schema } = content.schema;
    const name = `${operation} ${status} ${type}`;
    if (!contentSchema) return [...faults, ...this.misfits(name, schema, /[/+]json$/.test(type) ? JSON.parse(text) : text)];
    const lines = text.split('\n').filter(line => line !== '');
    return [...faults, ...lines.flatMap(line => this.misfits(name, contentSchema as Json, JSON.parse(line)))];
  }

  private misfits(name: string, schema: Json, value: unknown): string[] {
    const validate = this.validator(name, schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  }

  private headerFaults(told: Readonly<Record<string, Header>>, headers: Headers): string[] {
    const known = new Map(
      Object.entries(told).map(([name, header]) => [name.toLowerCase(), this.resolved(header, this.document.components.headers)]),
    );
    const untold = [...headers.keys()]
      .filter(name => !OF_ANY_ANSWER.has(name) && !known.has(name))
      .map(name => `the header ${name} is not told`);
    const wrong = [...known].filter(([name, header]) => {
      const value = headers.get(name);
      return value === null ? header?.required === true : !new RegExp(header?.schema.pattern ?? '').test(value);
    });
    return [...untold, ...wrong.map(([name]) => `the header ${name} is missing, or not of its form`)];
  }

  private resolved<T extends { readonly $ref?: string }>(part: T | undefined, components: Readonly<Record<string, T>>): T | undefined {
    return part?.$ref === undefined ? part : components[part.$ref.split('/').at(-1) ?? ''];
  }

  private validator(name: string, schema: Json): ValidateFunction {
    const known =
      this.validators.get(name) ??
      this.ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')) as Json);
    this.validators.set(name, known);
    return known;
  }
}

/** What is in the file, which whoever comes first makes. */
async function kept(file: string, make: () => Promise<string>): Promise<string> {
  if (!existsSync(file)) {
    const own = `${file}.${process.pid}`;
    writeFileSync(own, await make());
    renameSync(own, file);
  }
  return readFileSync(file, 'utf8');
}

/** Clients take answers with more fields; here each field must be told of. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  return { ...parts, ...('properties' in schema && { additionalProperties: false }) } as T;
}
