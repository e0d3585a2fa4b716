import type { IncomingHttpHeaders } from 'node:http';

/** The seconds that `Prefer: wait=…` allows an answer to take (RFC 7240); undefined where it says nothing that counts. */
export function waitPreferred({ prefer }: IncomingHttpHeaders): number | undefined {
  const preferences = [prefer ?? []].flat().join(',').slice(0, 1_000).split(/[,;]/);
  const [, seconds] = preferences.map(preference => /^\s*wait\s*=\s*"?(\d{1,6})"?\s*$/i.exec(preference)).find(Boolean) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
