import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BreakReason } from './audit/log/succession.js';
import { type Config, readConfig } from './config.js';
import type { LoadOptions } from './demo/load/run-load.js';
import type { Asked } from './drawn-reports.js';
import type { BackupOptions } from './operating/backup.js';
import { version } from './version.js';

// What needs the whole service is imported by the commands that need it: a token should not take a second.

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
// Whoever reads the output may have seen enough, as `head` has; the command goes on to its end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('caseledger')
  .description('Commands of the case ledger. Settings come from the environment, as for the service.')
  .version(version)
  .showHelpAfterError();

const list = (value: string): string[] =>
  value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean);
const wholeNumber = (value: string): number => {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
};

/** Of commands that look after a ledger: one that is not there was misspelt, or not mounted, and an empty one says that all is well. */
const ofLedger: typeof readConfig = env => ({ ...readConfig(env), begins: false });

program
  .command('token')
  .description('print one token of the local issuer, and nothing else')
  .requiredOption('--sub <id>', 'who the token is for')
  .requiredOption('--roles <list>', 'one or more roles, separated by commas', list)
  .option('--office <code>', 'the office, such as ELP')
  .option('--lifetime <seconds>', 'how long it holds', wholeNumber)
  .action(async ({ roles: named, ...options }: { sub: string; roles: string[]; office?: string; lifetime?: number }) => {
    const { issueLocalToken } = await import('./http/authentication.js');
    const { ROLES, isRole } = await import('./http/roles.js');
    const roles = named.filter(isRole);
    if (roles.length === 0 || roles.length < named.length) throw new Error(`--roles takes ${ROLES.join(', ')}`);
    say(await issueLocalToken(readConfig(process.env), { ...options, roles }));
  });

program
  .command('demo')
  .description('tell a story with invented people to an empty service with a simulated clock: the documented cohort, or a bad day')
  .addOption(
    new Option('--story <name>', 'the people flown to Guatemala, or one flight on which everything comes between')
      .choices(['cohort', 'bad-day'])
      .default('cohort'),
  )
  .option('--url <url...>', 'the service; several processes of it are asked in turn')
  .option('--seed <number>', 'the same seed tells the same story', wholeNumber, 1)
  .action(async ({ url, ...options }: { url?: string[]; story: 'cohort' | 'bad-day'; seed: number }) => {
    const { runDemo } = await import('./demo/run-demo.js');
    await runDemo(readConfig(process.env), { urls: url, ...options });
  });

program
  .command('load')
  .description('synthetic load with invented people: through the HTTP API, or straight into an empty store with --offline')
  .requiredOption('--cases <number>', 'how many people', wholeNumber)
  .option('--seed <number>', 'the same seed invents the same people', wholeNumber, 1)
  .option('--concurrency <number>', 'requests under way at once', wholeNumber, 32)
  .option('--url <url...>', 'the service; several processes of it are asked in turn')
  .option('--offline', 'decide in an invented time and store without a service, to build read models from; never in production')
  .action(async ({ offline = false, ...options }: LoadOptions & { offline?: boolean }) => {
    if (!offline) {
      const { runLoad } = await import('./demo/load/run-load.js');
      const { lines, isWhole } = await runLoad(readConfig(process.env), options);
      for (const line of lines) say(line);
      if (!isWhole) process.exitCode = 1;
      return;
    }
    await withService(
      async (app, config) => {
        const { loadOffline } = await import('./demo/load/offline.js');
        const { progressOf } = await import('./demo/progress.js');
        const shown = progressOf('cases', 1_000);
        shown.begin(options.cases);
        await loadOffline(app, config, { ...options, progress: shown.add });
        shown.end();
      },
      { settings: readConfig },
    );
  });

program
  .command('report')
  .description('print a report as a table, on a terminal with a small chart, or draw it')
  .argument('[name]', 'outcomes, screening, safeguards or workload', 'outcomes')
  .option('--country <code>', 'SV, GT or HN')
  .option('--from <day>', 'the first day, such as 2020-01-01')
  .option('--to <day>', 'the last day')
  .option('--by <group>', 'of outcomes: month, nationality, country, office or minor')
  .option('--svg <file>', 'write a picture to it instead')
  .action((name: string, { svg, ...asked }: Asked & { svg?: string }) =>
    withService(async app => {
      const { drawnReport, REPORTS } = await import('./drawn-reports.js');
      const { asBars, asSvg, asTable } = await import('./reporting/drawn.js');
      const known = REPORTS.find(report => report === name);
      if (!known) throw new Error(`there is no report ${name}: there are ${REPORTS.join(', ')}`);
      const drawn = await drawnReport(app, known, asked);
      if (svg !== undefined) return writeFileSync(svg, asSvg(drawn));
      say(asTable(drawn));
      if (process.stdout.isTTY && drawn.bars.length > 0) say(`\n${asBars(drawn)}`);
    }),
  );

program
  .command('rebuild')
  .description('build a read model, or all of them, anew beside what is there, while the service answers')
  .argument('<read-model|all>')
  .action((name: string) =>
    withService(async app => {
      const { Repair } = await import('./operating/repair.js');
      const { EventProgress } = await import('./operating/event-progress.js');
      const progress = new EventProgress(`rebuild ${name}`);
      await app.get(Repair).rebuild(name, events => progress.add(events));
      progress.end();
    }),
  );

program
  .command('retry')
  .description('apply what a read model or a process could not handle again, after its cause was mended')
  .argument('<read-model|process>')
  .action((name: string) =>
    withService(async app => {
      const { Repair } = await import('./operating/repair.js');
      const { ProcessRunner } = await import('./reacting/process-runner.js');
      const { Processes } = await import('./reacting/process.js');
      if (app.get(Processes).get(name)) {
        say(`${await app.get(ProcessRunner).retryProcess(name)} triggers of ${name} will run again`);
        return;
      }
      const { applied, stillParked, stopped } = await app.get(Repair).retryParked(name);
      say(`${applied} events of ${name} applied; ${stillParked.length} streams still parked`);
      if (stopped !== undefined) throw new Error(`${name} stands still: ${stopped}`);
      if (stillParked.length > 0) process.exitCode = 1;
    }),
  );

program
  .command('migrate')
  .description('bring the database forward to this version')
  .action(async () => {
    const { openDatabase } = await import('./database/open-database.js');
    const open = await openDatabase(readConfig(process.env), { applicationName: 'caseledger-cli', max: 2 });
    await open.close();
    say('the database stands at this version');
  });

program
  .command('copy-events')
  .description(
    'copy every event to another event store, compare the two, and let the service go on from there; no service may run meanwhile',
  )
  .requiredOption('--from <store>', 'embedded (the database of the settings, or its postgres:// URL), esdb://… or kurrentdb://…')
  .requiredOption('--to <store>', 'the same; it is empty, or holds what an earlier run copied')
  .action(async ({ from, to }: { from: string; to: string }) => {
    const { copyStore } = await import('./operating/copy-store.js');
    const { events, hash, readModels, processes, storeId } = await copyStore(ofLedger(process.env), { from, to, ...(await told()) });
    say(`both hold ${events} events, the same in the same order: SHA-256 ${hash}`);
    say(`${readModels} read models and ${processes} processes moved to the store ${storeId}`);
  });

/** Progress and warnings of a command that takes a while. */
async function told(): Promise<BackupOptions> {
  const { EventProgress } = await import('./operating/event-progress.js');
  return { begin: (part, unit) => new EventProgress(part, unit), report: line => process.stderr.write(`${line}\n`) };
}

program
  .command('backup')
  .description('write all events, keys and what processes have to do to one checked file, while the service runs')
  .argument('<file>')
  .action(async (file: string) => {
    const { backUp } = await import('./operating/backup.js');
    const counts = await backUp(ofLedger(process.env), file, await told());
    say(
      `${file} holds ${counts['events'] ?? 0} events, ${counts['data_keys'] ?? 0} keys and ${counts['processes'] ?? 0} processes; ` +
        `it is worth nothing without MASTER_KEY`,
    );
  });

program
  .command('restore')
  .description(
    'put a backup into an empty database, and an empty event store where one is named; no service may run there before it has ended',
  )
  .argument('<file>')
  .action(async (file: string) => {
    const { restore } = await import('./operating/restore.js');
    const counts = await restore(readConfig(process.env), file, await told());
    say(
      `${counts['events'] ?? 0} events, ${counts['data_keys'] ?? 0} keys and ${counts['processes'] ?? 0} processes are restored; ` +
        `read models are built by the service that starts next`,
    );
  });

program
  .command('rotate-log-key')
  .description('let LOG_KEY sign the log from now on, instead of LOG_KEY_PREVIOUS, which announces it')
  .action(() =>
    withService(async app => {
      const { LogKeys } = await import('./audit/log/log-keys.js');
      const followed = await app.get(LogKeys).exchange();
      if (!followed) say('LOG_KEY signs the log already');
      else say(`announced: ${followed.to} follows ${followed.from.id.toString('hex')}, once a service has taken it in`);
    }),
  );

program
  .command('renew-log')
  .description('let the log go on under another name: its key is lost, or an older copy of the database was put in its place')
  .addOption(new Option('--reason <reason>', 'why').choices(['key-lost', 'restored']).makeOptionMandatory())
  .option('--head <file>', 'the newest signed head that was kept elsewhere, which the log is said to break off at')
  .action(({ reason, head }: { reason: BreakReason; head?: string }) =>
    withService(async app => {
      const { LogKeys } = await import('./audit/log/log-keys.js');
      const { newestHead } = await import('./audit/log/kept-heads.js');
      const followed = await app.get(LogKeys).renew(reason, head === undefined ? undefined : newestHead(readFileSync(head, 'utf8')));
      if (followed) say(`announced: ${followed.to} goes on where ${followed.from.name} ends, once a service has taken it in`);
    }),
  );

program
  .command('rotate-master-key')
  .description('wrap every data key with MASTER_KEY that MASTER_KEY_PREVIOUS wraps, while services that know both run')
  .action(async () => {
    const { rotateMasterKey } = await import('./operating/rotate-master-key.js');
    const { rewrapped, keys } = await rotateMasterKey(ofLedger(process.env), await told());
    say(`${rewrapped} data keys were wrapped anew; MASTER_KEY wraps all ${keys}, and MASTER_KEY_PREVIOUS is needed no more`);
  });

program
  .command('verify')
  .description('check a dossier with the public key of the log alone: no service, no database, no settings')
  .argument('<dossier>')
  .requiredOption('--key <key>', 'the public key, or a file that holds it')
  .option('--head <file>', 'one signed head of the log, or all that a witness has: the dossier must be of that log, and no older')
  .option('--open <file>', 'write the events to it, with what is personal opened, a line each')
  .action(async (dossier: string, options: { key: string; head?: string; open?: string }) => {
    const { verifyFile } = await import('./audit/dossier/verify-file.js');
    const { isSound, lines } = await verifyFile(dossier, options);
    for (const line of lines) say(line);
    if (!isSound) process.exitCode = 1;
  });

program
  .command('doctor')
  .description(
    'is every dependency reachable, every stored event as it should be, every deadline waited for, every read model in step and ' +
      'what its events give?',
  )
  .option('--deep', 'compare every row of every read model, not those of a sample')
  .action(({ deep = false }: { deep?: boolean }) =>
    withService(
      async app => {
        const { examine } = await import('./operating/doctor.js');
        const { EventProgress } = await import('./operating/event-progress.js');
        const passing = deep || process.stdout.isTTY ? new EventProgress('doctor') : undefined;
        const { lines, healthy } = await examine(app, { deep, progress: events => passing?.add(events) });
        passing?.end();
        for (const line of lines) say(line);
        if (!healthy) process.exitCode = 1;
      },
      { looksOnly: true },
    ),
  );

type App = Awaited<ReturnType<(typeof import('./http/application.js'))['createApplication']>>;

interface Where {
  readonly settings?: typeof readConfig;
  /** Tells itself what is wrong with the event store. */
  readonly looksOnly?: boolean;
}

/** The service put together, without listening and without following the store, which must be the one that is followed. */
async function withService(
  work: (app: App, config: Config) => Promise<void>,
  { settings = ofLedger, looksOnly = false }: Where = {},
): Promise<void> {
  const { createApplication } = await import('./http/application.js');
  const { AppModule } = await import('./app.module.js');
  const { Followers } = await import('./operating/followers.js');
  const config = settings({ LOG_LEVEL: 'warn', ...process.env });
  const app = await createApplication(AppModule, config);
  try {
    await app.init();
    if (!looksOnly) await app.get(Followers).assertHere();
    await work(app, config);
  } finally {
    await app.close();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const { inOneLine } = await import('./http/application.js');
  process.stderr.write(`${inOneLine(error)}\n`);
  process.exitCode = 1;
}
