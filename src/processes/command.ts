import type { Act } from '../event-store/act.js';

/** A command of the system, which has no body to be checked. */
export const command = <C extends Act>(type: new () => C, fields: Omit<C, keyof Act> & { readonly occurredAt?: string }): C =>
  Object.assign(new type(), fields);
