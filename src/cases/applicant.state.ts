import { canonicalLanguage } from '../fields/formats.js';
import type { ApplicantFacts, ApplicantIdentity, CorrectedFacts, CorrectedIdentity, PersonName } from './case.events.js';

export type Applicant = ApplicantFacts & Partial<ApplicantIdentity>;

/** What is known of the applicant with what was corrected, and without what was taken away. */
export const withCorrection = <Known extends Partial<Applicant>>(known: Known, correction: CorrectedFacts & CorrectedIdentity): Known =>
  Object.fromEntries(Object.entries({ ...known, ...correction }).filter(([, value]) => value !== null)) as Known;

/** What the person is called, and was called by others or before. */
export const namesOf = ({ givenNames, familyName, otherNames = [] }: Partial<ApplicantIdentity>): readonly PersonName[] => [
  { ...(givenNames !== undefined && { givenNames }), ...(familyName !== undefined && { familyName }) },
  ...otherNames,
];

/** All numbers that are the person's, each in its one form. */
export const alienNumbersOf = ({ alienNumber, otherAlienNumbers = [] }: Partial<ApplicantIdentity>): readonly string[] =>
  alienNumber === undefined ? otherAlienNumbers : [alienNumber, ...otherAlienNumbers];

/** RFC 4647 basic filtering, the person's languages being the ranges: `es` covers what is in `es-SV`, not the reverse. */
export function speaks(languages: readonly string[], language: string): boolean {
  const tag = canonicalLanguage(language).toLowerCase();
  return languages.some(range => tag === range.toLowerCase() || tag.startsWith(`${range.toLowerCase()}-`));
}
