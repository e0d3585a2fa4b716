import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { capital, countryName, fullName, instant, inWords, inText } from '../shell/words';
import type { CaseFile } from './seen-case';
import { choiceOf, type Chosen } from '../form/commands';

type LookAlike = Schemas['ShownLookAlike'];
type Likeness = Partial<NonNullable<LookAlike['applicant']>>;

interface Props {
  readonly file: CaseFile;
  readonly allowed: readonly string[];
  readonly choose: (chosen: Chosen) => void;
}

/** Files that may be of the same person, each beside this one, with what differs marked and what decides it. */
export function Duplicates({ file, allowed, choose }: Props): ReactNode {
  const { caseId, possibleDuplicates } = file;
  const alike = useQuery({
    queryKey: ['possible-duplicates', caseId],
    queryFn: () => answered(api.GET('/v1/cases/{caseId}/possible-duplicates', { params: { path: { caseId } } })),
    enabled: possibleDuplicates.length > 0,
  });
  if (possibleDuplicates.length === 0) return null;
  const rows = alike.data?.rows.filter(({ standing }) => standing === 'open') ?? [];
  return (
    <section aria-labelledby="duplicates">
      <h2 id="duplicates">Possible duplicates ({possibleDuplicates.length})</h2>
      <p>These files may be of the same person. Look at both before you decide: what protects a person in one file must not be lost.</p>
      {alike.isPending && <Loading what="the other files" error={alike.failureReason} />}
      {alike.isError && !alike.data && <Failed error={alike.error} again={() => void alike.refetch()} />}
      {rows.map(other => (
        <Pair
          key={other.caseId}
          file={file}
          other={other}
          allowed={allowed}
          choose={command =>
            choose(choiceOf(command, { value: other.caseId, label: `${fullName(other.applicant)}, case ${other.caseId}` }))
          }
        />
      ))}
    </section>
  );
}

interface PairProps {
  readonly file: CaseFile;
  readonly other: LookAlike;
  readonly allowed: readonly string[];
  readonly choose: (command: string) => void;
}

function Pair({ file, other, allowed, choose }: PairProps): ReactNode {
  const [ours, theirs] = [linesOf(file, file.applicant), linesOf(other, other.applicant)];
  return (
    <div className="pair">
      <table className="usa-table usa-table--borderless usa-table--stacked compared">
        <caption>
          {other.basis.length > 0 && `In common: ${other.basis.map(basis => inText(basis)).join(', ')}.`}
          {other.applicant === null && ' The person of the other file was erased.'}
        </caption>
        <thead>
          <tr>
            <td />
            <th scope="col">This file</th>
            <th scope="col">
              <Link href={`/cases/${other.caseId}`}>The other file</Link>
            </th>
          </tr>
        </thead>
        <tbody>
          {ours.map(([name, own], index) => {
            const its = theirs[index]?.[1] ?? '';
            if (own === '' && its === '') return null;
            const differs = own !== its;
            return (
              <tr key={name} className={differs ? 'differs' : undefined}>
                <th scope="row">
                  {name} {differs && <span className="tag tag--hold">Differs</span>}
                </th>
                <td data-label="This file">
                  <bdi>{own || '—'}</bdi>
                </td>
                <td data-label="The other file">
                  <bdi>{its || '—'}</bdi>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <div className="buttons">
        {DECIDES.filter(([command]) => allowed.includes(command)).map(([command, text]) => (
          <button key={command} type="button" className="usa-button usa-button--outline" onClick={() => choose(command)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}

const DECIDES = [
  ['DismissDuplicate', 'These are two people'],
  ['MarkAsDuplicate', 'One person: close this file, the other goes on'],
] as const;

type Line = readonly [name: string, value: string];

function linesOf({ office, status, openedAt }: Pick<LookAlike, 'office' | 'status' | 'openedAt'>, person: Likeness | null): Line[] {
  const { givenNames, familyName, otherNames, birthDate, birthDateEstimated, sex, alienNumber, otherAlienNumbers, nationalities } =
    person ?? {};
  return [
    ['Given names', givenNames ?? ''],
    ['Family name', familyName ?? ''],
    ['Other names', (otherNames ?? []).map(fullName).join('; ')],
    ['Born', `${birthDate ?? ''}${birthDateEstimated ? ' (a guess)' : ''}`],
    ['Sex', capital(sex ?? '')],
    ['Alien number', alienNumber ?? ''],
    ['Other alien numbers', (otherAlienNumbers ?? []).join(', ')],
    ['Nationalities', (nationalities ?? []).map(countryName).join(', ')],
    ['Office', office],
    ['Status', inWords(status)],
    ['Opened', instant(openedAt)],
  ];
}
