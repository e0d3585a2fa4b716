import { hash } from 'node:crypto';
import { canonicalJson } from '../../event-store/canonical-json.js';
import type { StoredEvent } from '../../event-store/event-store.js';

/** What of an event is proved: all that is stored of it, but for the position, which each store gives anew. */
export type Proved = Omit<StoredEvent, 'position'>;

/**
 * The leaf of an event: over its RFC 8785 form, with what is personal as it is sealed, so that it stays valid when the key is destroyed.
 * @throws NotCanonical
 */
export const leafOf = ({ stream, revision, id, type, schemaVersion, data, personal, metadata }: Proved): Buffer =>
  Buffer.from(
    leafOfText(canonicalJson({ stream, revision, id, type, schemaVersion, data, personal: personal ?? null, metadata })),
    'base64',
  );

/** The same of an event that is in that form already, in base64: as `leafHash`, without a copy of its bytes. */
export const leafOfText = (text: string): string => hash('sha256', `\0${text}`, 'base64');
