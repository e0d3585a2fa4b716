import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Act } from '../event-store/act.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import type { CommandRoute, CommandRoutes } from './command-routes.js';
import { isUuid } from '../fields/formats.js';
import { headerFault } from './request-context.js';
import { roleNotAllowed } from './roles.js';
import { examined, type Fault, ValidationFailed } from '../fields/validation.js';

const URL_NAMESPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
const STRONG_ETAG = /^"(\d{1,15})"$/;

/**
 * The command that a request asks for, with stream and context set.
 * @param safeguards resolves when it may be decided, where its route waits for that
 * @throws ValidationFailed with every fault of path, headers and body; DomainError `not-found` for an id that cannot be
 */
export function commandOf(
  routes: CommandRoutes,
  route: CommandRoute,
  request: FastifyRequest,
  now: string,
  safeguards: () => Promise<void>,
): Act {
  const { command, creates = false } = route;
  const { caller, headers } = request;
  if (!caller.actor) throw roleNotAllowed();
  const faults: Fault[] = [...caller.faults];
  const key = idempotencyKey(headers['idempotency-key'] as string | undefined, faults);
  const ifMatch = revisionOf(headers['if-match'], faults);
  const pathId = creates ? undefined : idInPath(routes, request, faults);
  const { value, faults: bodyFaults } = examined(command, request.body, now, caller.actor.id);
  if (faults.length + bodyFaults.length > 0) throw new ValidationFailed([...faults, ...bodyFaults]);
  if (pathId !== undefined && routes.ids !== 'uuid' && !routes.ids.includes(pathId))
    throw new DomainError('not-found', 'There is no such record.');

  const commandId = key ?? randomUUID();
  const waitFor = route.waitsForSafeguards?.(value) ? safeguards : undefined;
  return Object.assign(value, {
    streamId: pathId ?? newStreamId(value, routes.id, caller.actor.id, key),
    context: { actor: caller.actor, commandId, correlationId: caller.correlationId, causationId: commandId, ifMatch, waitFor, now },
  });
}

function idInPath({ ids, id: parameter }: CommandRoutes, request: FastifyRequest, faults: Fault[]): string {
  const id = (request.params as Readonly<Record<string, string>>)[parameter] ?? '';
  if (ids !== 'uuid') return id;
  if (!isUuid(id)) faults.push({ pointer: `/${parameter}`, code: 'invalid', message: 'must be a UUID' });
  return id.toLowerCase();
}

/** The body's own id, or one that a repeat of the same key gets again. */
function newStreamId(command: object, parameter: string, sub: string, key: string | undefined): string {
  const given = (command as Readonly<Record<string, unknown>>)[parameter];
  if (typeof given === 'string') return given;
  return key === undefined ? randomUUID() : uuidV5(`${sub}\n${key}`, URL_NAMESPACE);
}

function idempotencyKey(header: string | undefined, faults: Fault[]): string | undefined {
  if (header === undefined) return undefined;
  if (!isUuid(header)) faults.push(headerFault('Idempotency-Key', 'must be a UUID'));
  return header.toLowerCase();
}

function revisionOf(header: string | undefined, faults: Fault[]): number | undefined {
  if (header === undefined) return undefined;
  const revision = STRONG_ETAG.exec(header)?.[1];
  if (revision === undefined) faults.push(headerFault('If-Match', 'must be one ETag as a command returned it, such as "7"'));
  return Number(revision);
}
