import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { eventually } from '../support/world.js';

/**
 * The path of Chromium's program, unpacked where it is not there yet. In a run of all specs by the worker that comes first, while the
 * others wait: the package takes a program that is being written for a whole one.
 */
export async function program(): Promise<string> {
  const { SPECS_RUN } = process.env;
  if (SPECS_RUN === undefined) return sparticuz.executablePath();
  const whole = join(SPECS_RUN, 'chromium-is-whole');
  if (first(join(SPECS_RUN, 'chromium-is-begun'))) {
    await sparticuz.executablePath();
    writeFileSync(whole, '');
  }
  await eventually('Chromium is unpacked', () => existsSync(whole));
  return sparticuz.executablePath();
}

function first(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch {
    return false;
  }
}
