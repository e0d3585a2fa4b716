import type { AsylumCase } from '../../cases/case.state.js';
import { Series } from '../../event-store/series.js';
import type { PersonalData } from '../../personal-data/personal-data.js';
import { notePlace, textsPlace, type Note } from './case-file.projection.js';
import { joined } from './case-texts.js';

/** A case as its rows keep it. */
export interface StoredCase {
  readonly caseId: string;
  readonly state: string;
  readonly texts: Buffer | null;
  readonly notes?: readonly StoredNote[];
}

/** A note as `NOTE` reads it. */
export interface StoredNote {
  readonly place: number;
  /** Base64. */
  readonly sealed: string | null;
  readonly at: string;
  readonly by: string;
}

/** In SQL, a note of `notes`; and whether it is shown, `$2` being the office of `officeOfWhoseNotes` and `$3` the reader. */
export const NOTE = `json_build_object('place', place, 'sealed', encode(sealed, 'base64'), 'at', noted_at, 'by', author)`;
export const NOTE_IS_SHOWN = '($2::text IS NULL OR own.office = $2 OR author = $3)';

/**
 * The cases as they stand, opened; without their texts where the key was destroyed.
 * @throws KeyMissing, RowSealBroken, DatabaseUnavailable
 */
export async function openCases(personalData: PersonalData, stored: readonly StoredCase[]): Promise<AsylumCase[]> {
  const [texts, notes] = await Promise.all([
    personalData.openRows(stored.map(({ caseId, texts: sealed }) => ({ place: textsPlace(caseId), sealed }))),
    Promise.all(stored.map(({ caseId, notes: sealed = [] }) => openNotes(personalData, caseId, sealed))),
  ]);
  return stored.map(({ state }, index) => joined({ open: state, texts: texts[index] ?? null }, Series.of(notes[index] ?? [])));
}

/** The notes of one case, opened. Throws as `openCases` does. */
export async function openNotes(personalData: PersonalData, caseId: string, stored: readonly StoredNote[]): Promise<Note[]> {
  const texts = await personalData.openRows(
    stored.map(({ place, sealed }) => ({
      place: notePlace(caseId, place),
      sealed: sealed === null ? null : Buffer.from(sealed, 'base64'),
    })),
  );
  return stored.map(({ at, by }, index) => ({ text: texts[index] ?? null, at, by }));
}
