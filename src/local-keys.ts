import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from './config-error.js';

/* What is kept privately under DATA_DIR by a service that was given no keys: for development only. */

/** The 32 bytes of `<name>.key` under DATA_DIR, made when first asked for. @throws ConfigError when DATA_DIR cannot be used */
export function localKey(dataDir: string, name: string): Buffer {
  const key = readKey(madeOnce(dataDir, `${name}.key`, () => `${randomBytes(32).toString('base64')}\n`));
  if (!key) throw new ConfigError([`DATA_DIR: ${name}.key in ${dataDir} is damaged; it should hold 32 bytes as base64 or hex`]);
  return key;
}

/** The same where there is one. @throws ConfigError */
export const localKeyIfThere = (dataDir: string, name: string): Buffer | undefined =>
  existsSync(join(dataDir, `${name}.key`)) ? localKey(dataDir, name) : undefined;

/**
 * The content of a private file under DATA_DIR, made by the first who asks; of several at once one wins.
 * @throws ConfigError when DATA_DIR cannot be used
 */
export function madeOnce(dataDir: string, name: string, make: () => string): string {
  const path = join(dataDir, name);
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    makeFolder(dataDir);
    writeFileSync(draft, make(), { mode: 0o600, flag: 'wx', flush: true });
    try {
      // A link, unlike a rename, never replaces what another process made meanwhile.
      linkSync(draft, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`DATA_DIR: ${dataDir} cannot be used for local keys (${codeOf(error)})`], { cause: error });
  }
}

/** 32 bytes as base64 or hex; undefined where it is neither. */
export function readKey(text: string): Buffer | undefined {
  const key = text.trim();
  if (/^[0-9a-f]{64}$/i.test(key)) return Buffer.from(key, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(key)) return undefined;
  return Buffer.from(key, 'base64');
}

/** Not `recursive`: that never returns under /proc and the like. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}

/** Of a system call that failed, such as `ENOENT`. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';
