import { randomBytes, randomUUID } from 'node:crypto';
import { noCase, type AsylumCase } from '../../src/cases/case.state.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { Queryable } from '../../src/database/database.js';
import { Series } from '../../src/event-store/series.js';
import { PersonalData } from '../../src/personal-data/personal-data.js';
import type { Change } from '../../src/projecting/projection.js';
import { openNotes, writeNotes, type StoredNotes } from '../../src/read-models/case-file/case-notes.js';
import { medianOf, times, type Row } from './table.js';

const OF_A_FILE = 20;
const OF_A_PAGE = 200;
const ROUNDS = 500;
const WARM_UP = 100;
const TEXT = 'Called the shelter; they will ring back about the bed on Monday. '.repeat(3);
const KEY = { keyId: randomUUID(), key: randomBytes(32) };
const CASE = randomUUID();

/** What it takes to open the notes of a case file with some of them and the fullest page of notes, beside reading them in the clear. */
export async function unsealingRow(): Promise<Row> {
  const personalData = new PersonalData({ get: async () => new Map([[KEY.keyId, KEY.key]]), kept: async () => KEY.key });
  const [some, most] = [await written(OF_A_FILE), await written(OF_A_PAGE)];
  const file = await medianOf(ROUNDS, () => openNotes(personalData, CASE, some), WARM_UP);
  const page = await medianOf(ROUNDS, () => openNotes(personalData, CASE, most), WARM_UP);
  const clear = most.rows.map(() => Buffer.from(TEXT).toString('base64'));
  const inClear = await medianOf(ROUNDS, async () => clear.map(text => Buffer.from(text, 'base64').toString('utf8')), WARM_UP);
  return {
    what: `to open the ${OF_A_FILE} sealed notes of a case file, and the ${OF_A_PAGE} of the fullest page of notes`,
    bar: '< 1 ms a read',
    figure: `${file.toFixed(2)} ms, ${page.toFixed(2)} ms`,
    ratio: `${times(page / inClear)} the page in the clear (${inClear.toFixed(3)} ms)`,
    met: file < 1 && page < 1,
  };
}

/** So many notes of a case, as the read model writes them and reads them again. */
async function written(count: number): Promise<StoredNotes> {
  const notes = Series.of(Array.from({ length: count }, () => ({ text: TEXT, at: '2020-01-13T15:00:00Z', by: 'cw-ana' })));
  const event = { type: 'NoteAdded', stream: `case-${CASE}` };
  const change = { event, position: '', before: noCase, after: { ...noCase, notes }, key: KEY } as unknown as Change<AsylumCase, CaseEvent>;
  const texts: Record<string, string> = {};
  const query = async (_: string, [, , , , , groups = [], sealed = []]: readonly unknown[]) => {
    (groups as number[]).forEach((group, at) => (texts[group] = (sealed as Buffer[])[at]?.toString('base64') ?? ''));
  };
  await writeNotes([change], { query } as unknown as Queryable);
  return { rows: [...notes].map(({ at, by }, place) => ({ place, at, by })), texts };
}
