import { Suspense, useRef, useState, type ReactNode } from 'react';
import type { Choice } from '../form/fields';
import { FormHeading } from '../shell/heading';
import { later } from '../shell/later';
import { Failed, Loading } from '../shell/states';
import { countryName, instant, inWords } from '../shell/words';
import type { CaseFile } from './case-page';
import { usePermissions } from './permissions';
import { Since } from './since';

const Form = later(() => import('./form-of'));

export interface Chosen {
  readonly command: string;
  readonly newId: string;
  /** The other file, where the command is about one. */
  readonly about?: { readonly caseId: string; readonly label: string };
}

interface Props {
  readonly file: CaseFile;
  readonly chosen: Chosen | null;
  readonly choose: (chosen: Chosen | null) => void;
}

/** What may be done now, and for the rest, which rule stands in the way: said before anything is typed. */
export function Actions({ file, chosen, choose }: Props): ReactNode {
  const [said, setSaid] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const { caseId } = file;
  const permissions = usePermissions(caseId);
  if (permissions.isPending) return <Loading what="what may be done" error={permissions.failureReason} />;
  if (!permissions.data)
    return <Failed error={permissions.error ?? new Error('Nothing was answered.')} again={() => void permissions.refetch()} />;
  const { allowed, refused } = permissions.data;
  // Whoever stood in the form would be thrown to the start of the page.
  const end = (text: string) => {
    setSaid(text);
    choose(null);
    heading.current?.focus();
  };
  return (
    <section aria-labelledby="actions" className="actions">
      <h2 id="actions" ref={heading} tabIndex={-1}>
        What may be done now
      </h2>
      <p role="status" className="said">
        {said}
      </p>
      {chosen === null ? (
        <>
          {allowed.length === 0 && <p>Nothing, for your roles.</p>}
          <ul className="allowed">
            {allowed.map(command => (
              <li key={command}>
                <button
                  type="button"
                  className="usa-button usa-button--outline"
                  onClick={() => (setSaid(''), choose({ command, newId: crypto.randomUUID() }))}
                >
                  {inWords(command)}
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <Suspense fallback={<Loading what="the form" />}>
          <FormHeading key={`${chosen.command} ${chosen.newId}`}>{inWords(chosen.command)}</FormHeading>
          <Form
            key={chosen.newId}
            caseId={caseId}
            name={chosen.command}
            seen={{
              query: ['case', caseId],
              revision: file.revision,
              since: revision => <Since caseId={caseId} revision={revision} />,
            }}
            known={knownOf(chosen, file)}
            leave={() => end('')}
            done={end}
          />
        </Suspense>
      )}
      {refused.length > 0 && (
        <details>
          <summary>What may not be done now, and what stands in the way ({refused.length})</summary>
          <ul className="refused">
            {refused.map(({ command, messages }) => (
              <li key={command}>
                <strong>{inWords(command)}</strong>: {messages.join(' ')}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** What is there already and a command is about, and an id for what it makes. Whatever else a field asks is for people to say. */
function knownOf(
  { command, newId, about }: Chosen,
  { screening, holds, protectionAlerts, evidence, possibleDuplicates }: CaseFile,
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
      return { evidenceId: [{ value: newId, label: 'A new piece' }] };
    case 'ReturnEvidence':
      return {
        evidenceId: evidence
          .filter(({ returnedAt }) => returnedAt === null)
          .map(({ evidenceId, receivedAt }) => ({ value: evidenceId, label: `Received ${instant(receivedAt)}` })),
      };
    case 'MarkAsDuplicate':
      return about ? { of: [{ value: about.caseId, label: about.label }] } : {};
    case 'DismissDuplicate':
      if (about) return { of: [{ value: about.caseId, label: about.label }] };
      return { of: possibleDuplicates.map(caseId => ({ value: caseId, label: `Case ${caseId}` })) };
    case 'RequestTransfer':
    case 'TellDestination':
      return screening ? { country: [{ value: screening.country, label: countryName(screening.country) }] } : {};
    default:
      return {};
  }
}
