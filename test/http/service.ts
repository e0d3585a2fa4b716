import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Global, Module, Param, Query, type Type } from '@nestjs/common';
import { CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config, readConfig } from '../../src/config.js';
import { Clock } from '../../src/database/clock.js';
import { Act, type Receipt } from '../../src/event-store/act.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { createApplication, listen, stop } from '../../src/http/application.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { commandController } from '../../src/http/command-controller.js';
import {
  AnyJson,
  AnyText,
  Code,
  Nested,
  Nullable,
  OccurredAt,
  OneOf,
  Optional,
  ShortText,
  Text,
  TextList,
  Uuid,
  WholeNumber,
} from '../../src/fields/fields.js';
import { JsonLogger } from '../../src/http/logging.js';
import { Produces } from '../../src/http/message.js';
import { Operation } from '../../src/http/operation.js';
import { Safeguards } from '../../src/reacting/safeguards.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../../src/http/request-context.js';
import { ROLES, type Role } from '../../src/http/roles.js';

const NOW = '2020-01-13T15:00:00Z';
export const SOME_ID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';

class Label {
  @ShortText({ personal: true }) readonly text!: string;
  @Code() readonly colour!: string;
}

/** An invented command, so that nothing here depends on a feature. */
export class OpenBox extends Act {
  static readonly type = 'OpenBox';

  @Uuid() @Optional() readonly boxId?: string;
  @Nested(() => Label) readonly label!: Label;
  @OneOf(['small', 'large']) readonly size!: string;
  @TextList({ max: 3 }) @Optional() readonly tags?: readonly string[];
}
export class FillBox extends Act {
  static readonly type = 'FillBox';

  @Text({ personal: true }) readonly content!: string;
  @OccurredAt() override readonly occurredAt?: string;
}
export class SealBox extends Act {
  static readonly type = 'SealBox';
}
export class StampCrate extends Act {
  static readonly type = 'StampCrate';

  @Code() readonly stamp!: string;
}

export const BOX = { label: { text: 'synthetic', colour: 'dark-red' }, size: 'small' };

/** What the handlers do next; they keep the last command that they got. */
export const handling: { next: (command: Act) => Receipt | Promise<Receipt>; last?: Act } = { next: command => receipt(command) };

export const receipt = ({ streamId, context }: Act, revision = 0): Receipt => ({
  streamId,
  revision,
  events: [{ id: SOME_ID, type: 'BoxChanged', revision }],
  position: '000000000042',
  correlationId: context.correlationId,
  shown: {},
});

const handlers = [OpenBox, FillBox, SealBox, StampCrate].map(command => {
  @CommandHandler(command)
  class Handler implements ICommandHandler<Act> {
    async execute(act: Act): Promise<Receipt> {
      handling.last = act;
      return handling.next(act);
    }
  }
  Object.defineProperty(Handler, 'name', { value: `${command.name}Handler` });
  return Handler;
});

class BoxQuery {
  @WholeNumber({ min: 1, max: 200 }) @Optional() readonly limit?: number;
  @Text() @Optional() readonly q?: string;
}
class BoxPath {
  @Uuid() readonly boxId!: string;
}

const boxes = commandController({
  path: 'v1/boxes',
  id: 'boxId',
  ids: 'uuid',
  tag: 'Boxes',
  routes: [
    { command: OpenBox, roles: ['caseworker', 'supervisor'], summary: 'Open a box', codes: [], example: BOX, creates: true },
    { command: FillBox, roles: ['caseworker'], summary: 'Fill a box', codes: ['wrong-status'], example: { content: 'synthetic' } },
    { command: SealBox, roles: ['supervisor'], summary: 'Seal a box', codes: ['wrong-status', 'box-empty'], example: {} },
  ],
});
const crates = commandController({
  path: 'v1/crates',
  id: 'country',
  ids: ['SV', 'GT', 'HN'],
  tag: 'Crates',
  routes: [{ command: StampCrate, roles: ['admin'], summary: 'Stamp a crate', codes: [], example: { stamp: 'red' } }],
});

class BoxList {
  @AnyJson() readonly rows!: unknown;
  @AnyText() @Nullable() readonly nextCursor!: string | null;
  @Nested(() => BoxQuery) readonly query!: BoxQuery;
  @AnyText() @Nullable() readonly consistencyToken!: string | null;
  @AnyText() @Nullable() readonly purpose!: string | null;
}

@Controller('v1/boxes')
class BoxController {
  @Get()
  @Operation({
    summary: 'All boxes',
    roles: ROLES,
    codes: [],
    tag: 'Boxes',
    answer: BoxList,
    example: { rows: [], nextCursor: null, query: {}, consistencyToken: null, purpose: null },
  })
  @Produces('application/json', 'text/csv')
  list(@Query() query: BoxQuery, @Caller() caller: RequestContext): BoxList {
    return { rows: [], nextCursor: null, query, consistencyToken: caller.consistencyToken ?? null, purpose: caller.purpose ?? null };
  }

  @Get(':boxId')
  @ShowsPerson()
  @Operation({
    summary: 'One box',
    roles: ['caseworker', 'auditor'],
    codes: ['not-found'],
    tag: 'Boxes',
    answer: BoxPath,
    example: { boxId: SOME_ID },
  })
  async one(@Param() { boxId }: BoxPath): Promise<OnRecord<BoxPath>> {
    // There is no store here to keep a record.
    return { boxId } as OnRecord<BoxPath>;
  }
}

@ApiExcludeController()
@Controller('v1/unguarded')
class UnguardedController {
  @Get() show(): object {
    return {};
  }
}

/** Only what is asked of a store here. */
const fakeStore = { newest: async () => '000000000042', isPosition: (text: string) => /^\d{12}$/.test(text) };
const fakeClock: Clock = { now: () => NOW, refresh: async () => {}, during: work => work() };

@Global()
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [boxes, crates, BoxController, UnguardedController],
  providers: [
    ...handlers,
    { provide: Clock, useValue: fakeClock },
    { provide: EventStore, useValue: fakeStore },
    { provide: Safeguards, useValue: {} },
  ],
  exports: [Clock, EventStore],
})
export class BoxModule {}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}
export interface Sending {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly token?: string;
}

export interface Service {
  readonly app: NestFastifyApplication;
  readonly config: Config;
  readonly logs: string[];
  token(roles?: readonly Role[], sub?: string): Promise<string>;
  send(method: string, path: string, sending?: Sending): Promise<Answer>;
  stop(): Promise<void>;
}

/** The real service on a real port, with invented routes. */
export async function startService(env: Readonly<Record<string, string>> = {}, module: Type = BoxModule): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'http-'));
  const config = readConfig({ DATA_DIR: dataDir, PORT: '0', ...env });
  const logs: string[] = [];
  const app = await createApplication(module, config, new JsonLogger(config, { write: line => void logs.push(line) }));
  await listen(app, config);
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    config,
    logs,
    token: (roles = ['caseworker'], sub = 'cw-1') => issueLocalToken(config, { sub, roles, office: 'ELP' }),
    send: (method, path, sending) => exchange(port, method, path, sending),
    stop: async () => {
      await stop(app);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function exchange(port: number, method: string, path: string, { headers = {}, body, raw, token }: Sending = {}): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const sent = {
    ...(payload !== undefined && { 'content-type': 'application/json' }),
    ...(payload !== undefined && headers['transfer-encoding'] === undefined && { 'content-length': String(Buffer.byteLength(payload)) }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers: sent }, response => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
      });
    });
    // A service that refuses a large body may close before all of it was sent.
    request.on('error', error => {
      if (!answered) reject(error);
    });
    request.end(payload);
  });
}

function parsed(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}
