import { noCase, type AsylumCase } from '../../cases/case.state.js';
import { Series } from '../../event-store/series.js';

/** Which parts of a value are texts: all of it, some of its fields, or some of each element. */
type Texts<T> = true | (T extends Series<infer E> | readonly (infer E)[] ? readonly [Texts<E>] : { readonly [K in keyof T]?: Texts<T[K]> });
type TextsOf<T> = Texts<NonNullable<T>>;

/** What of a case is kept sealed: all that folds from the sealed part of events. Notes, which have rows of their own, are sealed there. */
const TEXTS: { readonly [Field in keyof Omit<AsylumCase, 'notes'>]?: TextsOf<AsylumCase[Field]> } = {
  applicant: true,
  formerly: true,
  numbersSince: true,
  representative: { name: true, contact: true },
  claim: { statement: true },
  screening: { fearInquiry: { account: true }, exceptions: [{ evidence: true }], determination: { reasons: true } },
  earlierExceptions: [{ evidence: true }],
  fears: { SV: { accounts: [{ account: true }] }, GT: { accounts: [{ account: true }] }, HN: { accounts: [{ account: true }] } },
  holds: [{ note: true }],
  vulnerabilities: [{ detail: true }],
  evidence: [{ description: true }],
  attachments: [{ name: true, location: true }],
  remarks: true,
  withdrawal: { statement: true },
  protectionAlerts: [{ answer: true }],
  legalHold: { reference: true },
};
const FIELDS = [...(Object.keys(noCase) as (keyof AsylumCase)[]), 'facts' as const].filter(field => field !== 'notes');
const SEALED = Object.keys(TEXTS) as (keyof typeof TEXTS)[];

/** The two parts of a case, as JSON. */
export interface Parted {
  /** As it folds without any key. */
  readonly open: string;
  /** Null where there are none. */
  readonly texts: string | null;
}

/** Whether nothing has touched a field in which either of the two has texts: one that nothing touched is the very same. */
export const sameTexts = (one: AsylumCase, other: AsylumCase): boolean =>
  SEALED.every(field => one[field] === other[field] || (!hasTexts(field, one) && !hasTexts(field, other)));

const hasTexts = (field: keyof typeof TEXTS, asylumCase: AsylumCase): boolean => partedBy(TEXTS[field], asylumCase[field])[1] !== undefined;

/** The case without its notes, of which what differs from a case before its opening. */
export function parted(asylumCase: AsylumCase): Parted {
  const open: Record<string, unknown> = {};
  const texts: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (asylumCase[field] === noCase[field]) continue;
    const [shown, sealed] = partedBy(TEXTS[field], asylumCase[field]);
    if (shown !== undefined) open[field] = shown;
    if (sealed !== undefined) texts[field] = sealed;
  }
  return { open: JSON.stringify(open), texts: Object.keys(texts).length === 0 ? null : JSON.stringify(texts) };
}

/** What stays in the open, and the texts in the shape in which they stood; undefined where there is nothing. */
function partedBy(texts: unknown, value: unknown): [open: unknown, texts: unknown] {
  if (texts === undefined || value === null || value === undefined) return [value, undefined];
  if (texts === true) return [undefined, value];
  if (Array.isArray(texts)) {
    const elements = [...(value as Iterable<unknown>)].map(element => partedBy(texts[0], element));
    const sealed = elements.map(([, text]) => text ?? null);
    return [elements.map(([open]) => open), sealed.some(text => text !== null) ? sealed : undefined];
  }
  const open: Record<string, unknown> = { ...value };
  const sealed: Record<string, unknown> = {};
  for (const [name, of] of Object.entries(texts as object)) {
    if (!(name in open)) continue;
    const [shown, text] = partedBy(of, open[name]);
    open[name] = shown ?? null;
    if (text !== undefined) sealed[name] = text;
  }
  return [open, Object.keys(sealed).length === 0 ? undefined : sealed];
}

/** What `parted` took apart, with these notes; without its texts as it folds without any key. */
export function joined({ open, texts }: Parted, notes: AsylumCase['notes']): AsylumCase {
  const stored = (texts === null ? JSON.parse(open) : withTexts(JSON.parse(open), JSON.parse(texts))) as Partial<AsylumCase>;
  const lists = FIELDS.flatMap(field => (noCase[field] instanceof Series && stored[field] ? [[field, seriesOf(stored[field])]] : []));
  const fears = Object.entries(stored.fears ?? {}).map(([country, fear]) => [country, { ...fear, accounts: seriesOf(fear.accounts) }]);
  return { ...noCase, ...stored, ...Object.fromEntries(lists), fears: Object.fromEntries(fears), notes };
}

/** JSON has a list for a series. */
const seriesOf = (list: unknown): Series<unknown> => Series.of(list as Iterable<unknown>);

function withTexts(open: unknown, texts: unknown): unknown {
  if (texts === null || texts === undefined) return open;
  if (typeof open !== 'object' || open === null) return texts;
  const whole = open as Record<string, unknown>;
  for (const [name, text] of Object.entries(texts)) whole[name] = withTexts(whole[name], text);
  return whole;
}
