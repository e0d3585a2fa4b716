import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';

// A process that uses the embedded server until its standard input ends: `use-embedded-postgres.ts <DATA_DIR>`.
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
try {
  const server = await EmbeddedPostgres.open(process.argv[2]!);
  say({ pid: server.pid, startedHere: server.startedHere, ownerUrl: server.ownerUrl });
  process.stdin.resume().on('end', () => void server.close().then(() => process.exit(0)));
} catch (error) {
  say({ error: (error as Error).name, message: (error as Error).message });
  process.exit(1);
}
