import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Actor, Position } from '../event-store/event-store.js';
import type { ConsistencyTokens } from './consistency.js';
import { isText, tidied } from '../fields/formats.js';
import { type Fault, ValidationFailed } from '../fields/validation.js';

/** Who asks, and what the headers say about the asking. */
export interface RequestContext {
  /** Null on the routes that need no token. */
  actor: Actor | null;
  readonly correlationId: string;
  /** Why a file is read or searched, as X-Purpose states it; at most 200 characters. */
  readonly purpose?: string;
  /** The position that the answer to a query must at least reflect. */
  readonly consistencyToken?: Position;
  /** What is wrong with the headers above; refused with the other faults of the request. */
  faults: readonly Fault[];
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: RequestContext;
  }
  interface FastifyContextConfig {
    produces?: readonly string[];
  }
}

const VISIBLE_ASCII = /^[\x21-\x7e]{1,100}$/;
const LONGEST_PURPOSE = 200;

export function contextOf(headers: IncomingHttpHeaders): RequestContext {
  const faults: Fault[] = [];
  const sent = headers['x-correlation-id'] as string | undefined;
  const fits = sent === undefined || VISIBLE_ASCII.test(sent);
  if (!fits) faults.push(headerFault('X-Correlation-Id', 'must be 1 to 100 visible ASCII characters'));
  return {
    actor: null,
    correlationId: sent !== undefined && fits ? sent : randomUUID(),
    purpose: purposeOf(headers['x-purpose'] as string | undefined, faults),
    consistencyToken: headers['consistency-token'] as string | undefined,
    faults,
  };
}

export const headerFault = (name: string, message: string): Fault => ({ code: 'invalid', message: `${name} ${message}` });

/** Node reads headers as Latin-1; people write them in UTF-8. In what cannot be seen no purpose is stated. */
function purposeOf(header: string | undefined, faults: Fault[]): string | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, 'latin1');
  const purpose = tidied(isUtf8(bytes) ? bytes.toString('utf8') : header);
  if (Array.from(purpose).length > LONGEST_PURPOSE) faults.push(headerFault('X-Purpose', `must be at most ${LONGEST_PURPOSE} characters`));
  return isText(purpose, LONGEST_PURPOSE) ? purpose : undefined;
}

/** The `RequestContext` of the request, as a parameter of a route's method. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext => context.switchToHttp().getRequest<FastifyRequest>().caller,
);

const SHOWS_PERSON = 'http:shows-person';
const REFUSES_HEADERS_ITSELF = 'http:refuses-headers-itself';

declare const ON_RECORD: unique symbol;
/** An answer of which it was recorded who read it; only the access records make one. */
export type OnRecord<A> = A & { readonly [ON_RECORD]: true };
type OnlyRecorded = <H extends (...asked: never[]) => Promise<OnRecord<unknown>>>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<H>,
) => void;

/** A read that shows a person: an auditor must say what for, and one that is not recorded does not compile. */
export const ShowsPerson = (): OnlyRecorded => SetMetadata(SHOWS_PERSON, true);
/** The route reports faults of the headers together with those of its body. */
export const RefusesHeadersItself = (): MethodDecorator & ClassDecorator => SetMetadata(REFUSES_HEADERS_ITSELF, true);

@Injectable()
export class HeadersGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: ConsistencyTokens,
  ) {}

  /** @throws ValidationFailed, of code `purpose-missing` where only that is wrong */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    const fault = caller.consistencyToken === undefined ? undefined : await this.tokens.faultOf(caller.consistencyToken);
    if (fault) caller.faults = [...caller.faults, fault];
    const of = (key: string): boolean =>
      this.reflector.getAllAndOverride<boolean | undefined>(key, [context.getHandler(), context.getClass()]) === true;
    if (caller.faults.length > 0 && !of(REFUSES_HEADERS_ITSELF)) throw new ValidationFailed(caller.faults);
    if (caller.actor?.roles.includes('auditor') && caller.purpose === undefined && of(SHOWS_PERSON)) {
      throw new ValidationFailed(
        [{ code: 'purpose-missing', message: 'X-Purpose must say why the file is read or searched.' }],
        'purpose-missing',
      );
    }
    return true;
  }
}
