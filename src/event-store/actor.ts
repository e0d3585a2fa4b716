import type { Actor } from './event-store.js';

export const ROLES = ['caseworker', 'supervisor', 'liaison', 'admin', 'auditor', 'reporting'] as const;
export type Role = (typeof ROLES)[number];

/** In whose name processes act. What the events keep of it is a name like any other: no claim, no request can be it. */
export const SYSTEM: Actor = Object.freeze({ id: 'system', roles: Object.freeze(['system']), office: null });

/** Whether the code itself acts: it is this very object that says so, never what stands in it. */
export const isSystem = (actor: Actor): boolean => actor === SYSTEM;
