import { lazy, type ComponentType, type LazyExoticComponent, type ReactNode } from 'react';
import { Failed } from './states';

const parts: (() => Promise<unknown>)[] = [];
let isTime = false;

/** A part of the console that the first load does without. */
export function later<P extends object>(
  load: () => Promise<{ readonly default: ComponentType<P> }>,
): LazyExoticComponent<ComponentType<P>> {
  const orSaySo = () => load().catch(() => ({ default: Missing }));
  if (isTime) void orSaySo();
  else parts.push(orSaySo);
  return lazy(orSaySo);
}

/** A browser asks once for each part, and never again where nobody answered: they are here before the service can be away. */
export function loadParts(): void {
  isTime = true;
  for (const load of parts.splice(0)) void load();
}

const Missing = (): ReactNode => (
  <Failed
    error={new Error('This part of the console did not arrive. Load the page anew, and sign in again.')}
    again={() => location.reload()}
  />
);
