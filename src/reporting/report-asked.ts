import { misfit } from '../event-store/rule.js';
import { Day, Optional, PartnerCountry } from '../fields/fields.js';

/** Which days and which agreement a report is asked for; without them, all. */
export class ReportAsked {
  @PartnerCountry() @Optional() readonly country?: string;
  @Day({ example: '2020-01-01', description: 'The first day that counts, UTC.' }) @Optional() readonly from?: string;
  @Day({ example: '2020-12-31', description: 'The last day that counts, UTC.' }) @Optional() readonly to?: string;
}

/** @throws ValidationFailed where the days end before they begin */
export function requireDaysInOrder({ from, to }: Pick<ReportAsked, 'from' | 'to'>): void {
  if (from !== undefined && to !== undefined && from > to) throw misfit('/from', 'invalid', 'must not be after to');
}
