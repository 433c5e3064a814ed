// Writes the reports of the public API anew: `npm run api`.

import { mkdtempSync, copyFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENTRY_POINTS, REPORTS, writeReport } from './reports.ts';

const folder = mkdtempSync(join(tmpdir(), 'api-'));
for (const entryPoint of ENTRY_POINTS) {
  const errors = writeReport(entryPoint, folder);
  if (errors.length > 0) throw new Error(`${entryPoint.report}: ${errors.join('\n')}`);
  copyFileSync(join(folder, entryPoint.report), join(REPORTS, entryPoint.report));
  console.log(entryPoint.report);
}
rmSync(folder, { recursive: true });
