import type { Type } from '@nestjs/common';
import type { ICommandHandler } from '@nestjs/cqrs';
import { Decider, handlerFor } from '../event-store/decider.js';
import type { DomainEvent } from '../event-store/stream-kind.js';
import type { CommandedStream, UseCase } from '../event-store/use-case.js';
import { commandController } from './command-controller.js';

export interface UseCases<S, E extends DomainEvent> {
  readonly decider: Decider<S, E>;
  readonly handlers: readonly Type<ICommandHandler>[];
  /** Of the commands that people may send; none where there are none. */
  readonly controllers: readonly Type[];
}

/** All that is made from the lines of a stream. @throws Error where a command has two lines */
export function useCases<S, E extends DomainEvent>(stream: CommandedStream<S, E>, lines: readonly UseCase<S, E>[]): UseCases<S, E> {
  const decider = new Decider(stream, lines);
  const { resource } = stream;
  const routes = lines.filter(({ roles }) => roles.length > 0).map(line => ({ ...line, begins: mayBegin(stream, line) }));
  return {
    decider,
    handlers: lines.map(line => line.handler ?? handlerFor(decider, line)),
    controllers: resource ? [commandController({ ...resource, tag: resource.path.replace('v1/', ''), routes })] : [],
  };
}

/** Whether its event may be the first of a stream that no command makes. */
const mayBegin = <S, E extends DomainEvent>({ kind, statusOf }: CommandedStream<S, E>, { in: statuses }: UseCase<S, E>): boolean =>
  kind.alwaysExists === true && (statuses === 'always' || statuses.includes(statusOf?.(kind.initial, START_OF_TIME) ?? ''));
const START_OF_TIME = '0000-01-01T00:00:00Z';
