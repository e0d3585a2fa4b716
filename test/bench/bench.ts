import { measureAppending } from './appending.js';
import { measureCatchingUp } from './catching-up.js';
import { measureCommands, measureOpeningOver } from './commands.js';
import { eventStoreDbRows } from './over-eventstoredb.js';
import { measureFinding } from './finding.js';
import { measureGrowth } from './growth.js';
import { longCaseRow } from './long-case.js';
import { measureLogging } from './logging.js';
import { measureRecording } from './recording.js';
import { measureReplaying } from './replaying.js';
import { Resources } from './resources.js';
import { measureStart } from './starting.js';
import { measureSuspending } from './suspending.js';
import { tableOf, type Row, type Say } from './table.js';
import { unsealingRow } from './unsealing.js';

const SUSPENDED = Number(process.env['BENCH_SUSPENDED'] ?? 30_000);
const ENTRIES = Number(process.env['BENCH_ENTRIES'] ?? 1_000_000);
const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 100_000);
const SIZES = (process.env['BENCH_SIZES'] ?? '10000,100000,1000000').split(',').map(Number);
/** A server to measure on; what is written there stays there. */
const EVENT_STORE_URL = process.env['BENCH_EVENT_STORE_URL'];

const resources = new Resources();
const say: Say = line => void process.stderr.write(`${line}\n`);

/** In this order: first what waits for single commits, as the disk is slower for a while after the gigabytes that others write. */
const PARTS: Readonly<Record<string, () => Promise<Row[]>>> = {
  commands: () => measureCommands(resources, say),
  append: async () => [await measureAppending(resources)],
  reading: async () => [await measureRecording(resources), await unsealingRow()],
  start: () => measureStart(resources),
  suspension: async () => [await measureSuspending(SUSPENDED, resources, say)],
  'catch-up': async () => [await measureCatchingUp(resources, say)],
  growth: () => measureGrowth(SIZES, resources, say),
  search: () => measureFinding(PEOPLE, resources, say),
  'long-case': async () => [await longCaseRow(resources)],
  replay: () => measureReplaying(resources),
  log: () => measureLogging(ENTRIES, resources),
  eventstoredb: async () => {
    if (EVENT_STORE_URL === undefined) throw new Error('BENCH_EVENT_STORE_URL is not set');
    return [await measureOpeningOver(EVENT_STORE_URL, resources, say), ...(await eventStoreDbRows(EVENT_STORE_URL, resources))];
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter(part => !(part in PARTS));
if (unknown.length > 0) {
  say(`there is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const rows: Row[] = [];
for (const [part, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 ? !asked.includes(part) : part === 'eventstoredb' && EVENT_STORE_URL === undefined) continue;
  say(`${part} …`);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    say(`could not measure ${part}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
  await resources.giveBack();
}
process.stdout.write(`${tableOf(rows)}\n`);
// The clients of the event store keep the process.
process.exit();
