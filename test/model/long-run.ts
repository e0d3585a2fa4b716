import 'reflect-metadata';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { agreementRuleBook } from '../../src/agreements/agreement.rules.js';
import { caseRuleBook } from '../../src/cases/case.rule-book.js';
import { STATUSES } from '../../src/cases/case.status.js';
import { familyRuleBook } from '../../src/families/family.rules.js';
import { manifestRuleBook } from '../../src/manifests/manifest.rules.js';
import { receptionRuleBook } from '../../src/reception/reception.rules.js';
import { InMemoryCaseledger, KINDS } from '../support/in-memory-caseledger.js';
import { LINES } from './commands.js';
import { Draw } from './draw.js';
import { goThrough, histories, type History } from './histories.js';
import { Breach } from './safeguards.js';
import { Tally } from './tally.js';

/*
 * The model at length: `npm run test:long -- --steps 1000000 --seed 1 --processes 2`, or MODEL_STEPS, MODEL_SEED and
 * MODEL_PROCESSES. A failure is printed with all that led to it: at once, and at the end as short as it could be made in ten minutes.
 * `--history '<what it printed last>'` goes through that one again.
 */

const LONGEST = 200;
const HISTORIES_AT_ONCE = 100;
/** Of that many histories together with making a failure shorter, which could go on for hours. */
const AT_MOST_MS = 600_000;

const COUNTED = ['statuses', 'events', 'codes', 'commands', 'faults'] as const;
type Counts = Readonly<Record<(typeof COUNTED)[number], readonly (readonly [string, number])[]>> & {
  readonly steps: number;
  readonly histories: number;
};
type Told = { readonly counts: Counts } | { readonly found: string } | { readonly failure: string };

/** What there is to be reached; what never can be is named with its reason. */
const NEVER: Readonly<Record<string, string>> = { 'file-full': 'takes 50,000 entries in one file' };
const EXPECTED: Readonly<Record<'statuses' | 'events' | 'codes' | 'commands', readonly string[]>> = {
  statuses: STATUSES,
  events: KINDS.flatMap(kind => Object.keys(kind.events)),
  codes: [
    ...new Set([caseRuleBook, manifestRuleBook, familyRuleBook, receptionRuleBook, agreementRuleBook].flatMap(book => Object.keys(book))),
  ],
  commands: [...new Set(LINES.map(({ name }) => name))],
};

const { values } = parseArgs({
  options: { steps: { type: 'string' }, seed: { type: 'string' }, processes: { type: 'string' }, history: { type: 'string' } },
});
const steps = Number(values.steps ?? process.env['MODEL_STEPS'] ?? 1_000_000);
const seed = Number(values.seed ?? process.env['MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const processes = Number(values.processes ?? process.env['MODEL_PROCESSES'] ?? 2);

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One of several processes. */
async function work(): Promise<void> {
  const tally = new Tally();
  const tell = (told: Told): void => {
    process.send?.(told);
  };
  let found = false;
  const through = async (history: History): Promise<void> => {
    try {
      await goThrough(history, tally);
    } catch (error) {
      if (!found) tell({ found: (error as Error).message });
      found = true;
      throw error;
    }
  };
  try {
    for (let round = 0; tally.steps < steps; round++) {
      await fc.assert(fc.asyncProperty(histories(LONGEST), through), {
        seed: seed + round * processes,
        numRuns: HISTORIES_AT_ONCE,
        interruptAfterTimeLimit: AT_MOST_MS,
      });
      tell({ counts: countsOf(tally) });
    }
  } catch (error) {
    const { message, cause } = error as Error;
    tell({ failure: cause instanceof Error ? `${message}\n${cause.message}` : message });
  }
  process.disconnect?.();
}

const countsOf = (tally: Tally): Counts =>
  ({
    ...Object.fromEntries(COUNTED.map(each => [each, [...tally[each]]])),
    steps: tally.steps,
    histories: tally.histories,
  }) as unknown as Counts;

async function lead(): Promise<void> {
  say(`seed ${seed}, ${steps} steps in ${processes} processes`);
  const told = await Promise.all(Array.from({ length: processes }, (_, index) => part(seed + index, Math.ceil(steps / processes))));
  const failures = told.flatMap(each => each.failures);
  for (const failure of failures) say(failure);
  const counts = told.flatMap(each => each.counts);
  say(`${sum(counts, 'steps')} steps in ${sum(counts, 'histories')} histories`);
  const unreached = report(counts);
  const unnoticed = failures.length > 0 ? [] : await idleUnnoticed();
  if (unreached.length > 0) say(`never reached: ${unreached.join(', ')}`);
  if (unnoticed.length > 0) say(`not noticed when it does nothing: ${unnoticed.join(', ')}`);
  process.exitCode = failures.length + unreached.length + unnoticed.length > 0 ? 1 : 0;
}

const sum = (counts: readonly Counts[], what: 'steps' | 'histories'): number => counts.reduce((total, each) => total + each[what], 0);

function part(from: number, count: number): Promise<{ readonly counts: readonly Counts[]; readonly failures: readonly string[] }> {
  const child = fork(fileURLToPath(import.meta.url), ['--seed', String(from), '--steps', String(count), '--processes', String(processes)]);
  let last: Counts | undefined;
  const failures: string[] = [];
  child.on('message', (message: Told) => {
    if ('found' in message) say(`found, and is being made shorter:\n${message.found}`);
    else if ('failure' in message) failures.push(message.failure);
    else last = message.counts;
  });
  return new Promise(resolve => {
    child.on('exit', code => {
      if (code !== 0) failures.push(`a process ended with ${code}`);
      resolve({ counts: last ? [last] : [], failures });
    });
  });
}

/** Prints how often each was reached; what never was, without a reason. */
function report(counts: readonly Counts[]): string[] {
  const unreached: string[] = [];
  for (const what of COUNTED) {
    const totals = new Map((what === 'faults' ? [] : EXPECTED[what]).map((name): [string, number] => [name, 0]));
    for (const [name, count] of counts.flatMap(each => each[what])) totals.set(name, (totals.get(name) ?? 0) + count);
    say(`\n${what}`);
    for (const [name, count] of totals) {
      const reason = count === 0 ? NEVER[name] : undefined;
      say(`${String(count).padStart(10)}  ${name}${reason ? `: ${reason}` : ''}`);
      if (count === 0 && reason === undefined) unreached.push(name);
    }
  }
  return unreached;
}

/** A model that would pass over a process that does nothing would tell nothing of it. */
async function idleUnnoticed(): Promise<string[]> {
  const unnoticed: string[] = [];
  for (const { name } of new InMemoryCaseledger().processes.all()) {
    const draw = new Draw(seed);
    let noticed = 0;
    for (let count = 1; count <= 500 && noticed === 0; count++) {
      const history = { beginning: draw.below(2 ** 31), steps: Array.from({ length: LONGEST }, () => draw.below(2 ** 31)) };
      const cause = await goThrough(history, new Tally(), name).then(
        () => undefined,
        (error: Error) => error.cause,
      );
      if (cause instanceof Breach) noticed = count;
      else if (cause) throw cause;
    }
    say(noticed > 0 ? `${name} that does nothing is noticed after ${noticed} histories` : `${name} that does nothing is not noticed`);
    if (noticed === 0) unnoticed.push(name);
  }
  return unnoticed;
}

if (process.send) await work();
else if (values.history) await goThrough(JSON.parse(values.history) as History, new Tally());
else await lead();
