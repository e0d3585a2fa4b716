import { useEffect, useRef, type ReactNode } from 'react';

function useTakenTo(preventScroll: boolean) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll }), [preventScroll]);
  return heading;
}

/** The heading of a page: a reader of screens is taken to it when the page changes. */
export function Heading({ children }: { readonly children: ReactNode }): ReactNode {
  const heading = useTakenTo(true);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** The heading of a form that was opened: whoever works with the keyboard goes on there. */
export function FormHeading({ level: Level, children }: { readonly level: 'h2' | 'h3'; readonly children: ReactNode }): ReactNode {
  const heading = useTakenTo(false);
  return (
    <Level ref={heading} tabIndex={-1}>
      {children}
    </Level>
  );
}
