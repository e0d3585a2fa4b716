import { randomBytes, randomUUID } from 'node:crypto';
import { keyIdAtRest, openAtRest, sealAtRest, type RestingPlace } from '../../src/personal-data/at-rest.js';
import { median, times, type Row } from './table.js';

const OF_A_FILE = 20;
const OF_A_PAGE = 200;
const ROUNDS = 500;
const WARM_UP = 100;
const TEXT = 'Called the shelter; they will ring back about the bed on Monday. '.repeat(3);

/** What it takes to open the texts of a case file with some notes and of the fullest page of notes, beside reading them in the clear. */
export function unsealingRow(): Row {
  const key = { keyId: randomUUID(), key: randomBytes(32) };
  const placeOf = (at: number): RestingPlace => ['case-file.notes', 'a case', at];
  const sealed = Array.from({ length: OF_A_PAGE }, (_, at) => sealAtRest(key, placeOf(at), TEXT));
  const clear = sealed.map(() => Buffer.from(TEXT));
  const open = (count: number): void => {
    for (let at = 0; at < count; at++) {
      const bytes = sealed[at] as Buffer;
      if (keyIdAtRest(placeOf(at), bytes) === key.keyId) openAtRest(key, placeOf(at), bytes);
    }
  };
  const [file, page] = [medianOf(() => open(OF_A_FILE)), medianOf(() => open(OF_A_PAGE))];
  const inClear = medianOf(() => clear.forEach(bytes => bytes.toString('utf8')));
  return {
    what: `to open the ${OF_A_FILE} sealed texts of a case file, and the ${OF_A_PAGE} of the fullest page of notes`,
    bar: '< 1 ms a read',
    figure: `${file.toFixed(2)} ms, ${page.toFixed(2)} ms`,
    ratio: `${times(page / inClear)} the page in the clear (${inClear.toFixed(3)} ms)`,
    met: file < 1 && page < 1,
  };
}

/** In milliseconds. */
function medianOf(work: () => void): number {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const begun = performance.now();
    work();
    if (round >= WARM_UP) taken.push(performance.now() - begun);
  }
  return median(taken);
}
