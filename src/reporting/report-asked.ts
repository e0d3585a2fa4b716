import { misfit } from '../event-store/rule.js';
import { Day, OneOf, Optional, PartnerCountry } from '../fields/fields.js';

/** Which days and which agreement a report is asked for; without them, all. */
export class ReportAsked {
  @PartnerCountry() @Optional() readonly country?: string;
  @Day({ example: '2020-01-01', description: 'The first day that counts, UTC.' }) @Optional() readonly from?: string;
  @Day({ example: '2020-12-31', description: 'The last day that counts, UTC.' }) @Optional() readonly to?: string;
}

/** Of a report of which the public may see a part. */
export class PublishedReportAsked extends ReportAsked {
  @OneOf(['public'], {
    description:
      'Counts of 1 to 4 are null, as are those that would give them away and whatever is of single people; whole months. ' +
      'Without it the figures are exact, and for the office alone.',
  })
  @Optional()
  readonly disclosure?: 'public';
}

/** @throws ValidationFailed where the days end before they begin */
export function requireDaysInOrder({ from, to }: Pick<ReportAsked, 'from' | 'to'>): void {
  if (from !== undefined && to !== undefined && from > to) throw misfit('/from', 'invalid', 'must not be after to');
}
