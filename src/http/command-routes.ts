import type { UseCase } from '../event-store/use-case.js';

/** What of a use case the outside needs. */
export interface CommandRoute
  extends
    Pick<UseCase<never, never>, 'command' | 'roles' | 'summary' | 'codes'>,
    Partial<Pick<UseCase<never, never>, 'in' | 'creates' | 'shows' | 'waitsForSafeguards'>> {
  /** The events that it may store. */
  readonly leadsTo?: readonly string[];
  /** A body that fits; made from the examples of its fields unless told. */
  readonly example?: object;
  /** Its event may be the first of a stream that nothing makes: that is a 201. */
  readonly begins?: boolean;
}

export interface CommandRoutes {
  /** The collection, `v1/cases`. */
  readonly path: string;
  /** The path's parameter, and the first key of an answer. */
  readonly id: string;
  /** What ids look like: UUIDs, or these alone. */
  readonly ids: 'uuid' | readonly string[];
  readonly routes: readonly CommandRoute[];
  readonly tag: string;
}

export const kebabCase = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Where a command is posted, without a leading slash: `v1/cases/:caseId/start-screening`. */
export const pathOf = ({ id }: Pick<CommandRoutes, 'id'>, { command, creates }: CommandRoute): string =>
  creates ? '' : `:${id}/${kebabCase(command.type)}`;
