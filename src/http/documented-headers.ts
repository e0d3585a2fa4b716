import { ApiExtension, type ReferenceObject } from '@nestjs/swagger';

type Described = Readonly<Record<string, unknown>> & { readonly description: string };

/** What an answer says of itself beside its body; where it is named for an answer, it is always there. */
export const ANSWER_HEADERS = {
  'X-Correlation-Id': { description: 'As sent, or made.', schema: { type: 'string' } },
  ETag: {
    description: 'The revision that the answer is of, in quotes.',
    required: true,
    schema: { type: 'string', pattern: '^"[0-9]+"$' },
  },
  'Consistency-Token': { description: 'Sent with a query, its answer reflects at least this.', required: true, schema: { type: 'string' } },
  Location: { description: 'Where what was made is found.', required: true, schema: { type: 'string', format: 'uri-reference' } },
  'Retry-After': {
    description: 'The seconds after which it may be sent again.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  'WWW-Authenticate': { description: 'How to say who asks: with a bearer token.', required: true, schema: { type: 'string' } },
  'As-Of-Position': {
    description: 'The position of the newest event that the figures reflect.',
    required: true,
    schema: { type: 'string' },
  },
  'Code-Version': { description: 'Which code counted.', required: true, schema: { type: 'string' } },
  Next: { description: 'Where the feed goes on: `after` of the next request.', required: true, schema: { type: 'string' } },
  'Preference-Applied': {
    description: 'The seconds that an answer was allowed to take.',
    schema: { type: 'string', pattern: '^wait=[0-9]+$' },
  },
  'Next-Cursor': {
    description: 'Of a list that is not given as JSON, how to go on: sent as `cursor`. Absent where nothing follows.',
    schema: { type: 'string' },
  },
  'X-Training-Copy': { description: 'The simulated time of this training copy.', schema: { type: 'string', format: 'date-time' } },
  'RateLimit-Limit': { description: 'How many requests a minute are taken, where there is a limit.', schema: { type: 'string' } },
  'RateLimit-Remaining': { description: 'How many more are taken in this minute.', schema: { type: 'string' } },
  'RateLimit-Reset': { description: 'The seconds until the next minute.', schema: { type: 'string' } },
} as const satisfies Readonly<Record<string, Described>>;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** What may be said with a request, beside its body. No example: Swagger UI would send it. */
export const REQUEST_HEADERS = {
  'X-Correlation-Id': {
    description: 'Taken over into the answer, the log and what is stored, in the open; or made.',
    schema: { type: 'string', minLength: 1, maxLength: 100 },
  },
  'X-Purpose': {
    description: 'Why the file is read or searched, kept in the record of access; an auditor must say it.',
    schema: { type: 'string', maxLength: 200 },
  },
  'Consistency-Token': { description: 'As a command returned it: the answer reflects at least that command.', schema: { type: 'string' } },
  Prefer: {
    description: '`wait=20`: where there is nothing new, the answer may wait so many seconds for it (RFC 7240), 30 at most.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    description: 'Names the command: sent again with the same body it gets the first answer again.',
    schema: { type: 'string', format: 'uuid' },
  },
  'If-Match': {
    description: 'The `ETag` of an answer: the command counts only while the stream is at this revision.',
    schema: { type: 'string', pattern: '^"[0-9]{1,15}"$' },
  },
} as const satisfies Readonly<Record<string, Described>>;
export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** The extension that `openApiDocument` turns into references to the parameters. */
export const ASKED_WITH = 'x-asked-with';
export const askedWith = (headers: readonly RequestHeader[]): MethodDecorator => ApiExtension(ASKED_WITH, [...headers]) as MethodDecorator;

const headerReference = (name: AnswerHeader): ReferenceObject => ({ $ref: `#/components/headers/${name}` });

export const answeredWith = (...headers: readonly AnswerHeader[]): Record<string, ReferenceObject> =>
  Object.fromEntries(['X-Correlation-Id' as const, ...headers].map(name => [name, headerReference(name)]));

/** Those that a refusal has only sometimes. */
export const maybeAnsweredWith = (...headers: readonly AnswerHeader[]): object =>
  Object.fromEntries(headers.map(name => [name, { ...ANSWER_HEADERS[name], required: false }]));

/** The parameters and headers that operations refer to. */
export const documentedHeaders = {
  headers: ANSWER_HEADERS as Readonly<Record<string, object>>,
  parameters: Object.fromEntries(
    Object.entries(REQUEST_HEADERS).map(([name, header]) => [name, { name, in: 'header' as const, required: false, ...header }]),
  ),
};
