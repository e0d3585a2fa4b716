import type { ReactNode } from 'react';
import { Told } from '../shell/told';
import { valueName } from '../shell/words';

/** How each field of a part of the file is shown: the compiler asks for every one. Null: it stands elsewhere on the page. */
export type Fields<T> = { readonly [K in keyof Required<T>]: ((part: T) => ReactNode) | null };

interface PartProps<T> {
  readonly of: T;
  readonly as: Fields<T>;
}

/** What is known of a part of the file, each field with its name; what is not known is left out. */
export function Part<T extends object>({ of, as }: PartProps<T>): ReactNode {
  return (
    <dl className="facts">
      {Object.entries<Fields<T>[keyof T]>(as).map(([name, show]) => {
        const shown = show?.(of);
        if (shown === null || shown === undefined || shown === '' || shown === false) return null;
        return (
          <div key={name}>
            <dt>{valueName(name)}</dt>
            <dd>{typeof shown === 'string' ? <bdi>{shown}</bdi> : shown}</dd>
          </div>
        );
      })}
    </dl>
  );
}

interface TitledProps<T> {
  readonly title: string;
  readonly of: T | null;
  readonly as: Fields<T>;
}

export const Titled = <T extends object>({ title, of, as }: TitledProps<T>): ReactNode =>
  of && (
    <>
      <h3>{title}</h3>
      <Part of={of} as={as} />
    </>
  );

interface PartsProps<T> {
  readonly title: string;
  readonly of: readonly T[];
  readonly as: Fields<T>;
}

export const Parts = <T extends object>({ title, of, as }: PartsProps<T>): ReactNode =>
  of.length > 0 && (
    <>
      <h3>
        {title} ({of.length})
      </h3>
      <ul className="parts">
        {of.map((part, index) => (
          // What was recorded stays where it stands.
          <li key={index}>
            <Part of={part} as={as} />
          </li>
        ))}
      </ul>
    </>
  );

export const told = (text: string | null | undefined): ReactNode => text && <Told>{text}</Told>;

export const yesOrNo = (is: boolean | null | undefined): string | null => (is === null || is === undefined ? null : is ? 'Yes' : 'No');
