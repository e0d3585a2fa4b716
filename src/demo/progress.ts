import cliProgress from 'cli-progress';

export interface Progress {
  begin(total: number): void;
  add(count: number): void;
  end(): void;
}

/** A bar on a terminal, and lines elsewhere: one at most for each so many. */
export function progressOf(unit: string, linesOf = 1): Progress {
  if (process.stdout.isTTY) {
    const bar = new cliProgress.SingleBar(
      { format: `{bar} {value} of {total} ${unit}, {duration_formatted}` },
      cliProgress.Presets.shades_classic,
    );
    return { begin: total => bar.start(total, 0), add: count => bar.increment(count), end: () => bar.stop() };
  }
  let done = 0;
  let all = 0;
  const line = (): void => {
    process.stdout.write(`${done} of ${all} ${unit}\n`);
  };
  return {
    begin: total => {
      all = total;
    },
    add: count => {
      const before = done;
      done += count;
      if (Math.floor(before / linesOf) < Math.floor(done / linesOf) || done === all) line();
    },
    end: () => undefined,
  };
}
