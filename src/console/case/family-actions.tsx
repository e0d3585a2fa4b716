import { useState, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { Commands, type Chosen } from '../form/commands';
import type { Choice } from '../form/faults';
import { FormOrChoices, type Opened } from '../form/form-or-choices';
import { inAddress, isCommand } from '../form/paths';
import type { Receipt } from '../form/send';
import { fullName } from '../shell/words';
import type { CaseFile } from './seen-case';

interface ActionsProps {
  readonly permissions: Schemas['Permissions'];
  /** Its revision is null where the reader is not shown it. */
  readonly family: Pick<Schemas['ShownFamily'], 'familyUnitId' | 'separations'> & { readonly revision: number | null };
  readonly members: readonly Choice[];
  readonly nameOf: (caseId: string) => string;
}

/** What may be done with the family, and what stands in the way. */
export function FamilyActions({ permissions, family, members, nameOf }: ActionsProps): ReactNode {
  const [chosen, choose] = useState<Chosen | null>(null);
  const { familyUnitId, revision } = family;
  const known = (command: string): Readonly<Record<string, readonly Choice[]>> => {
    switch (command) {
      case 'CorrectRelationship':
      case 'RemoveMember':
        return { caseId: members };
      case 'ProposeSeparation':
        return { caseIds: members };
      case 'AuthoriseSeparation':
        return {
          proposalId: family.separations
            .filter(({ authorisedBy }) => authorisedBy === null)
            .map(({ proposalId, caseIds }) => ({ value: proposalId, label: `${caseIds.map(nameOf).join(', ')} part from all others` })),
        };
      default:
        return {};
    }
  };
  return (
    <Commands
      permissions={permissions}
      chosen={chosen}
      choose={choose}
      titles={TITLES}
      opens={({ command }) => {
        const path = `/v1/families/{familyUnitId}/${inAddress(command)}` as const;
        if (!isCommand(path)) return undefined;
        return {
          to: { path, params: { familyUnitId } },
          seen: revision === null ? null : { query: ['family', familyUnitId], revision },
          known: known(command),
        };
      }}
    />
  );
}

const TITLES: Readonly<Record<string, string>> = {
  AddMember: 'Add somebody to the family',
  CorrectRelationship: 'Correct a relationship',
  RemoveMember: 'Remove somebody added in error',
  ProposeSeparation: 'Propose a separation',
  AuthoriseSeparation: 'Authorise a separation',
};

/** A family is formed, and this person is its first member. */
export function NewFamily({ file }: { readonly file: CaseFile }): ReactNode {
  const [isForming, setForming] = useState(false);
  const [familyUnitId, setFamilyUnitId] = useState<string | null>(null);
  const form: Opened =
    familyUnitId === null
      ? { title: 'Form a family', id: 'family', to: { path: '/v1/families', params: {} }, seen: null, known: {} }
      : {
          title: 'What this person is in the family',
          id: 'member',
          to: { path: '/v1/families/{familyUnitId}/add-member', params: { familyUnitId } },
          seen: null,
          known: { caseId: [{ value: file.caseId, label: fullName(file.applicant), isGiven: true }] },
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
      <FormOrChoices label="Family" opened={isForming ? form : null} end={end}>
        <button type="button" className="usa-button usa-button--outline" onClick={() => setForming(true)}>
          Form a family
        </button>
      </FormOrChoices>
    </section>
  );
}
