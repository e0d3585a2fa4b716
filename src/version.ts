import { readFileSync } from 'node:fs';
import { ROOT } from './root.js';

/** The version of the package. */
export const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { readonly version: string };
