import { inWords } from '../shell/words';

export interface Leaf {
  readonly path: string;
  readonly value: string | null;
  /** What stood there before; null where nothing did. */
  readonly was: string | null;
}

type Leaves = ReadonlyMap<string, string>;

/** Every value of a document by where it stands in it, in words; what is empty is left out. */
export function leavesOf(document: unknown): Leaves {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (value === null || value === undefined || value === '') return;
    if (Array.isArray(value)) value.forEach((part, index) => walk(part, [...path, String(index + 1)]));
    else if (typeof value === 'object') for (const [name, part] of Object.entries(value)) walk(part, [...path, inWords(name)]);
    else leaves.set(path.join(' › '), typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
  };
  walk(document, []);
  return leaves;
}

/** All that stands in either, in the order of the later one, what is gone at the end. */
export const compared = (before: Leaves, after: Leaves): Leaf[] => [
  ...[...after].map(([path, value]) => ({ path, value, was: before.get(path) ?? null })),
  ...[...before].filter(([path]) => !after.has(path)).map(([path, was]) => ({ path, value: null, was })),
];

export const isChanged = ({ value, was }: Leaf): boolean => value !== was;
