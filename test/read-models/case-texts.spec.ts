import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { noCase, type AsylumCase, type Hold } from '../../src/cases/case.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { foldHistory, recorded } from '../../src/event-store/stream-kind.js';
import { Series } from '../../src/event-store/series.js';
import { joined, parted, sameTexts } from '../../src/read-models/case-file/case-texts.js';

type Sample = Omit<NewEvent, 'personal'> & { readonly personal?: object };
const histories = JSON.parse(readFileSync(new URL('../golden/case-events.json', import.meta.url), 'utf8')) as readonly {
  readonly name: string;
  readonly stream: string;
  readonly events: readonly Sample[];
}[];

/** After each event. */
function statesOf({ stream, events }: (typeof histories)[number], personalOf: (sample: Sample) => object | null): AsylumCase[] {
  const history = events.map((sample, revision) =>
    recorded(caseStream, { ...sample, personal: undefined, stream, revision, position: '' }, personalOf(sample)),
  );
  return history.map((_, revision) => foldHistory(caseStream, history.slice(0, revision + 1)));
}
const withoutNotes = (asylumCase: AsylumCase): unknown => JSON.parse(JSON.stringify({ ...asylumCase, notes: [] }));
/** A correction of version 1 said which sealed fields changed in its sealed part alone. */
const toCompare = (asylumCase?: AsylumCase): unknown => withoutNotes({ ...(asylumCase as AsylumCase), corrections: Series.of([]) });

test.each(histories.map(history => [history.name, history] as const))(
  'a case is the same after it was taken apart, and without its texts as it folds without any key: %s',
  (_, history) => {
    const keyless = statesOf(history, () => null);
    for (const [revision, asylumCase] of statesOf(history, ({ personal }) => personal ?? null).entries()) {
      const { open, texts } = parted(asylumCase);
      const [whole, erased] = [texts, null].map(sealed => joined({ open, texts: sealed }, Series.of([])));
      expect(withoutNotes(whole as AsylumCase)).toEqual(withoutNotes(asylumCase));
      expect(toCompare(erased)).toEqual(toCompare(keyless[revision]));
    }
  },
);

test.each(histories.map(history => [history.name, history] as const))(
  'whoever has the same texts has the same sealed: %s',
  (_, history) => {
    const states = statesOf(history, ({ personal }) => personal ?? null);
    for (const [before, after] of states.slice(1).map((state, index) => [states[index] as AsylumCase, state] as const))
      if (sameTexts(before, after)) expect(parted(after).texts).toBe(parted(before).texts);
  },
);

test('a hold without a note touches no text; one with a note, and any beside it, does', () => {
  const held = (...notes: (string | null)[]): AsylumCase => ({
    ...noCase,
    holds: Series.of(notes.map(note => ({ kind: 'other', note }) as Hold)),
  });
  expect(sameTexts(held(), held(null))).toBe(true);
  expect(sameTexts(held(null), held(null, null))).toBe(true);
  expect(sameTexts(held(null), held(null, 'until a doctor has looked'))).toBe(false);
  expect(sameTexts(held('until a doctor has looked'), held('until a doctor has looked', null))).toBe(false);
});

test('what is taken apart has no text left in the open', () => {
  for (const history of histories) {
    const open = statesOf(history, ({ personal }) => personal ?? null)
      .map(state => parted(state).open)
      .join('\n');
    for (const text of history.events.flatMap(({ personal }) => textsIn(personal))) expect(open).not.toContain(JSON.stringify(text));
  }
});

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};
