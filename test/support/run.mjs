import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of this run of all specs, for what is made once. */
export default function begin() {
  process.env.SPECS_RUN = mkdtempSync(join(tmpdir(), 'caseledger-run-'));
  process.once('exit', () => rmSync(process.env.SPECS_RUN, { recursive: true, force: true }));
}
