import { leafOfText, type Proved } from '../log/leaf.js';
import { DossierWrong } from './dossier-wrong.js';
import { parsed } from './pieces.js';

/** One event of a dossier. */
export interface DossierEvent extends Omit<Proved, 'personal'> {
  /** As it is sealed, base64url; null where there is nothing. */
  readonly personal: string | null;
  /** Which leaf of the tree it is, and that leaf's hash in base64. */
  readonly place: number;
  readonly leaf: string;
}

/** An event as it is written in a dossier. @throws DossierWrong where it is none; whether it is what the log has, `leafIn` tells */
export function eventIn(text: string, revision: number): DossierEvent {
  const value = parsed(text);
  if (!isEvent(value)) throw new DossierWrong(`revision ${revision} is no event`);
  return value;
}

/**
 * The leaf of an event: over its very text without `leaf` and `place`, so that a text which the log has is in its RFC 8785 form.
 * @returns undefined where it is not the one that the event names
 */
export function leafIn(text: string, { leaf, place }: DossierEvent): Buffer | undefined {
  // The first is found as no leaf can be over its own hash, the last as nothing but texts and numbers follows it.
  const [beforeLeaf, beforePlace] = [text.indexOf(`,"leaf":"${leaf}","metadata":`), text.lastIndexOf(`,"place":${place},"revision":`)];
  if (beforeLeaf < 0 || beforePlace < beforeLeaf) return undefined;
  const proved =
    text.slice(0, beforeLeaf) +
    text.slice(beforeLeaf + ',"leaf":""'.length + leaf.length, beforePlace) +
    text.slice(beforePlace + ',"place":'.length + String(place).length);
  return leafOfText(proved) === leaf ? Buffer.from(leaf, 'base64') : undefined;
}

const OF_EVENT: Readonly<Record<keyof DossierEvent, (value: unknown) => boolean>> = {
  data: isObject,
  id: isText,
  leaf: isText,
  metadata: isObject,
  personal: value => value === null || isText(value),
  place: Number.isSafeInteger,
  revision: Number.isSafeInteger,
  schemaVersion: Number.isSafeInteger,
  stream: isText,
  type: isText,
};
const FITS = Object.entries(OF_EVENT);

/** With all its members and no other: what is not proved must not be there, as somebody would believe it. */
const isEvent = (value: unknown): value is DossierEvent =>
  isObject(value) && Object.keys(value).length === FITS.length && FITS.every(([name, fits]) => fits(value[name]));

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}
