import { useQueries, useQuery } from '@tanstack/react-query';
import { Suspense, useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { api, answered, type Schemas } from '../api/client';
import type { Choice } from '../form/fields';
import type { Receipt, Target } from '../form/send';
import { FormHeading } from '../shell/heading';
import { later } from '../shell/later';
import { Failed, Loading } from '../shell/states';
import { fullName, inWords } from '../shell/words';
import type { CaseFile } from './case-page';

const Form = later(() => import('../form/form-of'));

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
      {permissions.data && (
        <Commands
          family={{ familyUnitId, revision: null, separations: [] }}
          allowed={permissions.data.allowed}
          members={[{ value: file.caseId, label: fullName(file.applicant) }]}
          nameOf={caseId => `Case ${caseId}`}
        />
      )}
    </section>
  );
}

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
          <Commands
            family={family.data}
            allowed={permissions.data?.allowed ?? []}
            members={members.map(({ caseId, relationshipCode }) => ({
              value: caseId,
              label: `${nameOf(caseId)}, ${inWords(relationshipCode).toLowerCase()}`,
            }))}
            nameOf={nameOf}
          />
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

const PATHS = {
  AddMember: '/v1/families/{familyUnitId}/add-member',
  CorrectRelationship: '/v1/families/{familyUnitId}/correct-relationship',
  RemoveMember: '/v1/families/{familyUnitId}/remove-member',
  ProposeSeparation: '/v1/families/{familyUnitId}/propose-separation',
  AuthoriseSeparation: '/v1/families/{familyUnitId}/authorise-separation',
} as const;
type Command = keyof typeof PATHS;
const isCommand = (name: string): name is Command => name in PATHS;

interface CommandsProps {
  /** Its revision is null where the reader is not shown it. */
  readonly family: Pick<Family, 'familyUnitId' | 'separations'> & { readonly revision: number | null };
  readonly allowed: readonly string[];
  readonly members: readonly Choice[];
  readonly nameOf: (caseId: string) => string;
}

function Commands({ family, allowed, members, nameOf }: CommandsProps): ReactNode {
  const [chosen, setChosen] = useState<Command | null>(null);
  const known: Readonly<Record<string, readonly Choice[]>> =
    chosen === 'CorrectRelationship' || chosen === 'RemoveMember'
      ? { caseId: members }
      : chosen === 'ProposeSeparation'
        ? { caseIds: members }
        : chosen === 'AuthoriseSeparation'
          ? {
              proposalId: family.separations
                .filter(({ authorisedBy }) => authorisedBy === null)
                .map(({ proposalId, caseIds }) => ({ value: proposalId, label: `${caseIds.map(nameOf).join(', ')} part from all others` })),
            }
          : {};
  return (
    <FormOrChoices
      chosen={
        chosen && {
          title: inWords(chosen),
          to: { path: PATHS[chosen], params: { familyUnitId: family.familyUnitId } },
          seen: family.revision === null ? null : { query: ['family', family.familyUnitId], revision: family.revision },
          known,
        }
      }
      end={() => setChosen(null)}
    >
      <ul className="allowed">
        {allowed.filter(isCommand).map(command => (
          <li key={command}>
            <button type="button" className="usa-button usa-button--outline" onClick={() => setChosen(command)}>
              {TITLES[command]}
            </button>
          </li>
        ))}
      </ul>
    </FormOrChoices>
  );
}

const TITLES: Readonly<Record<Command, string>> = {
  AddMember: 'Add somebody to the family',
  CorrectRelationship: 'Correct a relationship',
  RemoveMember: 'Remove somebody added in error',
  ProposeSeparation: 'Propose a separation',
  AuthoriseSeparation: 'Authorise a separation',
};

interface Chosen {
  readonly title: string;
  readonly to: Target;
  readonly seen: { readonly query: readonly string[]; readonly revision: number } | null;
  readonly known: Readonly<Record<string, readonly Choice[]>>;
}

interface FormOrChoicesProps {
  readonly chosen: Chosen | null;
  readonly end: (receipt?: Receipt) => void;
  readonly children: ReactNode;
}

function FormOrChoices({ chosen, end, children }: FormOrChoicesProps): ReactNode {
  const [said, setSaid] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  const close = (text: string, receipt?: Receipt) => {
    setSaid(text);
    end(receipt);
    status.current?.focus();
  };
  return (
    <div className="actions">
      <p role="status" className="said" tabIndex={-1} ref={status}>
        {said}
      </p>
      {chosen === null ? (
        children
      ) : (
        <Suspense fallback={<Loading what="the form" />}>
          <FormHeading>{chosen.title}</FormHeading>
          <Form key={chosen.to.path} to={chosen.to} seen={chosen.seen} known={chosen.known} leave={() => close('')} done={close} />
        </Suspense>
      )}
    </div>
  );
}

/** A family is formed, and this person is its first member. */
function NewFamily({ file }: { readonly file: CaseFile }): ReactNode {
  const [isForming, setForming] = useState(false);
  const [familyUnitId, setFamilyUnitId] = useState<string | null>(null);
  const chosen: Chosen | null = !isForming
    ? null
    : familyUnitId === null
      ? { title: 'Form a family', to: { path: '/v1/families', params: {} }, seen: null, known: {} }
      : {
          title: 'What this person is in the family',
          to: { path: PATHS.AddMember, params: { familyUnitId } },
          seen: null,
          known: { caseId: [{ value: file.caseId, label: fullName(file.applicant) }] },
        };
  const end = (receipt?: Receipt) => {
    const isFormed = familyUnitId === null && receipt !== undefined && 'familyUnitId' in receipt;
    setFamilyUnitId(isFormed ? receipt.familyUnitId : null);
    setForming(isFormed);
  };
  return (
    <section aria-labelledby="family">
      <h2 id="family">Family</h2>
      <p>No family is recorded.</p>
      <FormOrChoices chosen={chosen} end={end}>
        <button type="button" className="usa-button usa-button--outline" onClick={() => setForming(true)}>
          Form a family
        </button>
      </FormOrChoices>
    </section>
  );
}
