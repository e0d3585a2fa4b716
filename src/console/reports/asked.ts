import { api, answered } from '../api/client';
import { shownOutcomes, shownSafeguards, shownScreening, shownWorkload, type By, type Shown } from './shown';

export const REPORTS = ['outcomes', 'screening', 'safeguards', 'workload'] as const;
export type ReportName = (typeof REPORTS)[number];

export interface Asked {
  readonly country: 'GT' | 'SV' | 'HN' | '';
  readonly from: string;
  readonly to: string;
  /** Of outcomes, as all below. */
  readonly by: By;
  /** With small figures hidden. */
  readonly isPublic: boolean;
}

export const ALL: Asked = { country: '', from: '', to: '', by: 'month', isPublic: false };

const days = ({ country, from, to }: Asked) => ({
  ...(country !== '' && { country }),
  ...(from !== '' && { from }),
  ...(to !== '' && { to }),
});
const ofOutcomes = (asked: Asked) => ({ ...days(asked), by: asked.by, ...(asked.isPublic && { disclosure: 'public' as const }) });

/** @throws Refusal, Unreachable */
export async function ask(name: ReportName, asked: Asked): Promise<Shown> {
  const params = { query: days(asked) };
  switch (name) {
    case 'outcomes':
      return shownOutcomes(await answered(api.GET('/v1/reports/outcomes', { params: { query: ofOutcomes(asked) } })), asked.by);
    case 'screening':
      return shownScreening(await answered(api.GET('/v1/reports/screening', { params })));
    case 'safeguards':
      return shownSafeguards(await answered(api.GET('/v1/reports/safeguards', { params })));
    case 'workload':
      return shownWorkload(await answered(api.GET('/v1/reports/workload', { params })));
  }
}

/** The same as a file. @throws Refusal, Unreachable */
export function askAsCsv(name: ReportName, asked: Asked): Promise<string> {
  const how = { headers: { accept: 'text/csv' }, parseAs: 'text' } as const;
  if (name === 'outcomes') return answered(api.GET('/v1/reports/outcomes', { params: { query: ofOutcomes(asked) }, ...how }));
  return answered(api.GET(`/v1/reports/${name}`, { params: { query: days(asked) }, ...how }));
}
