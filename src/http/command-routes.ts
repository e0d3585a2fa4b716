import type { Type } from '@nestjs/common';
import type { Act } from '../event-store/act.js';
import type { Role } from './roles.js';

/** One line of a routing table: a command, who may send it, and what the documentation says of it. */
export interface CommandRoute<C extends Act = Act> {
  /** Its name is the path: `StartScreening` is `start-screening`. */
  readonly command: Type<C>;
  readonly roles: readonly Role[];
  readonly summary: string;
  /** The codes that its rules may refuse with. */
  readonly codes: readonly string[];
  /** The statuses in which it is taken; any, unless told. */
  readonly takenIn?: readonly string[];
  /** A body that fits; made from the examples of its fields unless told. */
  readonly example?: object;
  /** Posted to the collection itself: it makes the stream. */
  readonly creates?: boolean;
  readonly path?: string;
  /** Whether it first waits until processes have answered all that was stored before: it must not outrun a safeguard. */
  waitsForSafeguards?(command: C): boolean;
}

export interface CommandRoutes {
  /** The collection, `v1/cases`. */
  readonly path: string;
  /** The path's parameter, and the first key of an answer. */
  readonly idParam: string;
  readonly idKey: string;
  /** What ids look like: UUIDs, or these alone. */
  readonly ids: 'uuid' | readonly string[];
  readonly routes: readonly CommandRoute[];
  readonly tag: string;
}

export const kebabCase = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Where a command is posted, without a leading slash: `v1/cases/:caseId/start-screening`. */
export function pathOf({ idParam }: Pick<CommandRoutes, 'idParam'>, { command, creates, path }: CommandRoute): string {
  if (creates) return path ?? '';
  return `:${idParam}/${path ?? kebabCase(command.name)}`;
}
