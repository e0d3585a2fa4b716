import { type INestApplication, NotFoundException } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { version } from '../version.js';
import { camelCase } from './command-routes.js';
import { answeredWith, ASKED_WITH, documentedHeaders, type AnswerHeader } from './documented-headers.js';
import { DocumentedRefusals, PROBLEM, REFUSALS } from './documented-refusals.js';

type Json = Record<string, unknown>;

/** What the page loads of its package, whose folder holds more. */
const DOCUMENTATION_FILES: ReadonlySet<string> = new Set([
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
]);
const LIMIT = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'] as const;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const TAGS: Readonly<Record<string, string>> = {
  cases: 'The case of one applicant, from the opening to the aftercare.',
  deadlines: 'What is due, over all cases.',
  families: 'Families that travel together.',
  'hold-orders': 'Orders that hold many cases at once.',
  reassignments: 'Orders that hand all cases of a caseworker on.',
  agreements: 'The agreements with the partner countries.',
  reception: 'How many people a partner country receives in a week.',
  manifests: 'Flights and their passengers.',
  reports: 'Figures, without persons.',
  audit: 'What was stored, and who read it.',
  service: 'Whether the service is well, and how people sign in.',
  training: 'The time of a training copy.',
};

/** The OpenAPI 3.1 document of every route that answers JSON. */
export function openApiDocument(
  app: INestApplication,
  { simulatedFrom, rateLimit }: Pick<Config, 'simulatedFrom' | 'rateLimit'>,
): OpenAPIObject {
  const training = simulatedFrom === undefined ? '' : '\n\nThis is a training copy: its time is simulated and its people are invented.';
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Caseledger')
    .setDescription(
      `Case management for Asylum Cooperative Agreements. Every fault is answered as application/problem+json (RFC 9457).${training}`,
    )
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    autoTagControllers: false,
    operationIdFactory: (controller, method) =>
      camelCase(controller.replace(/Controller$/, '')) + method.charAt(0).toUpperCase() + method.slice(1),
  });
  const refusals = new DocumentedRefusals();
  const operations = operationsOf(document);
  for (const operation of operations) {
    describeRequest(operation);
    describeRefusals(operation, refusals);
  }
  const schemas = (document.components?.schemas as Readonly<Record<string, Json>>) ?? {};
  const sent = namedIn(
    operations.map(({ requestBody }) => requestBody),
    schemas,
  );
  for (const [name, schema] of Object.entries(schemas)) if (sent.has(name)) refuseOtherFields(schema);
  document.tags = [...new Set(operations.flatMap(({ tags }) => (tags as string[]) ?? []))]
    .sort()
    .map(name => ({ name, description: TAGS[name] ?? name }));
  const responses = [
    ...operations.flatMap(operation => Object.values(operation['responses'] as Json)),
    ...Object.values(refusals.responses),
  ];
  sayOfAll(responses, [...(simulatedFrom === undefined ? [] : (['X-Training-Copy'] as const)), ...(rateLimit === undefined ? [] : LIMIT)]);
  const told = JSON.stringify([operations, refusals.responses]);
  const used = <C extends object>(kind: string, all: C): C =>
    Object.fromEntries(Object.entries(all).filter(([name]) => told.includes(`"#/components/${kind}/${name}"`))) as C;
  document.components = {
    ...document.components,
    headers: used('headers', documentedHeaders.headers),
    parameters: used('parameters', documentedHeaders.parameters),
    responses: refusals.responses,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  return document;
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`; it is made when first asked for. */
export function serveDocumentation(app: INestApplication, config: Pick<Config, 'simulatedFrom' | 'rateLimit'>): void {
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
  return Object.values(paths).flatMap(path =>
    Object.entries(path as Json)
      .filter(([method]) => METHODS.includes(method))
      .map(([, operation]) => operation as Json),
  );
}

/** Swagger UI sends the examples of parameters along: one that need not be there would empty a list. */
function describeRequest(operation: Json): void {
  const parameters = (operation['parameters'] as Json[]) ?? [];
  for (const parameter of parameters.filter(({ in: place, required }) => place === 'query' && required !== true)) {
    delete parameter['example'];
    delete (parameter['schema'] as Json)['example'];
  }
  const headers = (operation[ASKED_WITH] as string[]) ?? [];
  delete operation[ASKED_WITH];
  operation['parameters'] = [...parameters, ...headers.map(name => ({ $ref: `#/components/parameters/${name}` }))];
}

function describeRefusals(operation: Json, refusals: DocumentedRefusals): void {
  const codes = (operation[REFUSALS] as string[]) ?? [];
  delete operation[REFUSALS];
  operation['responses'] = { ...(operation['responses'] as Json), ...refusals.of(codes) };
}

/** The names of all schemas that are referred to, directly or by one another. */
function namedIn(parts: unknown, schemas: Readonly<Record<string, Json>>, found = new Set<string>()): Set<string> {
  for (const [, name = ''] of JSON.stringify(parts).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (found.has(name)) continue;
    found.add(name);
    namedIn(schemas[name], schemas, found);
  }
  return found;
}

/** What is sent may have no other fields; an answer may get some. */
function refuseOtherFields(schema: Json): void {
  if (schema['type'] === 'object') schema['additionalProperties'] ??= false;
}

/** Headers that every answer of a service with these settings has. */
function sayOfAll(responses: readonly unknown[], headers: readonly AnswerHeader[]): void {
  for (const response of responses as Json[])
    if (response['$ref'] === undefined) response['headers'] = { ...answeredWith(...headers), ...(response['headers'] as Json) };
}
