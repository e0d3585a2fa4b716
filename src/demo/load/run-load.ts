import type { Config } from '../../config.js';
import { progressOf } from '../progress.js';
import { urlsOf } from '../run-demo.js';
import { type Loaded, loadOverHttp } from './over-http.js';

const LINES_OF = 1_000;

export interface LoadOptions {
  readonly cases: number;
  readonly seed: number;
  readonly concurrency: number;
  readonly url?: readonly string[];
}

/** Loads a running service, with a progress bar. @returns what is to be said of it, and whether all was taken @throws as `loadOverHttp` */
export async function runLoad(config: Config, { url, ...load }: LoadOptions): Promise<{ lines: readonly string[]; isWhole: boolean }> {
  const shown = progressOf('cases', LINES_OF);
  shown.begin(load.cases);
  const loaded = await loadOverHttp(config, { ...load, urls: urlsOf(config, url), progress: shown.add });
  shown.end();
  return { lines: inWords(loaded), isWhole: Object.keys(loaded.errors).length === 0 };
}

function inWords({ commands, seconds, latency: { p50, p95, p99, max }, errors }: Loaded): string[] {
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const failed = Object.entries(errors).map(([code, count]) => `${count} ${code}`);
  return [
    `${commands} commands in ${seconds.toFixed(1)} s: ${(commands / seconds).toFixed(0)}/s`,
    `half within ${ms(p50)}, 95 of 100 within ${ms(p95)}, 99 of 100 within ${ms(p99)}, all within ${ms(max)}`,
    failed.length === 0 ? 'no errors' : `errors: ${failed.join(', ')}`,
  ];
}
