import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { statusOf } from './problem-details.js';
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
}

/** Codes that any route with a token may answer. */
const EVERYWHERE = ['unauthenticated', 'not-acceptable', 'malformed', 'role-not-allowed', 'validation-failed', 'too-many-requests', 'store-unavailable'];

/** The extension that `openApiDocument` turns into one response for each status. */
export const REFUSALS = 'x-refusals';

/** A query: who may ask it, and how it is documented. `example` is an answer. */
export const Operation = ({ example, ...documentation }: Documentation & { readonly example: unknown }): MethodDecorator =>
  applyDecorators(
    Roles(...documentation.roles),
    documented(documentation),
    ApiOkResponse({ description: documentation.summary, schema: { type: Array.isArray(example) ? 'array' : 'object', ...(Array.isArray(example) && { items: {} }), example } as object }),
  );

export const documented = ({ summary, roles, codes, tag, operationId, takenIn }: Documentation): MethodDecorator =>
  applyDecorators(
    ApiTags(tag),
    ApiOperation({ summary, description: `Roles: ${roles.join(', ')}.${takenIn ? ` Taken in: ${takenIn.join(', ')}.` : ''}`, ...(operationId !== undefined && { operationId }) }),
    ApiExtension('x-roles', [...roles]),
    ApiExtension(REFUSALS, byStatus([...EVERYWHERE, ...codes])),
  ) as MethodDecorator;

function byStatus(codes: readonly string[]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const code of new Set(codes)) (grouped[statusOf(code)] ??= []).push(code);
  return grouped;
}
