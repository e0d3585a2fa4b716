import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Served {
  /** What `EVENT_STORE_URL` is set to. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The stand-in in a process of its own. @throws Error with its last words when it does not start */
export async function serveStandIn(scheme: 'esdb' | 'kurrentdb' = 'esdb'): Promise<Served> {
  const child = spawn(process.execPath, ['--import', './test/support/typescript.mjs', './test/support/eventstoredb/serve.ts', '0'], {
    env: { ...process.env, STAND_IN_SPEAKS: scheme },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const said = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data') as Promise<[string]>, ended.then(() => undefined)]);
  if (!said) throw new Error(`the stand-in did not start: ${errors}`);
  return {
    url: said[0].trim().replace(/^\w+/, scheme),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
