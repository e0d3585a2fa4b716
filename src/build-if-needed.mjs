import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock, waitForLock } from 'fs-native-extensions';

/*
 * Builds what was not built, or not since a source changed. One at a time: `npm start` and `npm run cli` in two terminals of a fresh
 * checkout would take each other's files away.
 */

const SOURCES = ['src', 'package.json', 'tsconfig.json', 'nest-cli.json', '.swcrc'];
/** What the build makes last. */
const LAST = 'dist/console/index.html';

const lock = openSync('node_modules/.build.lock', 'a+');
if (!tryLock(lock)) {
  process.stderr.write('It is being built already: waiting for that.\n');
  await waitForLock(lock);
}
if (isNeeded()) process.exitCode = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }).status ?? 1;

function isNeeded() {
  if (!existsSync(LAST)) return true;
  const builtAt = statSync(LAST).mtimeMs;
  return SOURCES.flatMap(filesOf).some(file => statSync(file).mtimeMs > builtAt);
}

function filesOf(source) {
  if (!statSync(source).isDirectory()) return [source];
  return [source, ...readdirSync(source, { recursive: true }).map(name => join(source, name))];
}
