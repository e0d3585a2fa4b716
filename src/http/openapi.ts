import { type INestApplication, NotFoundException } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { camelCase } from './command-routes.js';
import { REFUSALS } from './operation.js';
import { problem } from './problem-details.js';

type Json = Record<string, unknown>;

const SOME_CORRELATION_ID = '6f1f64d2-2c7e-4c4e-9a55-0d2f7a1b9c11';
/** What the page loads of its package, whose folder holds more. */
const DOCUMENTATION_FILES: ReadonlySet<string> = new Set([
  'swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'favicon-16x16.png', 'favicon-32x32.png',
]);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** The OpenAPI 3.1 document of every route that takes a token. */
export function openApiDocument(app: INestApplication, { simulatedFrom }: Pick<Config, 'simulatedFrom'>): OpenAPIObject {
  const training = simulatedFrom === undefined ? '' : '\n\nThis is a training copy: its time is simulated and its people are invented.';
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Caseledger')
    .setDescription(`Case management for Asylum Cooperative Agreements. Every fault is answered as application/problem+json (RFC 9457).${training}`)
    .setVersion('1.0.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => camelCase(controller.replace(/Controller$/, '')) + method.charAt(0).toUpperCase() + method.slice(1),
  });
  const operations = operationsOf(document);
  for (const operation of operations) describeRefusals(operation);
  for (const schema of Object.values(document.components?.schemas ?? {})) refuseOtherFields(schema as Json);
  document.tags = [...new Set(operations.flatMap(({ tags }) => tags as string[] ?? []))].sort().map(name => ({ name, description: name }));
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: PROBLEM as never } };
  return document;
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`; it is made when first asked for. */
export function serveDocumentation(app: INestApplication, config: Pick<Config, 'simulatedFrom'>): void {
  let document: OpenAPIObject | undefined;
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  fastify.addHook('onRequest', async request => {
    const { '*': file } = request.params as { readonly '*'?: string };
    if (request.routeOptions.url === '/docs/*' && !DOCUMENTATION_FILES.has(file ?? '')) throw new NotFoundException();
  });
  SwaggerModule.setup('docs', app, () => (document ??= openApiDocument(app, config)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    // Else it would ask a server of others to check the document.
    swaggerOptions: { validatorUrl: null },
    customSiteTitle: config.simulatedFrom === undefined ? 'Caseledger' : 'Caseledger (training copy)',
  });
}

function operationsOf({ paths }: OpenAPIObject): Json[] {
  return Object.values(paths).flatMap(path => Object.entries(path as Json).filter(([method]) => METHODS.includes(method)).map(([, operation]) => operation as Json));
}

/** One response for each status, which lists the codes that come with it. */
function describeRefusals(operation: Json): void {
  const refusals = (operation[REFUSALS] ?? {}) as Record<string, string[]>;
  delete operation[REFUSALS];
  const responses = Object.entries(refusals).map(([status, codes]) => [status, refusalResponse(codes)]);
  operation['responses'] = { ...(operation['responses'] as Json), ...Object.fromEntries(responses) };
}

function refusalResponse(codes: readonly string[]): Json {
  const [first = ''] = codes;
  return {
    description: codes.map(code => `\`${code}\``).join(', '),
    content: {
      'application/problem+json': {
        schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { type: 'string', enum: codes } } }] },
        example: { ...problem(first, 'What stands in the way, in words.', SOME_CORRELATION_ID, [{ code: first, message: 'What stands in the way, in words.' }]) },
      },
    },
  };
}

function refuseOtherFields(schema: Json): void {
  if (schema['type'] === 'object') schema['additionalProperties'] ??= false;
}

const FAULT = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    pointer: { type: 'string', description: 'JSON pointer into the body, or the name of a parameter after a slash.' },
    code: { type: 'string' },
    message: { type: 'string' },
  },
};

/** RFC 9457; further members may come with some codes. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'correlationId', 'errors'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    correlationId: { type: 'string' },
    errors: { type: 'array', items: FAULT },
    currentStatus: { type: 'string', description: 'With `wrong-status`.' },
    allowedCommands: { type: 'array', items: { type: 'string' }, description: 'With `wrong-status`: what may be done instead, by this person.' },
  },
};

