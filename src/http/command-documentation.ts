import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiParam,
  ApiResponse,
  ApiSchema,
  getSchemaPath,
  IntersectionType,
  type ContentObject,
} from '@nestjs/swagger';
import type { CommandClass } from '../event-store/act.js';
import { Matching, OneOf, Rows, Uuid, WholeNumber } from '../fields/fields.js';
import { camelCase, type CommandRoute, type CommandRoutes } from './command-routes.js';
import { answeredWith } from './documented-headers.js';
import { exampleOf } from '../fields/examples.js';
import { documented } from './operation.js';

/** Codes that any command may be refused with. */
const EVERY_COMMAND = ['not-found', 'other-office', 'idempotency-key-reused', 'revision-mismatch'];
const SOME_UUID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const MADE = 'It was made.';
const DONE = 'It was done; without events there was nothing to do.';

/** Everything that the documentation says of one command. */
export function describeCommand(routes: CommandRoutes, route: CommandRoute): MethodDecorator {
  const { command, roles, summary, in: statuses, example = exampleOf(command), creates = false } = route;
  const operationId = camelCase(schemaName(command, routes.tag));
  return applyDecorators(
    documented({
      summary,
      roles,
      codes: codesOf(route),
      tag: routes.tag,
      operationId,
      takenIn: statuses === 'always' ? undefined : statuses,
      askedWith: ['Idempotency-Key', 'If-Match'],
    }),
    ApiBody({ type: command, required: Object.keys(example).length > 0, examples: { example: { value: example } } }),
    ...(creates ? [] : [idParameter(routes)]),
    ...commandAnswers(routes, route),
  );
}

const codesOf = ({ codes, creates, waitsForSafeguards }: CommandRoute): readonly string[] => [
  ...EVERY_COMMAND,
  ...(creates ? ['already-exists'] : []),
  ...(waitsForSafeguards ? ['safeguards-behind'] : []),
  ...codes,
];

const idParameter = ({ id, ids }: CommandRoutes): MethodDecorator =>
  ApiParam({
    name: id,
    schema: ids === 'uuid' ? { type: 'string', format: 'uuid' } : { type: 'string', enum: [...ids] },
    example: ids === 'uuid' ? SOME_UUID : ids[0],
  });

/** How a command is answered: a 201 where its event is the first of the stream. */
function commandAnswers(routes: CommandRoutes, route: CommandRoute): MethodDecorator[] {
  const { creates = false, begins = false, shows, leadsTo: [type] = [] } = route;
  const answer = receiptOf(routes, shows && { shows, name: `${schemaName(route.command, routes.tag)}Receipt` });
  const content = (revision: number): ContentObject => {
    const events = type === undefined ? [] : [{ id: SOME_UUID, type, revision }];
    const example = { ...(shows && exampleOf(shows)), [routes.id]: routes.ids === 'uuid' ? SOME_UUID : routes.ids[0], revision, events };
    return { 'application/json': { schema: { $ref: getSchemaPath(answer) }, example } };
  };
  const made = ApiResponse({
    status: 201,
    description: MADE,
    headers: answeredWith('ETag', 'Consistency-Token', 'Location'),
    content: content(0),
  });
  const done = ApiResponse({
    status: 200,
    description: DONE,
    headers: answeredWith('ETag', 'Consistency-Token'),
    content: content(7),
  });
  return [ApiExtraModels(answer), ...(creates || begins ? [made] : []), ...(creates ? [] : [done])];
}

class StoredEvent {
  @Uuid() readonly id!: string;
  @Matching(/^[A-Z][A-Za-z]*$/, 'must be the name of an event') readonly type!: string;
  @WholeNumber() readonly revision!: number;
}

class Receipt {
  @WholeNumber() readonly revision!: number;
  @Rows(() => StoredEvent) readonly events!: readonly StoredEvent[];
}

const receipts = new Map<string, Type>();

/** The class of an answer to a command: it has the stream's own id, and what else the command shows. */
function receiptOf({ tag, id, ids }: CommandRoutes, more?: { readonly shows: Type; readonly name: string }): Type {
  const name =
    more?.name ??
    `${tag
      .split('-')
      .map(word => word.charAt(0).toUpperCase() + word.slice(1))
      .join('')}Receipt`;
  const known = receipts.get(name);
  if (known) return known;
  const receipt = class extends (more ? IntersectionType(Receipt, more.shows) : Receipt) {};
  const prototype: Record<string, string> = receipt.prototype;
  (ids === 'uuid' ? Uuid() : OneOf(ids))(prototype, id);
  ApiSchema({ name })(receipt);
  receipts.set(name, receipt);
  return receipt;
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
