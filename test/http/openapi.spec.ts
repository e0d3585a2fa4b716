import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Service, startService } from './service.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly 'x-roles': readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object; readonly examples: object }>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let service: Service;
let document: Document;
beforeAll(async () => {
  service = await startService();
  const { status, text } = await service.send('GET', '/openapi.json', { headers: { accept: '*/*' } });
  expect(status).toBe(200);
  document = JSON.parse(text) as Document;
});
afterAll(() => service.stop());

it('is OpenAPI 3.1, and says of every operation what it needs and how it refuses', () => {
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.values(document.paths).flatMap(path => Object.values(path)).filter(({ tags }) => tags !== undefined);
  expect(operations).toHaveLength(6);
  for (const operation of operations) {
    expect(operation.summary).toBeTruthy();
    expect(operation.description).toContain(operation['x-roles'].join(', '));
    for (const status of ['400', '401', '403', '429', '503']) expect(operation.responses[status]?.content).toHaveProperty(['application/problem+json']);
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

it('describes a command by its class', () => {
  const seal = document.paths['/v1/boxes/{boxId}/seal-box']?.['post'];
  expect(seal?.responses['409']?.description).toBe('`wrong-status`, `box-empty`');
  const open = document.paths['/v1/boxes']?.['post'];
  expect(open?.operationId).toBe('openBox');
  expect(open?.requestBody?.content['application/json']).toMatchObject({ schema: { $ref: '#/components/schemas/OpenBox' }, examples: { example: { value: { size: 'small' } } } });
  expect(document.components.schemas['OpenBox']).toMatchObject({
    type: 'object', additionalProperties: false, required: ['label', 'size'],
    properties: { boxId: { type: 'string', format: 'uuid' }, label: { $ref: '#/components/schemas/Label' }, size: { enum: ['small', 'large'] }, tags: { type: 'array', maxItems: 3, items: { type: 'string' } } },
  });
  expect(document.components.schemas['Label']).toMatchObject({ additionalProperties: false, properties: { text: { maxLength: 200, 'x-personal': true } } });
});

it('shows the documentation to people', async () => {
  expect((await service.send('GET', '/docs')).text).toContain('swagger-ui');
  expect((await service.send('GET', '/docs/swagger-ui-init.js')).status).toBe(200);
  expect((await service.send('GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
});

it('passes redocly lint with the recommended rules', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const env = { ...process.env, NODE_OPTIONS: '', REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const run = promisify(execFile)(join('node_modules', '.bin', 'redocly'), ['lint', file, '--extends', 'recommended', '--format', 'json'], { env, maxBuffer: 64 * 1024 * 1024 });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  rmSync(folder, { recursive: true, force: true });
  const { problems } = JSON.parse(stdout) as { problems: { severity: string; ruleId: string; message: string }[] };
  expect(problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`)).toEqual([]);
});
