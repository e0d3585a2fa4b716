import { Suspense, useRef, useState, type ReactNode } from 'react';
import { FormHeading } from '../shell/heading';
import { later } from '../shell/later';
import { Loading } from '../shell/states';
import type { FormProps } from './form-of';
import type { Receipt } from './send';

const FormOf = later(() => import('./form-of'));

export interface Opened extends Omit<FormProps, 'leave' | 'done'> {
  readonly title: string;
  /** Of its heading; the third, unless told. */
  readonly level?: 'h2';
  /** Another form has another one. */
  readonly id: string;
  /** What is said before anything is typed. */
  readonly before?: ReactNode;
}

const LEFT = 'It was already sent when you left it: look whether it was stored before you do it again.';

interface Props {
  readonly label: string;
  readonly opened: Opened | null;
  /** With what was answered, where it was sent. */
  readonly end: (receipt?: Receipt) => void;
  readonly children: ReactNode;
}

/** The form that was opened or, in its place, what may be opened. */
export function FormOrChoices({ label, opened, end, children }: Props): ReactNode {
  const [said, setSaid] = useState('');
  const place = useRef<HTMLDivElement>(null);
  // Whoever stood in the form would be thrown to the start of the page.
  const close = (text: string, receipt?: Receipt) => {
    setSaid(text);
    end(receipt);
    place.current?.focus();
  };
  return (
    <div className="actions" role="group" aria-label={label} tabIndex={-1} ref={place}>
      <p role="status" className="said">
        {opened === null && said}
      </p>
      {opened === null ? (
        children
      ) : (
        <Suspense fallback={<Loading what="the form" />}>
          <FormHeading key={opened.id} level={opened.level ?? 'h3'}>
            {opened.title}
          </FormHeading>
          {opened.before}
          <FormOf
            key={`${opened.id} ${opened.to.path}`}
            to={opened.to}
            seen={opened.seen}
            known={opened.known}
            begins={opened.begins}
            leave={isUnderWay => close(isUnderWay ? LEFT : '')}
            done={close}
          />
        </Suspense>
      )}
    </div>
  );
}
