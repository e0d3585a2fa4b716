import type { Known } from './faults';
import { kindOf, plain, type Schema, type Typed } from './schema';

interface Standing {
  readonly told: Typed;
  /** The fields of what is there no longer. */
  readonly gone: readonly string[];
}

/**
 * What was typed, without what was chosen and is there no longer: what somebody meant for one hold, alert or proposal is sent of no other
 * that has come into its place.
 */
export function standing({ properties = {} }: Schema, known: Known, typed: Typed): Standing {
  const told: Record<string, string | null> = { ...typed };
  const gone: string[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    const choices = known[name];
    const keyed = `/${name}`;
    const text = typed[keyed] ?? '';
    if (!choices || text === '') continue;
    const chosen = isSeveral(schema) ? text.split('\n') : [text];
    const still = chosen.filter(one => choices.some(({ value }) => value === one));
    if (still.length === chosen.length) continue;
    const [only] = choices;
    if (choices.length === 1 && only?.isGiven) told[keyed] = only.value;
    else {
      told[keyed] = still.join('\n');
      gone.push(keyed);
    }
  }
  return { told, gone };
}

const isSeveral = (schema: Schema): boolean => ['choices', 'picks', 'lines'].includes(kindOf(plain(schema)));
