import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Config } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';

type Walk = (walker: { url: string; caseworker: string; caseworkerId: string; supervisor: string }) => Promise<object>;

const CLIENT = join(process.cwd(), 'test/strict-client/walk.ts');
const STRICTLY = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--module', 'NodeNext', '--target', 'ES2023', '--lib', 'ES2023,DOM', '--types', ''];
const run = promisify(execFile);

let caseledger: Caseledger;
beforeAll(async () => {
  caseledger = await startCaseledger();
  await World.in(caseledger);
});
afterAll(() => caseledger.stop());

/** What the compiler says of the client, with the types that are made of the document. */
async function compiled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'strict-client-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${caseledger.url}/openapi.json`)).text());
    const client = join(folder, 'walk.ts');
    copyFileSync(CLIENT, client);
    await run(process.execPath, ['node_modules/openapi-typescript/bin/cli.js', join(folder, 'openapi.json'), '--output', join(folder, 'api.d.ts')]);
    return await run(process.execPath, [join(process.cwd(), 'node_modules/typescript-native/bin/tsc'), ...STRICTLY, client], { cwd: folder })
      .then(({ stdout }) => stdout, ({ stdout }: { stdout: string }) => stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a client that is generated from the document compiles without a cast', async () => {
  expect(await compiled()).toBe('');
});

test('and walks from the opening of a case to its confirmed determination', async () => {
  const config = caseledger.app.get(Config);
  const token = (sub: string, role: 'caseworker' | 'supervisor') => issueLocalToken(config, { sub, roles: [role], office: 'ELP' });
  // By its path alone: the types that it imports are made by the test before.
  const { walk } = await import(CLIENT) as { walk: Walk };
  const walker = { url: caseledger.url, caseworker: await token('cw-strict', 'caseworker'), caseworkerId: 'cw-strict', supervisor: await token('sup-strict', 'supervisor') };
  expect(await walk(walker)).toEqual({ status: 'amenable', confirmedBy: 'sup-strict', minor: false });
});
