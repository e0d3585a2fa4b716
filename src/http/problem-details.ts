import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { DomainError, type Violation } from '../event-store/domain-error.js';
import { StoreUnavailable } from '../event-store/event-store.js';
import { Refused } from '../event-store/refused.js';
import { UnknownEvent } from '../event-store/stream-kind.js';
import { cannotGetBetter, reasonOf } from '../projecting/stopping.js';
import { Unauthenticated } from './authentication.js';
import type { Refusals } from './metrics.js';
import { type Fault, ValidationFailed } from '../fields/validation.js';

/** Every code that does not mean 409, with its status and title. */
const TABLE: Readonly<Record<string, readonly [status: number, title: string]>> = {
  unauthenticated: [401, 'Unauthenticated'],
  'body-too-large': [413, 'Body too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'not-acceptable': [406, 'Not acceptable'],
  malformed: [400, 'Malformed request'],
  'request-timeout': [408, 'Request timeout'],
  'role-not-allowed': [403, 'Role not allowed'],
  'validation-failed': [400, 'Validation failed'],
  'purpose-missing': [400, 'Purpose missing'],
  'not-found': [404, 'Not found'],
  'other-office': [403, 'Other office'],
  'other-origin': [403, 'Other origin'],
  'idempotency-key-reused': [422, 'Idempotency key reused'],
  'revision-mismatch': [412, 'Revision mismatch'],
  'too-many-requests': [429, 'Too many requests'],
  'store-unavailable': [503, 'Store unavailable'],
  'read-model-behind': [503, 'Read model behind'],
  'safeguards-behind': [503, 'Safeguards behind'],
  internal: [500, 'Internal error'],
};
const RETRY_AFTER_SECONDS = '2';

/** RFC 9457. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: string;
  readonly correlationId: string;
  readonly errors: readonly (Fault | Violation)[];
}

export const statusOf = (code: string): number => TABLE[code]?.[0] ?? 409;
const titleOf = (code: string): string => TABLE[code]?.[1] ?? sentence(code);
function sentence(code: string): string {
  const words = code.split('-').map(word => (word === 'us' ? 'US' : word));
  return words.join(' ').replace(/^./, first => first.toUpperCase());
}

export function problem(
  code: string,
  detail: string | undefined,
  correlationId: string,
  errors: readonly (Fault | Violation)[] = [],
  details: object = {},
): ProblemDetails {
  const own = {
    type: `urn:problem-type:caseledger:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail,
    code,
    correlationId,
    errors,
  };
  return { ...own, ...details, ...own };
}

type Told = Pick<ProblemDetails, 'code' | 'detail'> & {
  readonly errors?: ProblemDetails['errors'];
  readonly details?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Turns whatever was thrown into an answer. What nobody foresaw is a 500 that says nothing but is logged. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  constructor(private readonly refusals: Refusals) {
    refusals.foresee(Object.keys(TABLE).filter(code => statusOf(code) >= 500));
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    // From the answer, where there is one already: a repeat gets the first one's.
    const correlationId = String(reply.getHeader('x-correlation-id') ?? request.caller?.correlationId ?? randomUUID());
    const told = this.tell(error, request, correlationId);
    reply.header('x-correlation-id', correlationId);
    if (told.headers) reply.headers(told.headers);
    const body = problem(told.code, told.detail, correlationId, told.errors, told.details);
    this.refusals.count(body.code);
    // As text: Fastify would look for a serializer of the media type with every object.
    reply.status(body.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(body));
  }

  private tell(error: unknown, request: FastifyRequest, correlationId: string): Told {
    if (error instanceof DomainError) return { code: error.code, detail: error.message, errors: error.violations, details: error.details };
    if (error instanceof ValidationFailed) return { code: error.code, detail: error.message, errors: error.faults };
    if (error instanceof Unauthenticated)
      return {
        code: 'unauthenticated',
        detail: error.message,
        headers: { 'www-authenticate': error.sent ? 'Bearer error="invalid_token"' : 'Bearer' },
      };
    if (error instanceof Refused) return this.refused(error);
    if (error instanceof StoreUnavailable || error instanceof DatabaseUnavailable) {
      this.logger.warn({ msg: error.message, correlationId });
      return {
        code: 'store-unavailable',
        detail: 'A store that is needed cannot be reached. The same request may be sent again.',
        headers: { 'retry-after': RETRY_AFTER_SECONDS },
      };
    }
    if (error instanceof UnknownEvent) {
      this.logger.error({ msg: error.message, correlationId });
      return {
        code: 'store-unavailable',
        detail: 'What is stored comes of a newer version of the service, which may answer. The same request may be sent again.',
        headers: { 'retry-after': RETRY_AFTER_SECONDS },
      };
    }
    if (isHungUp(error, request)) return UNREADABLE;
    const foreign = ofFramework(error);
    if (foreign) return foreign;
    this.logger.error({ msg: cannotGetBetter(error) ? reasonOf(error) : nameOf(error), stack: framesOf(error), correlationId });
    return { code: 'internal', detail: undefined };
  }

  private refused({ code, message, retryAfter }: Refused): Told {
    const seconds = retryAfter === undefined ? undefined : String(retryAfter);
    return {
      code,
      detail: message,
      ...(statusOf(code) === 503 || seconds !== undefined ? { headers: { 'retry-after': seconds ?? RETRY_AFTER_SECONDS } } : {}),
    };
  }
}

const UNREADABLE: Told = { code: 'malformed', detail: 'The request cannot be read.' };

/** The sender went away, or was cut off, before all of the body had come. Nobody is left to be told. */
const isHungUp = (error: unknown, { raw }: FastifyRequest): boolean =>
  raw.destroyed && !raw.complete && (error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET';

const FRAMEWORK: Readonly<Record<number, Told>> = {
  400: UNREADABLE,
  401: { code: 'unauthenticated', detail: 'A valid bearer token is needed.' },
  403: { code: 'role-not-allowed', detail: 'The roles of this token do not allow this.' },
  404: { code: 'not-found', detail: 'There is nothing at this address.' },
  405: { code: 'not-found', detail: 'There is nothing at this address.' },
  406: { code: 'not-acceptable', detail: 'This cannot be given in a form that Accept allows.' },
  413: { code: 'body-too-large', detail: 'The body is larger than 1 MiB.' },
  414: { code: 'malformed', detail: 'The address is too long.' },
  415: { code: 'unsupported-media-type', detail: 'A body must be application/json.' },
  429: { code: 'too-many-requests', detail: 'Too many requests.' },
};

/** What Fastify and Nest throw: their own words may repeat what was sent, so they are replaced. */
function ofFramework(error: unknown): Told | undefined {
  const status = error instanceof HttpException ? error.getStatus() : fastifyStatus(error);
  return status === undefined ? undefined : FRAMEWORK[status];
}

function fastifyStatus(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  return typeof code === 'string' && code.startsWith('FST_') && typeof statusCode === 'number' ? statusCode : undefined;
}

// The message of an unforeseen error may repeat personal data; its name and frames do not.
const nameOf = (error: unknown): string => (error instanceof Error ? `Unforeseen ${error.name}` : 'Unforeseen error');
const framesOf = (error: unknown): string | undefined =>
  error instanceof Error
    ? error.stack
        ?.split('\n')
        .filter(line => /^\s+at /.test(line))
        .join('\n')
    : undefined;
