import type { Content } from '../event-store/shape.js';
import { canonicalAlienNumber, canonicalLanguage, withoutHidden } from '../fields/formats.js';
import type { ApplicantFacts, ApplicantIdentity, Encounter, TravelDocuments } from './case.events.js';

/* How what was stored before is read today: the same, in the one form that it is written in now. */

export type ApplicantFactsV1 = Pick<
  ApplicantFacts,
  'nationalities' | 'nationalityUnknown' | 'habitualResidence' | 'languages' | 'accompaniedBy'
>;
type IdentityV1 = Partial<Pick<ApplicantIdentity, 'givenNames' | 'familyName' | 'birthDate' | 'sex' | 'alienNumber'>>;

interface Told<Facts> {
  readonly applicant: Facts;
}
interface CorrectionV1 extends Told<Partial<ApplicantFactsV1>> {
  readonly encounter?: Partial<Encounter>;
  readonly documents?: TravelDocuments;
  readonly reasonCode: string;
  readonly minorAtEncounter: boolean;
}
type Person = Told<IdentityV1>;

/** Numbers, names and languages as they are kept since version 2. */
export const upcastOpening = ({ data, personal }: Content<Told<ApplicantFactsV1>, Person>): Content => ({
  data: { ...data, applicant: factsOf(data.applicant) },
  personal: personal && identityOf(personal),
});

/** And named in the open which fields changed; those that are sealed are known only where they were opened. */
export const upcastCorrection = ({ data, personal }: Content<CorrectionV1, Person>): Content => ({
  data: { ...data, applicant: factsOf(data.applicant), fields: fieldsOf(data, personal) },
  personal: personal && identityOf(personal),
});

const factsOf = <Facts extends Partial<ApplicantFactsV1>>(facts: Facts): Facts =>
  facts.languages ? { ...facts, languages: [...new Set(facts.languages.map(canonicalLanguage))] } : facts;

/** A name of which nothing can be seen says nothing. */
function identityOf({ applicant: { givenNames, familyName, alienNumber, ...rest } }: Person): Person {
  const [given, family] = [givenNames, familyName].map(name => name && withoutHidden(name));
  return {
    applicant: {
      ...(given && { givenNames: given }),
      ...(family && { familyName: family }),
      ...rest,
      ...(alienNumber !== undefined && { alienNumber: canonicalAlienNumber(alienNumber) }),
    },
  };
}

const fieldsOf = ({ applicant, encounter = {}, documents }: CorrectionV1, personal: Person | null): string[] =>
  [
    ...Object.keys({ ...personal?.applicant, ...applicant }).map(field => `applicant.${field}`),
    ...Object.keys(encounter).map(field => `encounter.${field}`),
    ...(documents === undefined ? [] : ['documents']),
  ].sort();
