import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ROLES, type Role } from '../event-store/actor.js';
import { DomainError } from '../event-store/domain-error.js';
import type { FastifyRequest } from 'fastify';

export { ROLES, type Role };

/** Roles that work on cases, which belong to offices: a token with one names its holder's. */
export const OFFICE_ROLES: readonly Role[] = ['caseworker', 'supervisor', 'liaison'];

/** Roles whose reach is too wide, or too blind, to be held together with another. */
const ALONE: readonly Role[] = ['auditor', 'reporting'];

export const isRole = (value: unknown): value is Role => (ROLES as readonly unknown[]).includes(value);
export const mayBeCombined = (roles: readonly string[]): boolean =>
  roles.length < 2 || !roles.some(role => (ALONE as readonly string[]).includes(role));

const REQUIRED = 'http:roles';
/** Who may use the route at all: any one of these roles. A route that needs a token and names none is closed. */
export const Roles = (...roles: readonly Role[]): MethodDecorator & ClassDecorator => SetMetadata(REQUIRED, roles);

@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  /** @throws DomainError `role-not-allowed` */
  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!caller.actor) return true;
    const allowed = this.reflector.getAllAndOverride<readonly Role[] | undefined>(REQUIRED, [context.getHandler(), context.getClass()]);
    if (!allowed?.some(role => caller.actor?.roles.includes(role))) throw roleNotAllowed();
    return true;
  }
}

export const roleNotAllowed = (): DomainError => new DomainError('role-not-allowed', 'The roles of this token do not allow this.');
