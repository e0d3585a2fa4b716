import type { AsylumCase } from '../../cases/case.state.js';
import { Series } from '../../event-store/series.js';
import type { PersonalData } from '../../personal-data/personal-data.js';
import { textsPlace } from './case-file.projection.js';
import { NO_NOTES, openNotes, type StoredNotes } from './case-notes.js';
import { joined } from './case-texts.js';

/** A case as its rows keep it. */
export interface StoredCase {
  readonly caseId: string;
  readonly state: string;
  readonly texts: Buffer | null;
  readonly notes?: StoredNotes;
}

/**
 * The cases as they stand, opened; without their texts where the key was destroyed.
 * @throws KeyMissing, RowSealBroken, DatabaseUnavailable
 */
export async function openCases(personalData: PersonalData, stored: readonly StoredCase[]): Promise<AsylumCase[]> {
  const [texts, notes] = await Promise.all([
    personalData.openRows(stored.map(({ caseId, texts: sealed }) => ({ place: textsPlace(caseId), sealed }))),
    Promise.all(stored.map(({ caseId, notes: sealed = NO_NOTES }) => openNotes(personalData, caseId, sealed))),
  ]);
  return stored.map(({ state }, index) => joined({ open: state, texts: texts[index] ?? null }, Series.of(notes[index] ?? [])));
}
