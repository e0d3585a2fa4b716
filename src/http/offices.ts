import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';

/** The one office whose cases the person may read; null for who works for all of them. */
export const officeReadBy = ({ roles, office }: Actor): string | null =>
  roles.includes('liaison') || roles.includes('auditor') ? null : (office ?? '');

export const OTHER_OFFICE = 'The case belongs to another office.';

/** @throws DomainError `other-office` */
export function assertReadable(actor: Actor, office: string): void {
  const own = officeReadBy(actor);
  if (own !== null && own !== office) throw new DomainError('other-office', OTHER_OFFICE);
}
