import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyFile } from '../../src/audit/dossier/verify-file.js';
import { Caller } from './asking.js';
import { History } from './history.js';
import { fastStore, openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { startService } from './service.js';
import { medianOf, perSecond, times, type Row } from './table.js';

const EVENTS = 10_000;
const WARM_UP = 5;
const ASKED = 15;
const VERIFIED = 5;

interface Replaying {
  /** Milliseconds for the first question about the case, when nothing of it is remembered. */
  readonly first: number;
  /** Milliseconds at the median for the state as of a revision, over HTTP, and for the diff between the two. */
  readonly middle: number;
  readonly last: number;
  readonly diff: number;
  /** For the events of the case to be read from the store, and no more. */
  readonly reading: number;
  /** Events of the dossier that are verified per second, and the whole of it read and parsed as JSON. */
  readonly verified: number;
  readonly parsed: number;
}

/** What an auditor asks of one case of so many events, one question after the other. */
export async function measureReplaying(resources: Resources): Promise<Row[]> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  const [warmUp, caseId] = await new History(store, ledger.keys).writeLong(2, EVENTS);
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  const auditor = await Caller.of(service, dataDir, 'auditor');
  const get = (path: string): Promise<string> => auditor.ask(path);
  const asked = (path: string) => medianOf(ASKED, () => get(`/v1/audit/cases/${caseId}/${path}`));
  // Another case before, so that what is measured is the code as it runs later.
  for (let round = 0; round < WARM_UP; round++) await get(`/v1/audit/cases/${warmUp}/state?revision=${EVENTS - 1}`);
  const first = await medianOf(1, () => get(`/v1/audit/cases/${caseId}/state?revision=${EVENTS - 1}`));
  const middle = await asked(`state?revision=${EVENTS / 2}`);
  const last = await asked(`state?revision=${EVENTS - 1}`);
  const diff = await asked(`diff?from=${EVENTS / 2}&to=${EVENTS - 1}`);
  const reading = await medianOf(ASKED, async () => {
    for await (const page of store.readStream(`case-${caseId}`)) void page;
  });
  const { publicKey } = JSON.parse(await get('/v1/audit/log/checkpoint')) as { publicKey: string };
  const file = join(dataDir, 'dossier.json');
  writeFileSync(file, await get(`/v1/audit/cases/${caseId}/dossier`));
  const verifying = await medianOf(VERIFIED, async () => {
    const { isSound, lines } = await verifyFile(file, { key: publicKey });
    if (!isSound) throw new Error(lines.join());
  });
  const parsing = await medianOf(VERIFIED, async () => JSON.parse(readFileSync(file, 'utf8')) as unknown);
  await service.stop();
  await store.close();
  await ledger.close();
  const rate = (ms: number): number => (EVENTS * 1_000) / ms;
  return replayRows({ first, middle, last, diff, reading, verified: rate(verifying), parsed: rate(parsing) });
}

const replayRows = ({ first, middle, last, diff, reading, verified, parsed }: Replaying): Row[] => [
  {
    what: `a case of ${EVENTS} events as of its middle and its last revision, and their diff, over HTTP`,
    bar: '< 100 ms',
    figure: `${middle.toFixed(0)} ms, ${last.toFixed(0)} ms, diff ${diff.toFixed(0)} ms`,
    ratio: `${times(last / reading)} reading its events (${reading.toFixed(0)} ms)`,
    met: Math.max(middle, last, diff) < 100,
  },
  {
    what: 'its last revision, asked for when nothing of the case is remembered',
    bar: '< 100 ms',
    figure: `${first.toFixed(0)} ms`,
    ratio: `${times(first / reading)} reading its events, and each of them is opened and folded too`,
    met: first < 100,
  },
  {
    what: `verify of the dossier of a case of ${EVENTS} events`,
    bar: '≥ 50k events/s',
    figure: perSecond(verified),
    ratio: `${times(verified / parsed)} parsing it as JSON (${perSecond(parsed)})`,
    met: verified >= 50_000,
  },
];
