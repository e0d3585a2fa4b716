import type { ReactNode } from 'react';
import { trainingTime, useStored } from '../api/session';
import { Told } from '../shell/told';
import { durationInWords, instant, inWords, inText } from '../shell/words';
import type { CaseFile } from './seen-case';
import { SourceOf } from './source';

/** What protects the person comes before all else. */
export function InTheWay({ file }: { readonly file: CaseFile }): ReactNode {
  const now = useStored(trainingTime) ?? new Date().toISOString();
  const alerts = file.protectionAlerts.filter(({ answeredAt }) => answeredAt === null);
  const { transfer } = file;
  const due = dueOf(file);
  return (
    <section aria-labelledby="in-the-way">
      <h2 id="in-the-way">Holds and deadlines</h2>
      {file.holds.length + alerts.length + due.length + file.followUp.overdue.length === 0 && !transfer?.lastBlocked && <p>None.</p>}
      <ul className="in-the-way">
        {alerts.map(({ alertId, cause, raisedAt }) => (
          <li key={alertId}>
            <span className="tag tag--alert">Protection alert</span> {inWords(cause)}, raised {instant(raisedAt)}{' '}
            <span className="beside">alert {alertId}</span>
          </li>
        ))}
        {file.holds.map(({ holdId, kind, placedAt, placedBy, note, from }) => (
          <li key={holdId}>
            <span className="tag tag--hold">Held: {inText(kind)}</span> since {instant(placedAt)}, by {placedBy}{' '}
            <span className="beside">hold {holdId}</span> {from && <SourceOf from={from} />}
            {note && <Told>{note}</Told>}
          </li>
        ))}
        {due.map(([name, at]) => (
          <li key={name}>
            {name} {instant(at)} {at < now && <span className="tag tag--alert">Past</span>}
          </li>
        ))}
        {file.followUp.overdue.map(milestone => (
          <li key={milestone}>
            <span className="tag tag--alert">Overdue</span> follow-up {durationInWords(milestone)} after the arrival
          </li>
        ))}
        {transfer?.lastBlocked && (
          <li>
            <span className="tag tag--hold">Departure blocked</span> {instant(transfer.lastBlocked.at)}:{' '}
            {transfer.lastBlocked.failedChecks.map(check => inText(check)).join(', ')}
          </li>
        )}
      </ul>
    </section>
  );
}

/** What runs while the transfer does: of one that was given up nothing is due. */
function dueOf({ status, transfer }: CaseFile): (readonly [name: string, at: string])[] {
  if (!transfer) return [];
  const isAccepted = status === 'transfer-accepted' || status === 'transfer-scheduled';
  return [
    ['Reply due', status === 'transfer-requested' ? transfer.replyDueAt : null] as const,
    ['Acceptance ends', isAccepted ? transfer.validUntil : null] as const,
    ['Flight', isAccepted ? transfer.departsAt : null] as const,
  ].flatMap(([name, at]) => (at === null ? [] : [[name, at] as const]));
}
