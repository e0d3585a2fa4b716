import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiResponse, ApiSchema } from '@nestjs/swagger';
import type { CommandClass } from '../event-store/act.js';
import { camelCase, type CommandRoute, type CommandRoutes } from './command-routes.js';
import { exampleOf } from '../fields/examples.js';
import { documented } from './operation.js';

/** Codes that any command may be refused with. */
const EVERY_COMMAND = [
  'request-timeout', 'body-too-large', 'unsupported-media-type', 'not-found', 'other-office', 'idempotency-key-reused', 'revision-mismatch',
];
const SOME_UUID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';

/** Everything that the documentation says of one command. */
export function describeCommand(routes: CommandRoutes, route: CommandRoute): MethodDecorator {
  const { command, roles, summary, in: statuses, example = exampleOf(command), creates = false } = route;
  const operationId = camelCase(schemaName(command, routes.tag));
  return applyDecorators(
    documented({ summary, roles, codes: codesOf(route), tag: routes.tag, operationId, takenIn: statuses === 'always' ? undefined : statuses }),
    ApiBody({ type: command, required: Object.keys(example).length > 0, examples: { example: { value: example } } }),
    ...(creates ? [] : [idParameter(routes)]),
    ...HEADERS.map(header => ApiHeader({ required: false, ...header })),
    ApiResponse({ status: creates ? 201 : 200, description: creates ? 'It was made.' : 'It was done; without events there was nothing to do.', schema: receiptSchema(routes), headers: ANSWER_HEADERS }),
  ) as MethodDecorator;
}

const codesOf = ({ codes, creates, waitsForSafeguards }: CommandRoute): readonly string[] =>
  [...EVERY_COMMAND, ...(creates ? ['already-exists'] : []), ...(waitsForSafeguards ? ['safeguards-behind'] : []), ...codes];

const idParameter = ({ id, ids }: CommandRoutes): MethodDecorator =>
  ApiParam({ name: id, schema: ids === 'uuid' ? { type: 'string', format: 'uuid' } : { type: 'string', enum: [...ids] }, example: ids === 'uuid' ? SOME_UUID : ids[0] } as never);

const HEADERS = [
  { name: 'Idempotency-Key', description: 'Names the command: sent again with the same body it gets the first answer again.', schema: { type: 'string', format: 'uuid' } },
  { name: 'If-Match', description: 'The command counts only while the stream is at this revision.', schema: { type: 'string', pattern: '^"[0-9]+"$' }, example: '"6"' },
  { name: 'X-Correlation-Id', description: 'Taken over into the events and the answer, or made.', schema: { type: 'string', minLength: 1, maxLength: 100 } },
] as const;

const ANSWER_HEADERS = {
  ETag: { description: 'The revision of the stream.', schema: { type: 'string' } },
  'Consistency-Token': { description: 'Sent with a query, its answer reflects at least this command.', schema: { type: 'string' } },
  'X-Correlation-Id': { description: 'As sent, or made.', schema: { type: 'string' } },
} as const;

function receiptSchema({ id: key, ids }: CommandRoutes): object {
  const id = ids === 'uuid' ? { type: 'string', format: 'uuid' } : { type: 'string', enum: [...ids] };
  const event = { type: 'object', required: ['id', 'type', 'revision'], properties: { id: { type: 'string', format: 'uuid' }, type: { type: 'string' }, revision: { type: 'integer', minimum: 0 } } };
  const properties = { [key]: id, revision: { type: 'integer', minimum: 0 }, events: { type: 'array', items: event } };
  return { type: 'object', required: Object.keys(properties), properties, example: { [key]: ids === 'uuid' ? SOME_UUID : ids[0], revision: 7, events: [{ id: SOME_UUID, type: 'EventStored', revision: 7 }] } };
}

const named = new Map<string, CommandClass>();

/** Schemas share one namespace: the second class of a name gets its tag in front. */
function schemaName(command: CommandClass, tag: string): string {
  const taken = named.get(command.type);
  const name = taken === undefined || taken === command ? command.type : `${tag.replaceAll(/\W/g, '')}${command.type}`;
  named.set(name, command);
  ApiSchema({ name })(command);
  return name;
}
