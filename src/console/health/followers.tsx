import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { inWords } from '../shell/words';
import type { Ready } from './asked';

type ReadModel = Schemas['ReadModelHealth'];
type Process = Schemas['ProcessHealth'];

/** What each process does. */
const PROCESSES: Readonly<Record<string, string>> = {
  'when-agreement-suspended-hold-cases': 'Hold cases under a suspended agreement',
  'when-arrived-follow-up': 'Follow up on who arrived',
  'when-family-corrected-void-approvals': 'Void what relied on a wrong family tie',
  'when-family-member-stops-hold-others': 'Hold the family of who may not travel',
  'when-flight-proceeds-move-passengers': 'Carry a flight to its passengers’ cases',
  'when-hold-order-issued-hold-cases': 'Hold the cases of a hold order',
  'when-marked-as-duplicate-carry-over': 'Carry protection over from a duplicate',
  'when-membership-taken-add-member': 'Add members to families',
  'when-number-shared-flag-duplicates': 'Flag files that share an alien number',
  'when-personal-data-erased-destroy-keys': 'Destroy the keys of who was erased',
  'when-reassignment-ordered-assign-cases': 'Assign the cases of a reassignment',
  'when-transfer-accepted-await-departure': 'End acceptances that run out',
  'when-transfer-ends-free-seat': 'Free seat and place of an ended transfer',
  'when-transfer-requested-await-reply': 'Lapse requests without a reply',
};

/** So many events the service counts, and no more. */
const COUNTED = 1_000;

/** What follows the events: read models that answer queries, and processes that act. */
export function Followers({ details }: { readonly details: Ready['details'] }): ReactNode {
  const { models } = details['read-models'] ?? {};
  const { processes } = details.processes ?? {};
  return (
    <div className="following">
      <Table
        id="read-models"
        caption="Read models"
        name="Read model"
        figures={[...LAG, 'Held back']}
        of={models}
        cells={model => [events(model), seconds(model), model.parked]}
        state={stateOfModel}
      />
      <Table
        id="processes"
        caption="Processes"
        name="Process"
        figures={[...LAG, 'To answer', 'Failed', 'Refused']}
        of={processes}
        cells={process => [events(process), seconds(process), process.pending, process.failed, process.refused]}
        state={stateOf}
      />
    </div>
  );
}

const LAG = ['Events behind', 'Seconds behind'];
const events = ({ lagEvents }: ReadModel | Process): string | number => (lagEvents >= COUNTED ? '1,000 or more' : lagEvents);
const seconds = ({ lagSeconds }: ReadModel | Process): number => lagSeconds;

interface State {
  readonly words: string;
  readonly tag: string;
}

function stateOf({ caughtUp, isStuck, stopped }: ReadModel | Process): State {
  if (stopped !== undefined) return { words: `Stopped: ${stopped}`, tag: 'tag tag--alert' };
  if (isStuck) return { words: 'Stands still', tag: 'tag tag--alert' };
  return caughtUp ? { words: 'In step', tag: 'tag' } : { words: 'Behind', tag: 'tag tag--hold' };
}

function stateOfModel(model: ReadModel): State {
  const { building, isServed, stopped } = model;
  if (stopped !== undefined || (building === undefined && isServed)) return stateOf(model);
  const far = `as far as event ${building || 'none'}`;
  return isServed
    ? { words: `Built anew, ${far}`, tag: 'tag tag--hold' }
    : { words: `Not to be read yet: built ${far}`, tag: 'tag tag--alert' };
}

interface TableProps<F> {
  readonly id: string;
  readonly caption: string;
  readonly name: string;
  /** Each is a column, after the state. */
  readonly figures: readonly string[];
  readonly of: readonly F[] | undefined;
  readonly cells: (following: F) => readonly (string | number)[];
  readonly state: (following: F) => State;
}

function Table<F extends { readonly name: string }>({ id, caption, name, figures, of, cells, state }: TableProps<F>): ReactNode {
  return (
    <section>
      <h2 id={id}>{caption}</h2>
      {of === undefined ? (
        <p>The service cannot tell just now.</p>
      ) : (
        <table className="usa-table usa-table--borderless figures followers" aria-labelledby={id}>
          <thead>
            <tr>
              {[name, 'State', ...figures].map((column, at) => (
                <th key={column} scope="col" className={at > 1 ? 'number' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.map(following => {
              const { words, tag } = state(following);
              return (
                <tr key={following.name}>
                  <th scope="row">{PROCESSES[following.name] ?? inWords(following.name)}</th>
                  <td data-label="State">
                    <span className={tag}>{words}</span>
                  </td>
                  {cells(following).map((cell, at) => (
                    <td key={figures[at]} data-label={figures[at]} className="number">
                      {cell}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
