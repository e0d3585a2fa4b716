import { afterAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Children, postgresOf } from '../support/child-service.js';

const children = new Children();
afterAll(() => children.end());

/** What a start that must not succeed says last, and its exit code. */
function refused(dataDir: string, env: Readonly<Record<string, string>>): Promise<{ readonly code: number | null; readonly said: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['dist/main.js'], { env: { PATH, HOME, DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text; });
  return new Promise(resolve => { child.once('close', code => resolve({ code, said: said.trim() })); });
}

it('a start that is refused leaves no PostgreSQL running', async () => {
  const dataDir = children.folder();
  const taken = createServer();
  await new Promise<void>(resolve => { taken.listen(0, '127.0.0.1', () => resolve()); });
  const { port } = taken.address() as AddressInfo;
  for (const [env, reason] of [
    [{ PORT: '0', EVENT_STORE_URL: 'esdb://127.0.0.1:1?tls=false' }, 'EVENT_STORE_URL leads to no server that answers, or to one whose certificate cannot be verified'],
    [{ PORT: String(port) }, `PORT ${port} on HOST 127.0.0.1 is in use`],
  ] as const) {
    expect(await refused(dataDir, env)).toEqual({ code: 1, said: reason });
    expect(postgresOf(dataDir)).toBeUndefined();
    // It did run.
    expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
  }
  await new Promise(resolve => { taken.close(resolve); });
});
