import { type Service, startService } from './service.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly 'x-roles': readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object; readonly examples: object }>> };
  readonly responses: Readonly<Record<string, Response>>;
}
interface Parameter {
  readonly in?: string;
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: { readonly example?: unknown };
}
interface Response {
  readonly $ref?: string;
  readonly description: string;
  readonly headers: object;
  readonly content?: object;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly parameters: object;
  };
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
  const operations = Object.values(document.paths)
    .flatMap(path => Object.values(path))
    .filter(operation => operation['x-roles'] !== undefined);
  expect(operations).toHaveLength(6);
  for (const operation of operations) {
    expect(operation.summary).toBeTruthy();
    expect(operation.description).toContain(operation['x-roles'].join(', '));
    expect(operation.tags).toHaveLength(1);
    for (const status of ['400', '401', '403', '406', '408', '413', '415', '429', '500', '503']) {
      expect(responseOf(operation, status)).toHaveProperty(['content', 'application/problem+json']);
      expect(responseOf(operation, status)).toHaveProperty(['headers', 'X-Correlation-Id']);
    }
    expect(responseOf(operation, '401')).toHaveProperty(['headers', 'WWW-Authenticate']);
    for (const status of ['429', '503']) expect(responseOf(operation, status)).toHaveProperty(['headers', 'Retry-After']);
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

const responseOf = ({ responses }: Operation, status: string): Response | undefined => {
  const response = responses[status];
  return response?.$ref === undefined ? response : document.components.responses[response.$ref.split('/').at(-1) ?? ''];
};

it('sends no example along that would narrow a list, or make a command conditional', () => {
  const parameters = Object.values(document.paths)
    .flatMap(path => Object.values(path))
    .flatMap(({ parameters: own }) => own ?? []);
  expect(
    parameters.filter(({ in: place, required }) => place === 'query' && !required).map(({ example, schema }) => example ?? schema?.example),
  ).toEqual([undefined, undefined]);
  expect(JSON.stringify(document.components.parameters)).not.toContain('example');
});

it('describes a command by its class', () => {
  const seal = document.paths['/v1/boxes/{boxId}/seal-box']?.['post'];
  expect(seal?.responses['409']?.description).toBe('`wrong-status`, `box-empty`');
  const open = document.paths['/v1/boxes']?.['post'];
  expect(open?.operationId).toBe('openBox');
  expect(open?.requestBody?.content['application/json']).toMatchObject({
    schema: { $ref: '#/components/schemas/OpenBox' },
    examples: { example: { value: { size: 'small' } } },
  });
  expect(document.components.schemas['OpenBox']).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['label', 'size'],
    properties: {
      boxId: { type: 'string', format: 'uuid' },
      label: { $ref: '#/components/schemas/Label' },
      size: { enum: ['small', 'large'] },
      tags: { type: 'array', maxItems: 3, items: { type: 'string' } },
    },
  });
  expect(document.components.schemas['Label']).toMatchObject({
    additionalProperties: false,
    properties: { text: { maxLength: 200, 'x-personal': true } },
  });
});

it('shows the documentation to people', async () => {
  expect((await service.send('GET', '/docs')).text).toContain('swagger-ui');
  expect((await service.send('GET', '/docs/swagger-ui-init.js')).status).toBe(200);
  expect((await service.send('GET', '/docs/swagger-ui-bundle.js')).status).toBe(200);
});
