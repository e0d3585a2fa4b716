import { sealAtRest, type RestingPlace } from '../../personal-data/at-rest.js';
import type { Change } from '../../projecting/projection.js';

/** What a row keeps sealed; nothing where the key is destroyed: it would not open again. */
export const sealed = (key: Change['key'], place: RestingPlace, text: string | null): Buffer | null =>
  text === null || key === null ? null : sealAtRest(key, place, text);
