import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '@swc/core';

const settings = readFileSync('.swcrc', 'utf8');

/** Where the compiled code of a source is kept, and beside it its map: without their endings. */
export const codeAt = (cache, path, source) =>
  join(cache, `native-${createHash('sha256').update(`${version}\n${settings}\n${path}\n${source}`).digest('hex').slice(0, 32)}`);
