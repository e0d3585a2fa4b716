import {
  countryName,
  dayOrInstant,
  durationInWords,
  fieldName,
  inText,
  languageName,
  precisely,
  valueName,
  weekInWords,
} from '../shell/words';

export interface Leaf {
  readonly path: string;
  readonly value: string | null;
  /** What stands there in the document that it is compared with; null where nothing does. */
  readonly was: string | null;
}

type Leaves = ReadonlyMap<string, string>;

/** Every value of a document by where it stands in it, in words; what is empty is left out. */
export function leavesOf(document: unknown): Leaves {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: readonly string[], field: string): void => {
    if (value === null || value === undefined || value === '') return;
    if (Array.isArray(value)) value.forEach((part, index) => walk(part, [...path, String(index + 1)], field));
    else if (typeof value === 'object') for (const [name, part] of Object.entries(value)) walk(part, [...path, valueName(name)], name);
    else leaves.set(path.join(' › '), typeof value === 'string' ? valueInWords(field, value) : plainly(value));
  };
  walk(document, [], '');
  return leaves;
}

const plainly = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));

/** Fields whose values are codes of the service, and how each is said: what somebody wrote, or is called, stays as it is. */
const CODED: Readonly<Record<string, (value: string) => string>> = {
  ...Object.fromEntries(
    (
      'accompaniedBy additionalExceptionGrounds basis categories cause codes documents failedChecks ground heldAt kind manner outcome ' +
      'programme protection reasonCode relationshipCode reply scope sourceCode standing status'
    )
      .split(' ')
      // In some fields of these names people write.
      .map(field => [field, (value: string) => (CODE.test(value) ? inText(value) : value)] as const),
  ),
  ...Object.fromEntries(['country', 'habitualResidence', 'nationalities', 'toCountry'].map(field => [field, countryName] as const)),
  command: inText,
  event: inText,
  fields: fieldName,
  language: languageName,
  languages: languageName,
  placeWeek: weekInWords,
};

const CODE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function valueInWords(field: string, value: string): string {
  const said = Object.hasOwn(CODED, field) ? CODED[field] : undefined;
  if (said) return said(value);
  if (INSTANT.test(value)) return value.endsWith(':00Z') ? dayOrInstant(value) : precisely(value);
  return durationInWords(value);
}

/** All that stands in either, in the order of the later one, what is gone at the end. */
export const compared = (before: Leaves, after: Leaves): Leaf[] => [
  ...[...after].map(([path, value]) => ({ path, value, was: before.get(path) ?? null })),
  ...[...before].filter(([path]) => !after.has(path)).map(([path, was]) => ({ path, value: null, was })),
];

export const isChanged = ({ value, was }: Leaf): boolean => value !== was;
