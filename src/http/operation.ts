import { applyDecorators, type StreamableFile, type Type } from '@nestjs/common';
import { ApiExtension, ApiExtraModels, ApiOkResponse, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { type AnswerHeader, answeredWith, askedWith, type RequestHeader } from './documented-headers.js';
import { REFUSALS } from './documented-refusals.js';
import { type Role, Roles } from './roles.js';

/** What the documentation says of a route, beside what its classes say. */
export interface Documentation {
  readonly summary: string;
  readonly roles: readonly Role[];
  /** The refusal codes of its own; those of every route are added. */
  readonly codes: readonly string[];
  readonly tag: string;
  /** Unique over the service; made from the controller and the method unless told. */
  readonly operationId?: string;
  /** Of a command: the statuses in which it is taken; any, unless told. */
  readonly takenIn?: readonly string[];
  /** What may be said in its headers, beside what every route and its codes bring. */
  readonly askedWith?: readonly RequestHeader[];
}

export interface Answered<A extends object> {
  /** The class that describes the answer. */
  readonly answer: Type<A>;
  readonly example: A;
  readonly headers?: readonly AnswerHeader[];
  /** Other media types that it may be given in, and the class that their rows are told by. */
  readonly otherwise?: { readonly row: Type; readonly content: Readonly<Record<string, { readonly schema: object }>> };
}

/** Codes that any route may answer. */
const OF_ANY_MESSAGE = ['request-timeout', 'body-too-large', 'unsupported-media-type', 'malformed', 'too-many-requests', 'internal'];
/** Codes that any route with a token may answer. */
const EVERYWHERE = [
  'unauthenticated',
  'request-timeout',
  'body-too-large',
  'unsupported-media-type',
  'not-acceptable',
  'malformed',
  'role-not-allowed',
  'validation-failed',
  'too-many-requests',
  'internal',
  'store-unavailable',
];
/** Which code tells that a header is looked at. */
const SAID_BY: Readonly<Record<string, RequestHeader>> = { 'purpose-missing': 'X-Purpose', 'read-model-behind': 'Consistency-Token' };

type Handles<A> = <H extends (...asked: never[]) => A | Promise<A>>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<H>,
) => void;

/** A query: who may ask it, and how it is documented. Its method gives what the class of the answer describes. */
export const Operation = <A extends object>({
  answer,
  example,
  headers = [],
  otherwise,
  ...documentation
}: Documentation & Answered<A>): Handles<A | string | StreamableFile> =>
  applyDecorators(
    Roles(...documentation.roles),
    documented(documentation),
    ApiExtraModels(answer, ...(otherwise ? [otherwise.row] : [])),
    ApiOkResponse({
      description: documentation.summary,
      headers: answeredWith(...headers),
      content: { 'application/json': { schema: { $ref: getSchemaPath(answer) }, example }, ...otherwise?.content },
    }),
  );

/** What a route without a token answers, and how it is documented; of several answers it gives one. */
export interface OpenDocumentation extends Omit<Documentation, 'roles' | 'takenIn'> {
  readonly answers: readonly Type[];
  readonly example: object;
  /** What it says with another status. */
  readonly otherwise?: { readonly status: number; readonly description: string; readonly headers: readonly AnswerHeader[] };
}

/** A route that asks for no token. */
export const OpenOperation = ({ summary, codes, tag, operationId, answers, example, otherwise }: OpenDocumentation): MethodDecorator => {
  const [first, ...others] = answers.map(answer => ({ $ref: getSchemaPath(answer) }));
  const content = { 'application/json': { schema: others.length === 0 ? { ...first } : { oneOf: [first!, ...others] }, example } };
  return applyDecorators(
    ApiTags(tag),
    ApiOperation({ summary, description: 'Asks for no token.', security: [], ...(operationId !== undefined && { operationId }) }),
    ApiExtension(REFUSALS, [...OF_ANY_MESSAGE, ...codes]),
    askedWith(['X-Correlation-Id']),
    ApiExtraModels(...answers),
    ApiOkResponse({ description: summary, headers: answeredWith(), content }),
    ...(otherwise
      ? [
          ApiResponse({
            status: otherwise.status,
            description: otherwise.description,
            headers: answeredWith(...otherwise.headers),
            content,
          }),
        ]
      : []),
  );
};

export const documented = ({ summary, roles, codes, tag, operationId, takenIn, askedWith: headers = [] }: Documentation): MethodDecorator =>
  applyDecorators(
    ApiTags(tag),
    ApiOperation({
      summary,
      description: `Roles: ${roles.join(', ')}.${takenIn ? ` Taken in: ${takenIn.join(', ')}.` : ''}`,
      ...(operationId !== undefined && { operationId }),
    }),
    ApiExtension('x-roles', [...roles]),
    ApiExtension(REFUSALS, [...EVERYWHERE, ...codes]),
    askedWith(['X-Correlation-Id', ...headers, ...codes.flatMap(code => SAID_BY[code] ?? [])]),
  );
