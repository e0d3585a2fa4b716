import { setTimeout as sleep } from 'node:timers/promises';
import { StandIn } from './stand-in.js';

const AWAY_MS = 500;

/**
 * The stand-in in a process of its own, until it is told to stop: `node --import ./test/support/typescript.mjs
 * test/support/eventstoredb/serve.ts [port]`. SIGUSR2 kills the server and starts it again; what it stores ends with the process.
 */
const standIn = await StandIn.start({ port: Number(process.argv[2] ?? 2113) });
process.stdout.write(`esdb://${standIn.address}?tls=false\n`);
process.on(
  'SIGUSR2',
  () =>
    void standIn
      .kill()
      .then(() => sleep(AWAY_MS))
      .then(() => standIn.startAgain()),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void standIn.kill().then(() => process.exit(0)));
