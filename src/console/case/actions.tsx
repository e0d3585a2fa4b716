import { useEffect, type ReactNode } from 'react';
import commands from 'virtual:commands';
import type { Schemas } from '../api/client';
import { Commands, type Chosen } from '../form/commands';
import type { Choice } from '../form/faults';
import { inAddress, isCommand } from '../form/paths';
import { Loading } from '../shell/states';
import { countryName, instant, inWords } from '../shell/words';
import type { CaseFile } from './seen-case';
import { grouped } from './groups';
import { useHistory } from './history';
import { Since } from './since';

// With the page, so that the service may be away when the first form is opened.
void commands['/v1/cases/{caseId}/add-note']?.().catch(() => undefined);

interface Props {
  readonly file: CaseFile;
  /** Of the revision of the file; null while it is not known. */
  readonly permissions: Schemas['Permissions'] | null;
  readonly chosen: Chosen | null;
  readonly choose: (chosen: Chosen | null) => void;
}

/** What may be done now, and for the rest, which rule stands in the way: said before anything is typed. */
export function Actions({ file, permissions, chosen, choose }: Props): ReactNode {
  const { caseId, revision, applicant, encounter, documents } = file;
  const entries = useEntries(caseId, chosen?.command === 'RetractEntry');
  return (
    <section aria-labelledby="actions" className="actions">
      <h2 id="actions">What may be done now</h2>
      {permissions === null && <Loading what="what may be done" />}
      <Commands
        permissions={permissions}
        chosen={chosen}
        choose={choose}
        groups={grouped}
        opens={one => {
          const path = `/v1/cases/{caseId}/${inAddress(one.command)}` as const;
          const known = one.command === 'RetractEntry' ? { eventId: entries } : knownOf(one, file);
          // Nothing is there that it could be about. A form that is open stays, whatever others have done meanwhile.
          const isIdle =
            Object.values(known).some(choices => choices.length === 0) || (one.command === 'ReleaseLegalHold' && !file.legalHold);
          if (!isCommand(path) || (isIdle && one.id !== chosen?.id)) return undefined;
          return {
            to: { path, params: { caseId } },
            seen: { query: ['case', caseId], revision, since: before => <Since caseId={caseId} revision={before} /> },
            known,
            begins: one.command === 'CorrectApplicant' ? { applicant, encounter, documents } : undefined,
          };
        }}
      />
    </section>
  );
}

/** What may be retracted, the newest first; all of the history is asked for once somebody wants to. */
function useEntries(caseId: string, areWanted: boolean): readonly Choice[] {
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = useHistory(caseId);
  useEffect(() => {
    if (areWanted && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [areWanted, hasNextPage, isFetching, isError, fetchNextPage]);
  const rows = data?.pages.flatMap(page => page.rows) ?? [];
  return rows
    .flatMap(({ entryId, summary, at, actor }) =>
      entryId === null ? [] : [{ value: entryId, label: `${summary}, ${instant(at)}, ${actor}` }],
    )
    .reverse();
}

/** What is there already and a command is about, and an id for what it makes. Whatever else a field asks is for people to say. */
function knownOf(
  { command, id, about }: Chosen,
  { screening, holds, protectionAlerts, evidence, possibleDuplicates, transfer, assignedTo }: CaseFile,
): Readonly<Record<string, readonly Choice[]>> {
  const { determination } = screening ?? {};
  switch (command) {
    case 'ConfirmDetermination':
    case 'ReturnDetermination':
      return determination
        ? {
            determinationId: [
              {
                value: determination.determinationId,
                label: `${inWords(determination.outcome)}, submitted by ${determination.submittedBy}`,
              },
            ],
          }
        : {};
    case 'ReleaseHold':
      return {
        holdId: holds.map(({ holdId, kind, placedAt }) => ({ value: holdId, label: `${inWords(kind)}, since ${instant(placedAt)}` })),
      };
    case 'AnswerProtectionAlert':
      return {
        alertId: protectionAlerts
          .filter(({ answeredAt }) => answeredAt === null)
          .map(({ alertId, cause, raisedAt }) => ({ value: alertId, label: `${inWords(cause)}, raised ${instant(raisedAt)}` })),
      };
    case 'RecordEvidence':
      return { evidenceId: [{ value: id, label: 'A new piece', isGiven: true }] };
    case 'ReleaseCase':
      return assignedTo === null ? {} : { caseworkerId: [{ value: assignedTo, label: assignedTo }] };
    case 'AttachDocument':
      return { documentId: [{ value: id, label: 'A new document', isGiven: true }] };
    case 'ClearForBoarding':
      return transfer?.manifestId
        ? {
            manifestId: [
              { value: transfer.manifestId, label: `The flight of ${transfer.departsAt ? instant(transfer.departsAt) : 'this person'}` },
            ],
          }
        : {};
    case 'ReturnEvidence':
      return {
        evidenceId: evidence
          .filter(({ returnedAt }) => returnedAt === null)
          .map(({ evidenceId, receivedAt }) => ({ value: evidenceId, label: `Received ${instant(receivedAt)}` })),
      };
    case 'MarkAsDuplicate':
      return about ? { of: [{ ...about, isGiven: true }] } : {};
    case 'DismissDuplicate':
      if (about) return { of: [{ ...about, isGiven: true }] };
      return { of: possibleDuplicates.map(caseId => ({ value: caseId, label: `Case ${caseId}` })) };
    case 'RequestTransfer':
    case 'TellDestination':
      return screening ? { country: [{ value: screening.country, label: countryName(screening.country) }] } : {};
    default:
      return {};
  }
}
