import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '../api/client';
import { capital, countryName, fullName, instant, inWords, languageName } from '../shell/words';
import type { CaseFile } from './seen-case';
import { Part, told, yesOrNo, type Fields } from './parts';

/** Names are the heading of the page, the alien number stands below it. */
const APPLICANT: Fields<Schemas['ShownApplicant']> = {
  givenNames: null,
  familyName: null,
  otherNames: ({ otherNames }) => otherNames?.map(fullName).join('; '),
  birthDate: ({ birthDate }) => birthDate,
  birthDateEstimated: ({ birthDateEstimated }) => yesOrNo(birthDateEstimated),
  sex: ({ sex }) => sex && capital(sex),
  alienNumber: null,
  otherAlienNumbers: ({ otherAlienNumbers }) => otherAlienNumbers?.join(', '),
  nationalities: ({ nationalities }) => nationalities.map(countryName).join(', ') || 'None',
  nationalityUnknown: ({ nationalityUnknown }) => yesOrNo(nationalityUnknown),
  habitualResidence: ({ habitualResidence }) => habitualResidence && countryName(habitualResidence),
  languages: ({ languages }) => languages.map(languageName).join(', '),
  accompaniedBy: ({ accompaniedBy }) => inWords(accompaniedBy),
  heldAt: ({ heldAt }) => heldAt && inWords(heldAt),
  contact: ({ contact }) => told(contact),
};

/** Who the person is, and of which file this is the page. */
export function Person({ file }: { readonly file: CaseFile }): ReactNode {
  const { applicant, merged, previousCaseIds } = file;
  return (
    <>
      <p className="beside">
        {[applicant?.alienNumber, file.office, `revision ${file.revision}`, `assigned to ${file.assignedTo ?? 'nobody'}`]
          .filter(Boolean)
          .join(' · ')}
        <br />
        {`Case ${file.caseId}, opened ${instant(file.openedAt)}`}
      </p>
      <p>
        {file.minorAtEncounter && <span className="tag tag--warn">Under 18</span>}{' '}
        {file.ageDisputed && <span className="tag tag--warn">Age disputed</span>}{' '}
        {file.diedAt && <span className="tag">Died {instant(file.diedAt)}</span>}{' '}
        {file.legalHold && <span className="tag">Legal hold</span>}{' '}
        {file.possibleDuplicates.length > 0 && <span className="tag tag--warn">Possible duplicates: {file.possibleDuplicates.length}</span>}
      </p>
      {file.duplicateOf && (
        <p className="state">
          Closed as a duplicate: <Link href={`/cases/${file.duplicateOf}`}>the file that goes on</Link>.
        </p>
      )}
      <Files of={merged}>Closed as duplicates of this one</Files>
      <Files of={previousCaseIds}>Earlier files of this person</Files>
      {applicant && <Part of={applicant} as={APPLICANT} />}
    </>
  );
}

interface FilesProps {
  readonly of: readonly string[];
  readonly children: string;
}

const Files = ({ of, children }: FilesProps): ReactNode =>
  of.length > 0 && (
    <p>
      {children}:{' '}
      {of.map((caseId, index) => (
        <span key={caseId}>
          {index > 0 && ', '}
          <Link href={`/cases/${caseId}`}>{`case ${caseId}`}</Link>
        </span>
      ))}
    </p>
  );
