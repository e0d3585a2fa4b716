import type { Problem } from '../api/client';
import { inWords } from '../shell/words';
import { nameIn } from './named';
import { keysOf, kindOf, linesOf, plain, type Schema, type Typed } from './schema';

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Given by the page, such as the revision that is seen, or chosen before the form was opened: there is nothing else to mean. */
  readonly isGiven?: true;
}

/** What is known for the fields of a name. */
export type Known = Readonly<Record<string, readonly Choice[]>>;

interface Home {
  readonly keyed: string;
  readonly element?: string;
}

/** What the service refused, where it is to stand: beside fields, by their keys, and what no field is for. */
export interface Faults {
  readonly beside: ReadonlyMap<string, string>;
  readonly onTop: readonly { readonly code: string; readonly message: string }[];
}

/** @param sent what was typed when it was sent, which is what pointers are about */
export function faultsIn(errors: Problem['errors'], schema: Schema, sent: Typed, known: Known): Faults {
  const beside = new Map<string, string>();
  const onTop: { code: string; message: string }[] = [];
  for (const { pointer, code, message } of errors) {
    const home = pointer === undefined ? undefined : homeOf(schema, sent, pointer);
    if (home) {
      const said = home.element === undefined ? message : `\u201C${labelOf(home, known)}\u201D ${message}`;
      beside.set(home.keyed, [beside.get(home.keyed), said].filter(Boolean).join('; '));
    } else onTop.push({ code, message: pointer ? `${inWords(pointer.slice(1).replaceAll('/', ' '))}: ${message}` : message });
  }
  return { beside, onTop };
}

function labelOf({ keyed, element = '' }: Home, known: Known): string {
  const choices = known[keyed.split('/').at(-1) ?? ''];
  return choices?.find(({ value }) => value === element)?.label ?? element;
}

/** The field of a pointer, and the element of its list; undefined where the form has none. */
function homeOf(given: Schema, sent: Typed, pointer: string): Home | undefined {
  let schema = plain(given);
  let keyed = '';
  for (const step of pointer.split('/').slice(1)) {
    const kind = kindOf(schema);
    const text = sent[keyed] ?? '';
    if (kind === 'lines' || kind === 'choices' || kind === 'picks') {
      const element = linesOf(text)[Number(step)];
      return element === undefined ? undefined : { keyed, element: nameIn(plain(schema.items ?? {}), element) };
    }
    const [key, part] = kind === 'objects' ? [keysOf(text)[Number(step)], schema.items] : [step, schema.properties?.[step]];
    if (key === undefined || !part) return undefined;
    schema = plain(part);
    keyed += `/${key}`;
  }
  return keyed === '' ? undefined : { keyed };
}
