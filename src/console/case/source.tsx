import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client';

/** What was carried over from the file of a duplicate says from which, and from which event there. */
export const SourceOf = ({ from }: { readonly from: Schemas['ShownSource'] }): ReactNode => (
  <span className="beside">
    from <Link href={`/cases/${from.caseId}`}>{`case ${from.caseId}`}</Link>, event {from.eventId}
  </span>
);
