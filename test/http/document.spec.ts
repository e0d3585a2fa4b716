import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Config } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { type Json, World } from '../support/world.js';

type Walk = (walker: { url: string; caseworker: string; caseworkerId: string; supervisor: string }) => Promise<object>;

const BUILT = 'dist/openapi.json';
const CLIENT = join(process.cwd(), 'test/strict-client/walk.ts');
const STRICTLY = [
  '--noEmit',
  '--strict',
  '--noUncheckedIndexedAccess',
  '--module',
  'NodeNext',
  '--target',
  'ES2023',
  '--lib',
  'ES2023,DOM',
  '--types',
  '',
];
const run = promisify(execFile);

let caseledger: Caseledger;
beforeAll(async () => {
  caseledger = await startCaseledger();
  await World.in(caseledger);
});
afterAll(() => caseledger.stop());

/** What the compiler says of the client, with the types that the build has made of the document. */
async function compiled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'strict-client-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const client = join(folder, 'walk.ts');
    copyFileSync(CLIENT, client);
    copyFileSync('dist/api.d.ts', join(folder, 'api.d.ts'));
    return await run(process.execPath, [join(process.cwd(), 'node_modules/typescript-native/bin/tsc'), ...STRICTLY, client], {
      cwd: folder,
    }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the document is the one that the build has made, and clients are made from', async () => {
  const served = JSON.parse(await (await fetch(`${caseledger.url}/openapi.json`)).text()) as Json;
  const built = JSON.parse(readFileSync(BUILT, 'utf8')) as Json;
  // What the document is of says besides that this is a training copy.
  expect({ ...served, info: {} }).toEqual({ ...built, info: {} });
});

test('the document passes redocly lint with the recommended rules', async () => {
  const env = { ...process.env, NODE_OPTIONS: '', REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout } = await run(join('node_modules', '.bin', 'redocly'), ['lint', BUILT, '--extends', 'recommended', '--format', 'json'], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((failed: { stdout: string }) => failed);
  const { problems } = JSON.parse(stdout) as { problems: { severity: string; ruleId: string; message: string }[] };
  expect(problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`)).toEqual([]);
});

interface Described {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
  readonly allOf?: readonly Described[];
  readonly 'x-personal'?: boolean;
}

test('whatever is asked and shows a person or a case says what for, and so is recorded', async () => {
  const document = (await (await fetch(`${caseledger.url}/openapi.json`)).json()) as {
    readonly components: { readonly schemas: Readonly<Record<string, Described>> };
    readonly paths: Readonly<
      Record<
        string,
        Readonly<
          Record<
            string,
            {
              readonly operationId: string;
              readonly parameters?: readonly object[];
              readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Described }>> }>>;
            }
          >
        >
      >
    >;
  };
  const showing = (schema: Described | undefined, within: readonly string[] = []): boolean => {
    if (!schema) return false;
    const name = schema.$ref?.split('/').at(-1);
    if (name !== undefined && within.includes(name)) return false;
    if (name !== undefined) return showing(document.components.schemas[name], [...within, name]);
    const { properties = {}, items, allOf = [] } = schema;
    return (
      schema['x-personal'] === true ||
      'caseId' in properties ||
      [...Object.values(properties), items, ...allOf].some(part => showing(part, within))
    );
  };
  const asked = Object.values(document.paths)
    .flatMap(path => Object.entries(path))
    .filter(([method, { operationId }]) => method === 'get' || operationId === 'searchCases')
    .map(([, operation]) => ({
      operation: operation.operationId,
      shows: showing(operation.responses['200']?.content?.['application/json']?.schema),
      saysWhy: JSON.stringify(operation.parameters ?? []).includes('X-Purpose'),
    }));
  expect(asked.filter(({ shows }) => shows).length).toBeGreaterThanOrEqual(10);
  expect(asked.filter(({ shows, saysWhy }) => shows && !saysWhy).map(({ operation }) => operation)).toEqual([]);
});

test('a client that is generated from the document compiles without a cast', async () => {
  expect(await compiled()).toBe('');
});

test('and walks from the opening of a case to its confirmed determination', async () => {
  const config = caseledger.app.get(Config);
  const token = (sub: string, role: 'caseworker' | 'supervisor') => issueLocalToken(config, { sub, roles: [role], office: 'ELP' });
  // By its path alone: the types that it imports are made by the test before.
  const { walk } = (await import(CLIENT)) as { walk: Walk };
  const walker = {
    url: caseledger.url,
    caseworker: await token('cw-strict', 'caseworker'),
    caseworkerId: 'cw-strict',
    supervisor: await token('sup-strict', 'supervisor'),
  };
  expect(await walk(walker)).toEqual({ status: 'amenable', confirmedBy: 'sup-strict', minor: false });
});
