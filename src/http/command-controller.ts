import { Controller, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock } from '../database/clock.js';
import type { Receipt } from '../event-store/act.js';
import { DomainError } from '../event-store/domain-error.js';
import { Safeguards } from '../reacting/safeguards.js';
import { describeCommand } from './command-documentation.js';
import { commandOf } from './command-request.js';
import { camelCase, pathOf, type CommandRoute, type CommandRoutes } from './command-routes.js';
import { ConsistencyTokens } from './consistency.js';
import { RefusesHeadersItself } from './request-context.js';
import { Roles } from './roles.js';

type Answer = Readonly<Record<string, unknown>>;

/** A controller with one POST for each command that a person may send. */
export function commandController(routes: CommandRoutes): Type {
  @Controller(routes.path)
  class CommandController {
    constructor(
      @Inject(CommandBus) private readonly bus: CommandBus,
      @Inject(Clock) private readonly clock: Clock,
      @Inject(ConsistencyTokens) private readonly tokens: ConsistencyTokens,
      @Inject(Safeguards) private readonly safeguards: Safeguards,
    ) {}

    protected async execute(route: CommandRoute, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
      const receipt = await this.clock.during(() =>
        this.bus.execute(commandOf(routes, route, request, this.clock.now(), () => this.safeguards.answered())),
      );
      reply.headers({
        etag: `"${receipt.revision}"`,
        'consistency-token': await this.tokens.of(receipt),
        'x-correlation-id': receipt.correlationId,
      });
      const [refusal] = receipt.refused ?? [];
      if (refusal) throw new DomainError(refusal.code, refusal.message, receipt.refused);
      return answer(routes, receipt, reply);
    }
  }

  for (const route of routes.routes) addRoute(CommandController, routes, route);
  Object.defineProperty(CommandController, 'name', { value: `${routes.tag.replaceAll(/\W/g, '')}CommandController` });
  return CommandController;
}

/** The body's first key is the stream's own; what made the stream is a 201, also when it is asked again. */
function answer({ path, id }: CommandRoutes, { streamId, revision, events, shown }: Receipt, reply: FastifyReply): Answer {
  const created = events[0]?.revision === 0;
  reply.status(created ? 201 : 200);
  if (created) reply.header('location', `/${path}/${streamId}`);
  return { [id]: streamId, revision, events, ...shown };
}

interface Executes {
  execute(route: CommandRoute, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/** Adds the method to the class as decorators would: Nest and Swagger find it in no other way. */
function addRoute(controller: Type, routes: CommandRoutes, route: CommandRoute): void {
  const prototype = controller.prototype as Record<string, unknown>;
  const name = camelCase(route.command.type);
  const method = {
    [name](this: Executes, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      return this.execute(route, request, reply);
    },
  }[name];
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  // With every reply sent by Nest (`passthrough`); one that was sent already is left alone.
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
  const decorators = [Post(pathOf(routes, route)), Roles(...route.roles), RefusesHeadersItself(), describeCommand(routes, route)];
  for (const decorate of decorators) decorate(prototype, name, descriptor);
}
