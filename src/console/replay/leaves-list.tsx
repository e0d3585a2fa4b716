import type { ReactNode } from 'react';
import { isChanged, type Leaf } from './leaves';

interface Props {
  readonly leaves: readonly Leaf[];
  /** How a value is marked that stands here alone, there alone, or otherwise in both. */
  readonly marks: { readonly here: string; readonly there: string; readonly otherwise: string };
  /** Of which document `was` tells. */
  readonly there: string;
}

/** A state field by field, with what is not as in the other state marked and put first. */
export const LeavesList = ({ leaves, marks, there }: Props): ReactNode => (
  <dl className="leaves">
    {[...leaves.filter(isChanged), ...leaves.filter(leaf => !isChanged(leaf))].map(leaf => (
      <div key={leaf.path} className={isChanged(leaf) ? 'changed' : undefined}>
        <dt>{leaf.path}</dt>
        <dd dir="auto">
          {isChanged(leaf) && (
            <span className="tag tag--hold">{leaf.was === null ? marks.here : leaf.value === null ? marks.there : marks.otherwise}</span>
          )}
          {leaf.value}
          {isChanged(leaf) && leaf.was !== null && (
            <span className="was">
              {there}: {leaf.was}
            </span>
          )}
        </dd>
      </div>
    ))}
  </dl>
);
