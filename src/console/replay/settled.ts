import { useEffect, useState } from 'react';

const SETTLED_AFTER_MS = 150;

/** A slider that is drawn along asks for where it comes to rest: every reading is put on record. */
export function useSettled(value: number): number {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
