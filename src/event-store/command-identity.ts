import { createHmac, hash } from 'node:crypto';
import { parse } from 'uuid';
import { canonicalJson } from './canonical-json.js';
import type { Actor } from './event-store.js';

/** Namespaces of the ids made here: never to be changed, or a repeat would no longer be seen as one. */
const EVENTS = parse('c372ec41-d444-4b0e-bfa5-55c0da79e48a');
const PROCESS_COMMANDS = parse('84e8f8ec-0707-4e19-86a1-774cb60d191c');

/** What was asked, by whom. Two sends of one command have the same; one changed field makes another. */
export interface Asked {
  readonly route: string;
  readonly actor: Actor;
  readonly body: unknown;
}

/**
 * A hash of the RFC 8785 form of what was asked, base64url.
 * @param key the stream's data key where the body has a personal field: a plain hash of a name and a birth date could be guessed
 */
export function commandHash({ route, actor, body }: Asked, key?: Buffer): string {
  // Roles are a set: an issuer may list them in another order in the next token. What a command does not name is as if absent.
  const sent: unknown = JSON.parse(JSON.stringify({ route, actor: { ...actor, roles: [...actor.roles].sort() }, body }));
  const asked = canonicalJson(sent);
  return key ? createHmac('sha256', key).update(asked, 'utf8').digest('base64url') : hash('sha256', asked, 'base64url');
}

/** The same for the same command, so that an append sent twice is known to the store. @param index place among the command's events */
export function eventId({
  stream,
  commandId,
  commandHash,
  index,
}: {
  readonly stream: string;
  readonly commandId: string;
  readonly commandHash: string;
  readonly index: number;
}): string {
  return uuidV5(JSON.stringify([stream, commandId, commandHash, index]), EVENTS);
}

/** The id of the command by which a process answers an event: a process that acts twice asks for the same thing. */
export function processCommandId(triggerEventId: string, process: string, step: string, targetStream: string): string {
  return uuidV5(JSON.stringify([triggerEventId, process, step, targetStream]), PROCESS_COMMANDS);
}

/** UUIDv5 (RFC 9562) of the name's UTF-8 bytes. @throws TypeError where the namespace is not a UUID */
export function uuidV5(name: string, namespace: string | Uint8Array): string {
  // With the package it takes twice as long: a hash object each time, and a namespace parsed twice.
  const hashed = hash(
    'sha1',
    Buffer.concat([typeof namespace === 'string' ? parse(namespace) : namespace, Buffer.from(name, 'utf8')]),
    'buffer',
  );
  hashed[6] = ((hashed[6] ?? 0) & 0x0f) | 0x50;
  hashed[8] = ((hashed[8] ?? 0) & 0x3f) | 0x80;
  const digits = hashed.toString('hex', 0, 16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}
