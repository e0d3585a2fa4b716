import type { ReactNode } from 'react';
import type { CaseFile } from './seen-case';
import { inWords, inText } from '../shell/words';

type Status = CaseFile['status'];

export const ROAD: readonly Status[] = [
  'opened',
  'screening',
  'awaiting-review',
  'amenable',
  'transfer-requested',
  'transfer-accepted',
  'transfer-scheduled',
  'in-transit',
  'transferred',
  'asylum-pending',
];
/** Where the road ended or was left, and after which step. */
const LEFT: Readonly<Partial<Record<Status, Status>>> = {
  'asylum-granted': 'asylum-pending',
  'asylum-denied': 'asylum-pending',
  'asylum-abandoned': 'asylum-pending',
  'screened-out': 'awaiting-review',
  'us-procedure': 'screening',
  withdrawn: 'screening',
};

/** Where the procedure stands, as a line of steps with what comes next. */
export function Steps({ status }: { readonly status: Status }): ReactNode {
  const after = LEFT[status];
  const steps = ROAD.includes(status) ? ROAD : [...ROAD.slice(0, after ? ROAD.indexOf(after) + 1 : 0), status];
  const at = steps.indexOf(status);
  return (
    <section aria-labelledby="steps">
      <h2 id="steps">Where the procedure stands: {inText(status)}</h2>
      <ol className="steps">
        {steps.map((step, index) => (
          <li
            key={step}
            className={index < at ? 'past' : index === at ? 'now' : undefined}
            aria-current={index === at ? 'step' : undefined}
          >
            {inWords(step)}
            {index < at && <span className="usa-sr-only"> (past)</span>}
            {index === at + 1 && <span className="usa-sr-only"> (next)</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
