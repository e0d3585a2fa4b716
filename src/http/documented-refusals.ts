import type { ReferenceObject, ResponseObject, SchemaObject } from '@nestjs/swagger';
import { answeredWith, type AnswerHeader, maybeAnsweredWith } from './documented-headers.js';
import { problem, statusOf } from './problem-details.js';

type Responses = Record<string, ResponseObject | ReferenceObject>;

/** The extension that `openApiDocument` turns into one response for each status. */
export const REFUSALS = 'x-refusals';
const SOME_CORRELATION_ID = '6f1f64d2-2c7e-4c4e-9a55-0d2f7a1b9c11';
const WORDS = 'What stands in the way, in words.';

const OF_STATUS: Readonly<Record<string, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  503: ['Retry-After'],
};

/** Refusals that many operations share, each described once for all of them. */
export class DocumentedRefusals {
  readonly responses: Responses = {};

  /** One response for each status, which lists the codes that come with it; a rule's own codes stand where they belong. */
  of(codes: readonly string[]): Responses {
    return Object.fromEntries(
      [...byStatus(codes)].map(([status, its]) => [status, status === 409 ? response(status, its) : this.shared(status, its)]),
    );
  }

  private shared(status: number, codes: readonly string[]): ReferenceObject {
    const name = codes.map(code => code.split('-').map(capitalised).join('')).join('Or');
    this.responses[name] ??= response(status, codes);
    return { $ref: `#/components/responses/${name}` };
  }
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function byStatus(codes: readonly string[]): Map<number, string[]> {
  const grouped = new Map<number, string[]>();
  for (const code of new Set(codes)) grouped.set(statusOf(code), [...(grouped.get(statusOf(code)) ?? []), code]);
  return grouped;
}

function response(status: number, codes: readonly string[]): ResponseObject {
  const [first = ''] = codes;
  return {
    description: codes.map(code => `\`${code}\``).join(', '),
    // What a refused command stored all the same is told as if it had been done.
    headers: { ...answeredWith(...(OF_STATUS[status] ?? [])), ...(status === 409 && maybeAnsweredWith('ETag', 'Consistency-Token')) },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { type: 'string', enum: [...codes] } } }],
        },
        ...(status !== 409 && { example: { ...problem(first, first === 'internal' ? undefined : WORDS, SOME_CORRELATION_ID) } }),
      },
    },
  };
}

const FAULT: SchemaObject = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    pointer: { type: 'string', description: 'JSON pointer into the body, or the name of a parameter after a slash.' },
    code: { type: 'string' },
    message: { type: 'string' },
  },
};

/** RFC 9457. */
export const PROBLEM: SchemaObject = {
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
    allowedCommands: {
      type: 'array',
      items: { type: 'string' },
      description: 'With `wrong-status`: what may be done instead, by this person.',
    },
  },
};
