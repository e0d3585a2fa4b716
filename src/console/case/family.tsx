import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import { Failed, Loading } from '../shell/states';
import { fullName, inWords, inText } from '../shell/words';
import { FamilyActions, NewFamily } from './family-actions';
import type { CaseFile } from './seen-case';

type Family = Schemas['ShownFamily'];
type Row = Schemas['CaseloadRow'] | null | undefined;

const FORM_FAMILIES: readonly string[] = ['caseworker', 'supervisor'];
const SEE_FAMILIES: readonly string[] = ['supervisor', 'liaison', 'auditor'];

/** Whom the person travels with, what they are to each other, and who may part from whom. */
export function FamilySection({ file, roles }: { readonly file: CaseFile; readonly roles: readonly string[] }): ReactNode {
  const { familyUnitId } = file;
  const isOne = (of: readonly string[]): boolean => roles.some(role => of.includes(role));
  if (familyUnitId === null) return isOne(FORM_FAMILIES) ? <NewFamily file={file} /> : null;
  const Shown = isOne(SEE_FAMILIES) ? Members : Unseen;
  return <Shown key={familyUnitId} file={file} familyUnitId={familyUnitId} />;
}

interface OfFamily {
  readonly file: CaseFile;
  readonly familyUnitId: string;
}

const usePermissions = (familyUnitId: string) =>
  useQuery({
    queryKey: ['family', familyUnitId, 'allowed-commands'],
    queryFn: () => answered(api.GET('/v1/families/{familyUnitId}/allowed-commands', { params: { path: { familyUnitId } } })),
  });

/** For whoever may act on the family without seeing who is in it. */
function Unseen({ file, familyUnitId }: OfFamily): ReactNode {
  const permissions = usePermissions(familyUnitId);
  return (
    <section aria-labelledby="family">
      <h2 id="family">Family</h2>
      <p>This person belongs to a family. Supervisors and liaisons see its members.</p>
      <UnitId>{familyUnitId}</UnitId>
      {permissions.data && (
        <FamilyActions
          permissions={permissions.data}
          family={{ familyUnitId, revision: null, separations: [] }}
          members={[{ value: file.caseId, label: fullName(file.applicant) }]}
          nameOf={caseId => `Case ${caseId}`}
        />
      )}
    </section>
  );
}

const UnitId = ({ children }: { readonly children: string }): ReactNode => <p className="beside">Family unit {children}</p>;

function Members({ file, familyUnitId }: OfFamily): ReactNode {
  const family = useQuery({
    queryKey: ['family', familyUnitId],
    queryFn: () => answered(api.GET('/v1/families/{familyUnitId}', { params: { path: { familyUnitId } } })),
  });
  const permissions = usePermissions(familyUnitId);
  const members = family.data?.members ?? [];
  const files = useFiles(members.map(({ caseId }) => caseId).filter(caseId => caseId !== file.caseId));
  const nameOf = (caseId: string): string =>
    caseId === file.caseId ? fullName(file.applicant) : files.get(caseId) ? fullName(files.get(caseId)?.applicant) : `Case ${caseId}`;
  return (
    <section aria-labelledby="family">
      <h2 id="family">Family{members.length > 0 && ` (${members.length})`}</h2>
      <UnitId>{familyUnitId}</UnitId>
      {family.isPending && <Loading what="the family" error={family.failureReason} />}
      {family.isError && !family.data && <Failed error={family.error} again={() => void family.refetch()} />}
      {family.data && (
        <>
          <ul className="members">
            {members.map(({ caseId, relationshipCode }) => (
              <Member
                key={caseId}
                caseId={caseId}
                tie={relationshipCode}
                row={files.get(caseId)}
                isThis={caseId === file.caseId}
                name={nameOf(caseId)}
              />
            ))}
          </ul>
          <Separations family={family.data} nameOf={nameOf} />
          {permissions.data && (
            <FamilyActions
              permissions={permissions.data}
              family={family.data}
              members={members.map(({ caseId, relationshipCode }) => ({
                value: caseId,
                label: `${nameOf(caseId)}, ${inText(relationshipCode)}`,
              }))}
              nameOf={nameOf}
            />
          )}
        </>
      )}
    </section>
  );
}

/** What lists show of the members; null of whom they show nothing to this reader. */
function useFiles(caseIds: readonly string[]): ReadonlyMap<string, Row> {
  const found = useQueries({
    queries: caseIds.map(q => ({
      queryKey: ['member', q],
      queryFn: async () => (await answered(api.POST('/v1/cases/search', { body: { q } }))).rows.find(({ caseId }) => caseId === q) ?? null,
    })),
  });
  return new Map(caseIds.map((caseId, index) => [caseId, found[index]?.data]));
}

interface MemberProps {
  readonly caseId: string;
  readonly name: string;
  readonly tie: string;
  readonly row: Row;
  readonly isThis: boolean;
}

const Member = ({ caseId, name, tie, row, isThis }: MemberProps): ReactNode => (
  <li>
    <span>
      {isThis ? (
        <strong>
          <bdi>{name}</bdi>
        </strong>
      ) : (
        <Link href={`/cases/${caseId}`}>
          <bdi>{name}</bdi>
        </Link>
      )}
    </span>
    <span>{inWords(tie)}</span>
    <span className="beside">
      {isThis ? 'this file' : row === null ? 'a file of another office' : row ? [inWords(row.status), row.office].join(' · ') : ''}{' '}
      {row?.minorAtEncounter && <span className="tag tag--warn">Under 18</span>}
    </span>
  </li>
);

function Separations({ family, nameOf }: { readonly family: Family; readonly nameOf: (caseId: string) => string }): ReactNode {
  if (family.separations.length === 0) return <p>They travel together: nobody may part.</p>;
  return (
    <ul>
      {family.separations.map(({ proposalId, caseIds, proposedBy, authorisedBy }) => (
        <li key={proposalId}>
          <span className={authorisedBy === null ? 'tag tag--warn' : 'tag'}>
            {authorisedBy === null ? 'Separation proposed' : 'Separation authorised'}
          </span>{' '}
          <bdi>{caseIds.map(nameOf).join(', ')}</bdi> {authorisedBy === null ? 'would part' : 'may part'} from all others; proposed by{' '}
          {proposedBy}
          {authorisedBy !== null && `, authorised by ${authorisedBy}`}.
        </li>
      ))}
    </ul>
  );
}
